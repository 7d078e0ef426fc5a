import Causality
package import Changes
import Items
import Wire

/// Copying a table from a member: the one procedure for joining.
/// A table that is too far behind is brought up in the same chunks; see `WriteGroup+Resync.swift`.
///
/// States of the replica: *joining* (rows come in chunks, in key order, each in one transaction with
/// the cursor), then *catching up* (the rows may show changes beyond the vector `W` of the first
/// chunk; ordinary batches after `W` bring the rest, until the vector covers the last chunk's), then
/// *active*. While rows come, no batch merges into the table: it has no cursor yet. A copy that
/// begins anew first removes what an earlier one left, so nothing deleted meanwhile survives.
///
/// Each chunk is read from a snapshot of its own. That is enough: a row is only ever replaced by a
/// merge, so a later snapshot holds everything at or below `W`, or what overwrote it; what it holds
/// beyond `W` comes again as stale. No long-lived read transaction holds back the source's log, and
/// a copy goes on after a crash of any of the three processes.
extension WriteGroup {
    package func apply(_ chunk: SnapshotChunk) throws -> ApplyReply {
        try settleDescriptions()
        guard let table = engine.catalog[id: chunk.table] else {
            throw PeerRefusal(.unknownTable, "table \(chunk.table) is not known here")
        }
        if chunk.table == .system { return try mergeSystem(chunk, table) }
        if table.state.resync != nil { return try merge(chunk, resyncing: table) }
        let source = chunk.source.region
        guard case .joining(var copy) = table.state.phase,
            engine.position(for: source, wallMilliseconds: wallMilliseconds).joins
                .contains(LinkPosition.Join(table: chunk.table, after: chunk.after))
        else { return reply(to: source, .outOfStep) }
        // A chunk of an earlier attempt, delayed till now, may fit by its key, but lacks what changed
        // before the copy's first chunk was read.
        guard chunk.after == nil || chunk.vector.covers(copy.shown) else {
            // Or the source was put back from older files: whoever answers first begins anew.
            copy.touchedMilliseconds = 0
            changeState(table.id) { $0.phase = .joining(copy) }
            return reply(to: source, .outOfStep)
        }
        guard !isAhead(chunk.vector), !isAhead(chunk.shown) else {
            return reply(to: source, .skewed)
        }
        let rows = try decode(chunk, of: table)

        if chunk.after == nil {
            if !engine.settings.plantedBugs.contains(.copyWithoutClearing) { try clear(table) }
            copy = TableState.Copy(invitation: copy.invitation)
            copy.source = source
            copy.vector = chunk.vector
        }
        copy.shown = chunk.vector
        for row in rows {
            observe(row.version.stamp.time)
            try replace(nil, by: row.version, in: table, at: row.key)
        }
        copy.after = rows.last?.key ?? copy.after
        copy.rowsCopied += UInt64(rows.count)
        copy.rowsExpected = chunk.itemsExpected
        copy.touchedMilliseconds = wallMilliseconds
        for entry in chunk.vector.entries { observe(entry.time) }
        if chunk.isLast {
            try finishCopy(table, copy.vector, chunk)
        } else {
            changeState(table.id) { $0.phase = .joining(copy) }
        }
        return reply(to: source, .applied)
    }

    func reply(to source: String, _ outcome: ApplyReply.Outcome) -> ApplyReply {
        ApplyReply(
            outcome: outcome,
            position: engine.position(for: source, wallMilliseconds: wallMilliseconds),
        )
    }

    func isAhead(_ vector: VersionVector) -> Bool {
        vector.entries.contains { isTooFarAhead($0.time) }
    }

    private func clear(_ table: Table) throws {
        try store.deleteRange(.items, from: table.rowPrefix, to: table.rowEnd)
        try store.deleteRange(.tombstones, from: table.rowPrefix, to: table.rowEnd)
        try clearIndexes(of: table)
        try clearQuarantine(of: table)
        clearCounts(table.number)
    }

    /// Decodes all rows before any is stored: a malformed chunk changes nothing.
    func decode(
        _ chunk: SnapshotChunk,
        of table: Table,
    ) throws -> [(key: [UInt8], version: Version)] {
        var rows: [(key: [UInt8], version: Version)] = []
        rows.reserveCapacity(chunk.rows.count)
        var last = chunk.after
        guard !isTooFarAhead(chunk.base) else {
            throw PeerRefusal(.badRequest, "a base is from far beyond its snapshot")
        }
        for row in chunk.rows {
            if let last, !last.lexicographicallyPrecedes(row.key) {
                throw PeerRefusal(.badRequest, "a snapshot's rows are out of order")
            }
            let version = try Version(decoding: row.version)
            guard !isTooFarAhead(version.stamp.time) else {
                throw PeerRefusal(.badRequest, "a row is from far beyond its snapshot")
            }
            try RegionEngine.check(version, at: row.key, of: table)
            rows.append((row.key, version))
            last = row.key
        }
        return rows
    }

    private func finishCopy(
        _ table: Table,
        _ vector: VersionVector,
        _ chunk: SnapshotChunk,
    ) throws {
        let adopts =
            engine.settings.plantedBugs.contains(.snapshotVectorForAllTables)
            ? engine.catalog.all.map(\.id) : [table.id]
        for id in adopts {
            for entry in vector.entries where entry.origin != engine.origin {
                engine.applied.raise(entry.origin, to: entry.time, for: [id])
            }
        }
        try beginReturning(to: table.id, copied: vector)
        if engine.returning[table.id] == nil { raiseOwnClosed(of: table.id, in: vector) }
        for entry in vector.entries where entry.origin != engine.origin {
            let row = engine.applied.row(of: entry.origin)
            try store.put(.applied, AppliedTimes.key(of: entry.origin), row)
        }
        let wholeFrom = ofOthers(vector)
        changeState(table.id) { state in
            state.phase = .catchingUp(until: chunk.shown)
            state.base = max(state.base, chunk.base)
            state.wholeFrom = wholeFrom
        }
        try settleStream(of: table.id)
        try settleExpiry(of: table.id)
        try finishCatchingUp([table.id])
    }

    /// Of this region's closed incarnations that wrote to the table in an earlier membership nothing is
    /// missing through their ends: what they wrote the others held when the region left, or it was kept
    /// aside as unshipped.
    ///
    /// An incarnation that ended while the region was no member would otherwise stand, here and
    /// wherever this region feeds, where it stood when the region left: its entry would never reach the
    /// times of what it did later elsewhere, which a causal token may name (`Reach`).
    func raiseOwnClosed(of id: TableID, in vector: VersionVector) {
        for end in engine.catalog.closed where vector[end.origin] > .zero {
            engine.applied.raise(end.origin, to: end.time, for: [id])
        }
    }

    /// The system table is merged, not copied: this region's own descriptions stand in it already,
    /// and none of its tombstones ever goes.
    ///
    /// It comes in one chunk.
    private func mergeSystem(_ chunk: SnapshotChunk, _ system: Table) throws -> ApplyReply {
        let source = chunk.source.region
        guard chunk.after == nil, chunk.isLast else {
            throw PeerRefusal(.badRequest, "the system table comes in one chunk")
        }
        guard !isAhead(chunk.vector) else { return reply(to: source, .skewed) }
        // Rows say where changes ended, not what they were: they cannot wait behind one.
        guard engine.quarantine[.system] == nil else {
            throw PeerRefusal(.partial, "descriptions here have changes in quarantine")
        }
        var tally = Tally()
        for row in try decode(chunk, of: system) {
            let trouble = try merge(row.version, into: system, at: row.key, isRow: true, &tally)
            guard let trouble else { continue }
            engine.alarms.append("\(row.version.stamp) was not merged: \(trouble)")
        }
        let before = engine.applied[.system]
        let risen = VersionVector(chunk.vector.entries.filter { $0.time > before[$0.origin] })
        for entry in chunk.vector.entries where entry.origin.region != engine.region {
            engine.applied.raise(entry.origin, to: entry.time, for: [.system])
            observe(entry.time)
            let row = engine.applied.row(of: entry.origin)
            try store.put(.applied, AppliedTimes.key(of: entry.origin), row)
        }
        let wholeFrom = ofOthers(risen)
        changeState(.system) { $0.wholeFrom.join(wholeFrom) }
        return reply(to: source, .applied)
    }

    /// The entries of other regions' origins, and those of this region's own that are beyond what it
    /// knows to have written itself: its files may be an older copy.
    ///
    /// A copy begins those histories here at its vector; what this region has of its own is whole
    /// whatever it copies, also that of an earlier membership.
    func ofOthers(_ vector: VersionVector) -> VersionVector {
        VersionVector(
            vector.entries.filter { entry in
                guard entry.origin.region == engine.region else { return true }
                let end = engine.catalog.closed.first { $0.origin == entry.origin }?.time
                return entry.origin != engine.origin && entry.time > end ?? .zero
            }
        )
    }
}
