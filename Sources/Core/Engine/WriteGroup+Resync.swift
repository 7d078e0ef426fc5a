import Causality
import Changes
import Items
import Wire

/// Bringing up a table that is too far behind: a copy is merged into it while it stays active.
///
/// **Problem.** History is kept up to a bound. A region that was away for longer finds that what it
/// lacks of an origin is gone there. It has writes of its own that nobody has seen yet, its
/// applications read and write on, and batches of other origins still come.
///
/// **Idea.** The source leaves such a table out of its batches and says so (`ChangeBatch.Lack`). The
/// table then asks for a copy, in chunks in key order as in joining, of whichever member can give one
/// that holds all that is needed. The rows are not put in the place of what is here: each is merged by
/// the ordinary rule, losers to the conflict log. With the last chunk the table's vector rises to `W`,
/// that of the first chunk's snapshot, and what is whole of the histories here begins there.
///
/// **Invariants.**
/// - *Complete*: the rows as a whole hold the effect of all at or below `W` (a row is only replaced by
///   what wins over it), and so does what they are merged into.
/// - *Deletes by absence*: tombstones that all members are known to have are forgotten, and a region
///   that was put back from older files may have an item whose delete nobody can tell it any more. An
///   item in a chunk's range that is absent from the chunk, and whose stamp `W` covers, was deleted
///   and forgotten: the source held it once. It is removed in the transaction that merges the chunk,
///   and so is a tombstone. One whose stamp `W` does not cover is one that the source has not seen: it
///   stays.
/// - *Nothing comes back*: of a key that the copy has passed, and that is absent, all that `W` covers
///   has been seen. A batch that brings such a change late brings nothing (`isKnownAbsent`).
/// - *Prefix*: rows may show more than the vector says (`Resync.shown`), until it covers that. Meanwhile
///   the table serves, but a copy made of it says what it may show (`SnapshotChunk.shown`), and nobody
///   counts on a prefix. What the region claims to have applied is the vector, as ever.
/// - No tombstone of the table goes while a copy is merged.
///
/// So two regions may bring each other up at one time: each gives what its vector holds, merged or not.
///
/// The place lies here, with what was merged, so a crash of the source, of the daemon or of this region
/// costs one chunk. A source that is silent is replaced by another, from the first key on; what was
/// merged of it stays, and stays bounded by `shown`.
extension WriteGroup {
    /// Takes note of what a source does not hold whole from where this region stands.
    func noteLacks(_ header: ChangeBatch.Header) {
        let source = header.source.region
        for lack in header.lacks {
            guard let table = engine.catalog[id: lack.table], lack.table != .system,
                table.state.isMerging, engine.takes(table, from: source),
                lack.origin != engine.origin, !isTooFarAhead(lack.floor),
                engine.applied[lack.table][lack.origin] < lack.floor
            else { continue }
            let isCertain = lack.origin.region == source
            let members = table.description.members
            // See `settleResyncs`: what only a region has that is no member is not waited for.
            guard members.contains(lack.origin.region) || members.contains(source) else { continue }
            var resync =
                table.state.resync ?? TableState.Resync(sinceMilliseconds: wallMilliseconds)
            guard resync.needed[lack.origin] < lack.floor || isCertain && !resync.isCertain else {
                continue
            }
            if resync.needed.isEmpty {
                resync.sinceMilliseconds = wallMilliseconds
                engine.notices.append(
                    "table \(table.name) is too far behind \(lack.origin.region) for its history, "
                        + "and is brought up by a copy"
                )
            }
            resync.needed.raise(lack.origin, to: lack.floor)
            resync.isCertain = resync.isCertain || isCertain
            changeState(lack.table) { $0.resync = resync }
        }
    }

    /// Merges the next rows of a copy into a table that is too far behind.
    func merge(_ chunk: SnapshotChunk, resyncing table: Table) throws -> ApplyReply {
        let source = chunk.source.region
        let join = LinkPosition.Join(table: chunk.table, after: chunk.after)
        guard var resync = table.state.resync,
            engine.position(for: source, wallMilliseconds: wallMilliseconds).joins.contains(join)
        else { return reply(to: source, .outOfStep) }
        guard chunk.after != nil || helps(chunk.vector, resync.needed) else {
            // It has nothing of what is needed, and another may.
            engine.unfit[table.id, default: [:]][source] = wallMilliseconds
            return reply(to: source, .outOfStep)
        }
        // The source was put back from older files, or this is of an earlier attempt, delayed till now:
        // whoever answers first begins anew.
        guard chunk.after == nil || chunk.vector.covers(resync.latest) else {
            changeState(table.id) { $0.resync?.touchedMilliseconds = 0 }
            return reply(to: source, .outOfStep)
        }
        guard !isAhead(chunk.vector), !isAhead(chunk.shown) else {
            return reply(to: source, .skewed)
        }
        let rows = try decode(chunk, of: table)

        if chunk.after == nil { resync.begin(from: source, chunk.vector, base: chunk.base) }
        resync.latest = chunk.vector
        resync.touchedMilliseconds = wallMilliseconds
        // A chunk that has to remove too much at a time is taken as one that ends there.
        let cut = try sweep(chunk, rows.map(\.key), of: table, covered: resync.vector)
        let taken = cut.map { cut in rows.filter { ByteOrder.compare($0.key, cut) <= 0 } } ?? rows
        resync.shown.join(chunk.shown)
        try merge(taken, into: table)
        resync.after = cut ?? rows.last?.key ?? resync.after
        resync.rowsMerged += UInt64(taken.count)
        resync.rowsExpected = chunk.itemsExpected
        for entry in chunk.shown.entries { observe(entry.time) }
        changeState(table.id) { $0.resync = resync }
        if chunk.isLast, cut == nil { try finish(resync, of: table.id) }
        settleResyncs(of: [table.id])
        try finishCatchingUp([table.id])
        return reply(to: source, .applied)
    }

    /// Whether a copy brings some of what is needed; what it leaves, the next one brings.
    ///
    /// Where nothing is needed, an earlier copy is to be brought to its end.
    ///
    /// To ask for all of it would let regions that all fell behind each other wait for ever: none of
    /// them has what each of the others lacks.
    private func helps(_ vector: VersionVector, _ needed: VersionVector) -> Bool {
        needed.isEmpty || needed.entries.contains { vector[$0.origin] >= $0.time }
    }

    private func merge(_ rows: [(key: [UInt8], version: Version)], into table: Table) throws {
        var tally = Tally()
        for row in rows {
            observe(row.version.stamp.time)
            let trouble = try merge(row.version, into: table, at: row.key, isRow: true, &tally)
            guard let trouble else { continue }
            engine.alarms.append("\(row.version.stamp) was not merged: \(trouble)")
        }
    }

    // MARK: Deletes by absence

    /// Removes what is in a chunk's range, absent from it, and seen by its source.
    ///
    /// Tombstones too: the source's may have covered more when it was forgotten than the one here does.
    ///
    /// - Returns: the key through which they are gone, where that is not the whole range.
    private func sweep(
        _ chunk: SnapshotChunk,
        _ keys: [[UInt8]],
        of table: Table,
        covered: VersionVector,
    ) throws -> [UInt8]? {
        guard !engine.settings.plantedBugs.contains(.resyncWithoutSweep) else { return nil }
        let ignoresVector = engine.settings.plantedBugs.contains(.sweepIgnoresVector)
        let present = Set(keys)
        var absent: [(key: [UInt8], version: Version)] = []
        var bytes = 0
        let from = chunk.after.map { table.row($0) + [0] } ?? table.rowPrefix
        let end = chunk.isLast ? table.rowEnd : keys.last.map { table.row($0) + [0] } ?? from
        try store.range(.items, from: from, to: end, reversed: false) { row, value in
            let key = [UInt8](row[Table.rowPrefixBytes...])
            guard !present.contains(key) else { return true }
            let version = try Version(decoding: value)
            guard ignoresVector || covered.covers(version.stamp) else { return true }
            absent.append((key, version))
            bytes += row.count + value.count
            return bytes < engine.settings.sweepBytesMax
        }
        for (key, version) in absent { try remove(version, at: key, of: table) }
        return bytes < engine.settings.sweepBytesMax ? nil : absent.last?.key
    }

    /// Removes an item with all that is derived from it, and leaves no tombstone.
    private func remove(_ version: Version, at key: [UInt8], of table: Table) throws {
        let mark = Version(
            stamp: version.stamp,
            ancestry: version.ancestry,
            image: nil,
            sizeBytes: 0,
        )
        if !version.isTombstone { try replace(version, by: mark, in: table, at: key) }
        try store.delete(.tombstones, TombstoneKey.key(table.number, mark.stamp.time, key))
        try store.delete(.items, table.row(key))
    }

    /// Whether an absent key is one that a copy has passed, of whose changes it holds this one: it was
    /// deleted and forgotten.
    func isKnownAbsent(_ stamp: Stamp, at key: [UInt8], of table: Table) -> Bool {
        guard let resync = table.state.resync, resync.source != nil, let after = resync.after
        else { return false }
        return resync.vector.covers(stamp) && !after.lexicographicallyPrecedes(key)
    }

    // MARK: The end

    /// All rows are here: the table holds what the copy held.
    private func finish(_ resync: TableState.Resync, of id: TableID) throws {
        let before = engine.applied[id]
        let risen = VersionVector(
            resync.vector.entries.filter {
                $0.origin != engine.origin && $0.time > before[$0.origin]
            }
        )
        for entry in risen.entries { engine.applied.raise(entry.origin, to: entry.time, for: [id]) }
        for entry in risen.entries {
            let row = engine.applied.row(of: entry.origin)
            try store.put(.applied, AppliedTimes.key(of: entry.origin), row)
        }
        engine.stableTimes.removeAll()
        let wholeFrom = ofOthers(risen)
        changeState(id) { state in
            state.base = max(state.base, resync.base)
            state.wholeFrom.join(wholeFrom)
            state.resync?.end()
        }
    }

    /// Goes on where nothing is needed or shown beyond the vector any more.
    ///
    /// A copy that has begun goes on to its end, also if all that was needed has come by
    /// relay meanwhile, unless the table has all that the copy holds: only then does nothing come any
    /// more that an item which was swept away had seen.
    ///
    /// Of a region that is no member any more, only what a member holds is waited for: one that was
    /// removed may have taken the rest with it.
    func settleResyncs(of ids: [TableID]) {
        for id in ids {
            guard let table = engine.catalog[id: id], let old = table.state.resync else { continue }
            let vector = engine.vector(of: id)
            let members = table.description.members
            func left(_ wanted: VersionVector) -> VersionVector {
                VersionVector(
                    wanted.entries.filter { entry in
                        vector[entry.origin] < entry.time
                            && (members.contains(entry.origin.region)
                                || members.contains {
                                    engine.peers.vector(of: $0, for: id)[entry.origin] >= entry.time
                                })
                    }
                )
            }
            var resync = old
            resync.needed = left(old.needed)
            let hasBegun = old.source != nil
            if resync.needed.isEmpty, !hasBegun || left(old.vector).isEmpty {
                resync.end()
                resync.isCertain = false
                resync.shown = left(old.shown)
                // A region that left ships no more, and what it wrote is relayed to nobody who has all
                // its changes but not its last word: another copy brings that.
                let departed = resync.shown.entries.filter { !members.contains($0.origin.region) }
                resync.needed = VersionVector(departed)
            }
            guard resync != old else { continue }
            let isOver = resync.needed.isEmpty && resync.source == nil && resync.shown.isEmpty
            changeState(id) { $0.resync = isOver ? nil : resync }
            guard isOver else { continue }
            engine.unfit[id] = nil
            engine.notices.append("table \(table.name) is brought up")
        }
    }
}

extension RegionEngine {
    /// What to copy from `source` for a table that is too far behind, if the time has come.
    ///
    /// Where no region has said so of its own history, one that holds more of it may yet relay what is
    /// lacking, and is waited for. Changes in quarantine cannot be told from what a row has seen: an
    /// operator has to settle them first.
    func resyncJoin(
        _ table: Table,
        from source: String,
        _ wallMilliseconds: UInt64,
    ) -> LinkPosition.Join? {
        func isOver(_ since: UInt64) -> Bool {
            wallMilliseconds > since &+ RegionEngine.copySilenceMilliseconds
                || wallMilliseconds < since
        }
        guard let resync = table.state.resync, !resync.needed.isEmpty || resync.source != nil,
            quarantine[table.id] == nil,
            resync.isCertain || isOver(resync.sinceMilliseconds),
            let replica = table.description.replica(in: source),
            replica.status == .active || replica.status == .deleting
        else { return nil }
        if resync.source == source {
            let goesOn = resync.touchedMilliseconds > 0
            return .init(table: table.id, after: goesOn ? resync.after : nil)
        }
        if let found = unfit[table.id]?[source], !isOver(found) { return nil }
        guard resync.source == nil || isOver(resync.touchedMilliseconds) else { return nil }
        return .init(table: table.id, after: nil)
    }
}
