import Causality
package import Changes
import Items
import Wire

/// Merging what came from another region: a batch of changes, or rows of a snapshot.
///
/// Invariants: merged changes, those set aside, the history that keeps them all (losers too), the
/// conflict log, the link's account and the cursor move in one transaction. A batch that does not
/// begin where the cursor stands is refused whole, so redelivery, reordering and two daemons at once
/// are harmless.
extension WriteGroup {
    /// Merges a batch.
    /// - Throws: `PeerRefusal` for one that no cursor makes right; nothing of it is merged then.
    package func apply(_ batch: ChangeBatch) throws -> ApplyReply {
        try apply(ScannedBatch(batch))
    }

    /// The same with one that was looked at before.
    package func apply(_ scanned: ScannedBatch) throws -> ApplyReply {
        let batch = scanned.batch
        try settleDescriptions()
        let header = batch.header
        try check(header)
        if !header.isRelayed { engine.heard[header.source.region] = wallMilliseconds }
        guard isInStep(header) else { return reply(.outOfStep, to: header.source.region) }
        let merged = try batch.records.withUnsafeBytes { records in
            let arrivals = try decode(scanned, records)
            try refuseIfFull(arrivals, of: batch)
            try retryBeforeSettingAside(arrivals)
            noteLacks(header)
            try keep(arrivals, of: batch)
            return try merge(arrivals, of: batch)
        }
        let through = max(header.after, reached(by: merged, header))
        let held = merged.held(in: header, through)
        try advance(header, to: through)
        try account(merged.times, merged.tally, of: header, through: through, held: held)
        try noteRecovered(merged.tally, header)
        let isWhole = through == header.through
        if isWhole, header.isComplete { try learn(header) }
        // First what the batch says of the replicas: one it removes does not come up with it.
        try settleDescriptions()
        settleResyncs(of: header.tables)
        try finishCatchingUp(header.tables)
        let outcome: ApplyReply.Outcome = isWhole ? .applied : .skewed
        var answer = reply(outcome, to: header.source.region, merged.tally)
        answer.aheadMilliseconds = aheadMilliseconds(held)
        return answer
    }

    /// Where this region stands with a source, without applying anything.
    package func position(for source: String) -> ApplyReply {
        reply(.applied, to: source)
    }

    private func reply(
        _ outcome: ApplyReply.Outcome,
        to source: String,
        _ tally: Tally = Tally(),
    ) -> ApplyReply {
        let position = engine.position(for: source, wallMilliseconds: wallMilliseconds)
        return ApplyReply(outcome: outcome, position: position, tally: tally)
    }

    private func check(_ header: ChangeBatch.Header) throws {
        guard header.source.region != engine.region else {
            throw PeerRefusal(.badRequest, "a region takes no batch of its own changes")
        }
        guard !header.isRelayed || !header.isComplete else {
            throw PeerRefusal(.badRequest, "only a region itself says that it wrote no more")
        }
        guard header.through >= header.after, !header.tables.isEmpty else {
            throw PeerRefusal(.badRequest, "the batch ends before it begins, or names no table")
        }
        for id in header.tables {
            guard let table = engine.catalog[id: id], table.state.isMerging else {
                throw PeerRefusal(.unknownTable, "table \(id) takes no changes here")
            }
            guard engine.takes(table, from: header.source.region) else {
                throw PeerRefusal(.notMember, "\(header.source.region) has no replica of \(id)")
            }
        }
    }

    private func isInStep(_ header: ChangeBatch.Header) -> Bool {
        if engine.settings.plantedBugs.contains(.gapsAccepted) { return true }
        // Asked for by the incarnation before this one, which then was not closed.
        guard header.origin != engine.origin else { return false }
        return header.tables.allSatisfy { id in
            let vector = engine.applied[id]
            guard vector[header.origin] == header.after else { return false }
            guard let predecessor = header.predecessor, header.after == .zero,
                !engine.settings.plantedBugs.contains(.closedIncarnationIgnored)
            else { return true }
            return vector[predecessor.origin] >= predecessor.time
        }
    }

    /// What a batch brings, in order; it lies in `records`, the batch's.
    ///
    /// A batch that is not what its header says is refused whole: it was cut short or garbled on its
    /// way, and comes again. A change that is well framed and yet cannot be is no reason to refuse the
    /// others.
    private func decode(
        _ scanned: ScannedBatch,
        _ records: UnsafeRawBufferPointer,
    ) throws -> [Incoming] {
        let header = scanned.batch.header
        var arrivals: [Incoming] = []
        arrivals.reserveCapacity(min(header.changes, records.count / ChangeCoding.bytesMin))
        // Those that merge plainly have their schema.
        var schemas: [TableID: TableSchema?] = [:]
        for id in header.tables {
            let table = engine.catalog[id: id]
            // Nothing of the batch is kept where one of them cannot be written to, and no run of merges ends
            // in the middle, with what others have in its stream.
            if let table { try checkCounts(of: table) }
            schemas[id] = .some(table.flatMap { mergesPlainly($0) ? $0.schema : nil })
        }
        // Changes to one table mostly come in a row.
        var current: (id: TableID, schema: TableSchema?)?
        var last = (time: header.after, ordinal: UInt16.max)
        var reader = ByteReader(records)
        try header.origin.withBytes { origin in
            while let framed = try ChangeCoding.next(&reader) {
                let place = reader.offset - framed.bytes.count..<reader.offset
                if current?.id != framed.table {
                    current = schemas[framed.table].map { (framed.table, $0) }
                }
                let incoming: Incoming
                if let schema = current?.schema,
                    let change = PlainChange(framed.bytes, origin: origin),
                    scanned.isItem(at: arrivals.count, of: framed.table, schema)
                        ?? change.isItem(of: schema)
                {
                    incoming = .plain(change, place)
                } else {
                    let arrival = try Arrival(framed.bytes, of: header.origin, at: place)
                    incoming = .other(checked(arrival))
                }
                let isInOrder =
                    incoming.time > last.time
                    || incoming.time == last.time && incoming.ordinal > last.ordinal
                guard isInOrder, incoming.time <= header.through,
                    current != nil
                else {
                    throw PeerRefusal(
                        .badRequest,
                        "a change outside the batch's times or tables",
                    )
                }
                last = (incoming.time, incoming.ordinal)
                arrivals.append(incoming)
            }
        }
        guard arrivals.count == header.changes else {
            throw PeerRefusal(.badRequest, "the batch holds another number of changes than it says")
        }
        return arrivals
    }

    /// A change of a batch, taken apart.
    func arrival(_ incoming: Incoming, of batch: ChangeBatch) throws -> Arrival {
        switch incoming {
        case .other(let arrival): arrival
        case .plain(_, let place):
            checked(
                try batch.records.withUnsafeBytes { records in
                    try Arrival(
                        UnsafeRawBufferPointer(rebasing: records[place]),
                        of: batch.header.origin,
                        at: place,
                    )
                }
            )
        }
    }

    private struct Merged {
        /// Of those merged or set aside, in order.
        var times: [HybridTime] = []
        var tally = Tally()
        /// The time of the last change merged; zero for none.
        var through = HybridTime.zero
        /// The time of the first change from too far ahead; nil for none.
        var cut: HybridTime?

        var isCut: Bool { cut != nil }

        /// Takes note of a change that was merged or set aside.
        mutating func note(_ incoming: Incoming) {
            tally.received += 1
            times.append(incoming.time)
            through = incoming.time
        }

        /// What from too far ahead holds the link, a change or the end of the batch; zero for
        /// nothing.
        func held(in header: ChangeBatch.Header, _ through: HybridTime) -> HybridTime {
            through == header.through ? .zero : cut ?? header.through
        }
    }

    private func merge(_ arrivals: [Incoming], of batch: ChangeBatch) throws -> Merged {
        var merged = Merged()
        var run: PlainRun?
        merging = arrivals
        defer { merging = [] }
        merged.times.reserveCapacity(arrivals.count)
        try batch.header.origin.withBytes { origin in
            for incoming in arrivals {
                if isTooFarAhead(incoming.time) {
                    merged.cut = incoming.time
                    break
                }
                if try takePlainly(incoming, of: origin, in: &run) {
                    merged.tally.newer += 1
                } else {
                    try end(&run)
                    guard let table = engine.catalog[id: incoming.table] else { continue }
                    let arrival = try arrival(incoming, of: batch)
                    try take(arrival, into: table, of: batch, &merged.tally)
                }
                merged.note(incoming)
            }
            try end(&run)
        }
        return merged
    }

    private func takePlainly(
        _ incoming: Incoming,
        of origin: OriginBytes,
        in run: inout PlainRun?,
    ) throws -> Bool {
        guard case .plain(let change, _) = incoming else { return false }
        if run?.table != change.table {
            try end(&run)
            run = beginRun(of: change.table)
        }
        // Taken out, so that there is one of it and nothing in it is copied.
        guard var open = run.take() else { return false }
        defer { run = open }
        return try mergePlainly(change, of: origin, in: &open)
    }

    /// Merges one version and counts what became of it.
    ///
    /// A change covers no more than what it was written over, which whoever covers the change covers
    /// too. A row (`isRow`) covers also what lost to it where it comes from, and that is joined also
    /// where the row itself is stale.
    /// - Returns: why it cannot be merged, and then nothing was changed; nil if it was.
    func merge(
        _ incoming: Version,
        into table: Table,
        at key: [UInt8],
        isRow: Bool = false,
        _ tally: inout Tally,
    ) throws -> String? {
        let stored: Version?
        do {
            stored = try version(of: table, at: key)
        } catch let error as MalformedBytes {
            return "what is stored under its key cannot be read: \(error)"
        }
        do {
            return try merge(incoming, over: stored, into: table, at: key, isRow: isRow, &tally)
        } catch let error as StoredFormError {
            // Items are read before anything is written (`replace`).
            return "what is stored under its key cannot be read: \(error)"
        }
    }

    private func merge(
        _ incoming: Version,
        over stored: Version?,
        into table: Table,
        at key: [UInt8],
        isRow: Bool,
        _ tally: inout Tally,
    ) throws -> String? {
        if stored == nil, !isRow, isKnownAbsent(incoming.stamp, at: key, of: table) {
            tally.stale += 1
            observeMerged(incoming.stamp.time)
            return nil
        }
        let outcome = Merge.outcome(
            incoming: incoming.contender,
            stored: stored?.contender,
            base: table.state.base,
            isSameImage: {
                stored?.image == incoming.image && stored?.expired == incoming.expired
            },
        )
        observeMerged(incoming.stamp.time)
        switch outcome {
        case .stale:
            tally.stale += 1
            if isRow, let stored { try joinRow(incoming, to: stored, of: table, at: key) }
        case .newer:
            try replace(stored, by: joined(incoming, stored), in: table, at: key)
            tally.newer += 1
        case .sameExpiry:
            guard let stored else { return nil }
            try replace(stored, by: joined(stored, incoming), in: table, at: key)
            tally.stale += 1
        case .concurrentWins:
            guard let stored else { return nil }
            try replace(stored, by: joined(incoming, stored), in: table, at: key)
            try log(winner: incoming, loser: stored, table, key)
            tally.conflicts += 1
        case .concurrentLoses:
            guard let stored else { return nil }
            try replace(stored, by: joined(stored, incoming), in: table, at: key)
            try log(winner: stored, loser: incoming, table, key)
            if !engine.settings.plantedBugs.contains(.refusalNotCounted) { tally.conflicts += 1 }
        case .corrupt:
            // Nothing is chosen.
            return "another image has its stamp here"
        }
        return nil
    }

    private func joinRow(
        _ row: Version,
        to stored: Version,
        of table: Table,
        at key: [UInt8],
    ) throws {
        let version = joined(stored, row)
        guard version.ancestry != stored.ancestry else { return }
        try replace(stored, by: version, in: table, at: key)
    }

    private func joined(_ winner: Version, _ other: Version?) -> Version {
        guard let other, !engine.settings.plantedBugs.contains(.ancestryNotJoined) else {
            return winner
        }
        var version = winner
        version.ancestry.join(other.ancestry)
        return version
    }

    func observeMerged(_ time: HybridTime) {
        guard !engine.settings.plantedBugs.contains(.clockNotMovedByMerge) else { return }
        observe(time)
    }

    /// The batch's end; or the last change's time if the batch is cut behind it, or if the end itself
    /// is too far ahead.
    private func reached(by merged: Merged, _ header: ChangeBatch.Header) -> HybridTime {
        if engine.settings.plantedBugs.contains(.cursorAheadOfData) { return header.through }
        let isWhole = !merged.isCut && !isTooFarAhead(header.through)
        return isWhole ? header.through : merged.through
    }

    /// Appends what is about to be merged to the history, as it was written: for a whole batch, its own
    /// bytes.
    ///
    /// First of all that the batch writes, so that the disk has most of it before the rest is made.
    private func keep(_ arrivals: [Incoming], of batch: ChangeBatch) throws {
        var kept = arrivals[...]
        while let last = kept.last, isTooFarAhead(last.time) { kept.removeLast() }
        guard let last = kept.last else { return }
        let isWhole = kept.count == arrivals.count
        engine.segmentNumber += 1
        let segment = Segment(
            sequence: 0,
            count: kept.count,
            tables: tables(of: kept),
            records: isWhole
                ? batch.records : Array(batch.records.prefix(last.bytes.upperBound)),
        )
        let key = SegmentKey.key(
            origin: batch.header.origin,
            last: last.time,
            number: engine.clock.last.rawValue &+ engine.segmentNumber,
        )
        try putHistory(key, segment)
        try noteOverlap(batch.header)
    }

    private func tables(of arrivals: ArraySlice<Incoming>) -> [TableID] {
        var tables: [TableID] = []
        for incoming in arrivals where incoming.table != tables.last {
            if !tables.contains(incoming.table) { tables.append(incoming.table) }
        }
        return tables.sorted()
    }

    /// A batch for tables that were behind others lies across segments that are there already.
    private func noteOverlap(_ header: ChangeBatch.Header) throws {
        let reached = engine.applied.greatest(of: header.origin)
        guard header.after < reached else { return }
        engine.overlaps.raise(header.origin, to: max(reached, header.through))
        try engine.storeOverlaps(store)
    }

    private func advance(_ header: ChangeBatch.Header, to through: HybridTime) throws {
        engine.applied.raise(header.origin, to: through, for: header.tables)
        engine.stableTimes.removeAll()
        observeMerged(through)
        try store.put(
            .applied,
            AppliedTimes.key(of: header.origin),
            engine.applied.row(of: header.origin),
        )
    }

    private func learn(_ header: ChangeBatch.Header) throws {
        let region = header.source.region
        engine.peers.learn(header.claims, from: region)
        noteComplete(header)
        try store.put(.peers, Array(region.utf8), engine.peers.row(of: region))
    }

    func finishCatchingUp(_ tables: [TableID]) throws {
        for id in tables {
            guard let table = engine.catalog[id: id], table.state.resync == nil,
                engine.returning[id] == nil,
                case .catchingUp(let until) = table.state.phase,
                engine.vector(of: id).covers(until)
            else { continue }
            try activate(table)
        }
    }

    /// The replica serves from here on, and says so to all.
    func activate(_ table: Table) throws {
        changeState(table.id) { $0.phase = .active }
        var parts = table.description
        guard let place = parts.replicas.firstIndex(where: { $0.region == engine.region }) else {
            return
        }
        parts.replicas[place].status = .active
        parts.replicas[place].statusDescription = nil
        parts.replicas[place].afterRemoval = parts.removal(of: engine.region)?.time
        try writePart(.replica(region: engine.region), of: table.id, parts)
    }
}
