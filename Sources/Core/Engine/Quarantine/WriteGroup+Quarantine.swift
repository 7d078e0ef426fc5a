import Causality
import Changes
import Wire

/// Setting aside what cannot be applied.
///
/// **Problem.** One change that a region cannot apply must not hold up all that come after it, and
/// must not be lost. Such are a change of a form that a newer program writes, one whose image is no
/// item of its table, a second image under a stamp that is taken, and one that meets something stored
/// that cannot be read.
///
/// **Idea.** It goes, as it came, into the quarantine of its key, in the transaction that moves the
/// cursor past it; and so does every later change of that key, in the order of their coming, until an
/// operator has what stands in front retried or discarded. The history keeps it like any other, and
/// gives it on to regions that may understand it.
///
/// **Invariants.**
/// - A change received is merged, or stale, or in quarantine, or was discarded by an operator, on
///   record.
/// - Nothing is merged from a batch into an item that has changes in quarantine. Writes made here go
///   on: they do not say to have seen what is in quarantine (`QuarantineSummary`), so that it meets
///   them as concurrent when it is merged.
/// - A table has a floor if and only if it has changes in quarantine, and all of theirs are at or
///   above it.
///
/// A later change of the key waits even if it has seen the one in front: what it would replace is
/// then still there for the operator, and the item's changes are merged in the order in which they
/// came. What is covered by the version stored already, whoever can read it, is stale and not set
/// aside.
///
/// **Bound.** At `quarantineChangesMax` changes or `quarantineBytesMax` bytes of them a batch that
/// brings another is refused whole, again and again: its link holds and says so, and everything
/// behind waits at its source until an operator makes room. So the bound is passed by what one batch
/// brings, and nothing is dropped.
extension WriteGroup {
    /// Most changes that wait for one retry each, in memory: beyond it all begin anew.
    private static let refusalsMax = 1_000

    /// A change that is what the table can hold, or the reason why not.
    func checked(_ arrival: Arrival) -> Arrival {
        guard case .change(let version) = arrival.content,
            let table = engine.catalog[id: arrival.head.table],
            let reason = engine.trouble(with: version, at: arrival.head.key, of: table)
        else { return arrival }
        return Arrival(
            head: arrival.head,
            stamp: arrival.stamp,
            content: .unreadable(reason: reason),
            bytes: arrival.bytes,
        )
    }

    /// Refuses a batch with a change that cannot be read, the first few times.
    func retryBeforeSettingAside(_ arrivals: [Incoming]) throws {
        guard let first = arrivals.lazy.compactMap(\.unreadable).first,
            case .unreadable(let reason) = first.content
        else { return }
        let name = ChangeName(stamp: first.stamp, ordinal: first.head.ordinal)
        let count = (engine.refusals[name] ?? 0) + 1
        guard count < engine.settings.quarantineAttempts else {
            engine.refusals[name] = nil
            return
        }
        if engine.refusals.count >= WriteGroup.refusalsMax { engine.refusals = [:] }
        engine.refusals[name] = count
        throw PeerRefusal(
            .corrupt,
            "\(first.stamp) cannot be applied (\(reason)); it is set aside if it comes so again",
        )
    }

    /// Refuses a batch with a change that must be set aside where there is no room for it.
    func refuseIfFull(_ arrivals: [Incoming], of batch: ChangeBatch) throws {
        let summary = engine.quarantine
        guard
            summary.changes >= engine.settings.quarantineChangesMax
                || summary.bytes >= engine.settings.quarantineBytesMax
        else { return }
        for incoming in arrivals {
            if isTooFarAhead(incoming.time) { return }
            let arrival = try arrival(incoming, of: batch)
            guard try mustSetAside(arrival) else { continue }
            throw PeerRefusal(
                .quarantineFull,
                "\(summary.changes) changes are in quarantine, and \(arrival.stamp) has no room",
            )
        }
    }

    private func mustSetAside(_ arrival: Arrival) throws -> Bool {
        let key = arrival.head.key
        guard let table = engine.catalog[id: arrival.head.table] else { return false }
        if try isHeldBack(key, of: table) { return true }
        switch arrival.content {
        case .unreadable: return try !isOverwritten(arrival.stamp, at: key, of: table)
        case .change(let version):
            guard let stored = try? self.version(of: table, at: key) else { return false }
            let isSame = stored.image == version.image && stored.expired == version.expired
            return stored.stamp == version.stamp && !isSame
        }
    }

    /// Merges one change of a batch, or sets it aside, and counts what became of it.
    func take(
        _ arrival: Arrival,
        into table: Table,
        of batch: ChangeBatch,
        _ tally: inout Tally,
    ) throws {
        let key = arrival.head.key
        if try isHeldBack(key, of: table) {
            tally.quarantined += 1
            return try setAside(arrival, of: batch, table, reason: nil)
        }
        let trouble: String?
        switch arrival.content {
        case .change(let version):
            trouble = try merge(version, into: table, at: key, &tally)
        case .unreadable(let reason):
            trouble = try isOverwritten(arrival.stamp, at: key, of: table) ? nil : reason
            if trouble == nil { tally.stale += 1 }
        }
        observeMerged(arrival.head.time)
        guard let trouble else { return }
        tally.quarantined += 1
        try setAside(arrival, of: batch, table, reason: trouble)
        engine.alarms.append(
            "\(arrival.stamp) of table \(table.name) is in quarantine: \(trouble)"
        )
    }

    /// Whether changes of an item wait in quarantine.
    private func isHeldBack(_ key: [UInt8], of table: Table) throws -> Bool {
        guard engine.quarantine[table.id] != nil,
            !engine.settings.plantedBugs.contains(.mergedPastQuarantine)
        else { return false }
        return try firstSetAside(key, of: table) != nil
    }

    /// Whether the version stored has seen a change, without looking at more of it than its stamp.
    private func isOverwritten(_ stamp: Stamp, at key: [UInt8], of table: Table) throws -> Bool {
        guard let bytes = try store.get(.items, table.row(key)) else {
            return stamp.time <= table.state.base || isKnownAbsent(stamp, at: key, of: table)
        }
        guard let stored = try? Version(decoding: bytes) else { return false }
        return stored.stamp != stamp && stored.ancestry.covers(stamp)
    }

    private func setAside(
        _ arrival: Arrival,
        of batch: ChangeBatch,
        _ table: Table,
        reason: String?,
    ) throws {
        let key = arrival.head.key
        let record = QuarantineRecord(
            origin: batch.header.origin,
            source: batch.header.source.region,
            change: Array(batch.records[arrival.bytes]),
            reason: reason,
            sinceMilliseconds: wallMilliseconds,
        )
        let sequence = try nextSequence(key, of: table)
        let row = QuarantineKey.key(table.number, key, sequence)
        try store.put(.quarantine, row, record.encoded())
        engine.quarantine.add(table.id, at: arrival.head.time, bytes: record.change.count)
        try quarantineChanged()
    }

    /// Takes a change out of quarantine; whoever does has merged it, or keeps it on record.
    func removeQuarantined(_ row: [UInt8], _ record: QuarantineRecord, of table: Table) throws {
        try store.delete(.quarantine, row)
        engine.quarantine.remove(table.id, bytes: record.change.count)
        try quarantineChanged()
    }

    private func quarantineChanged() throws {
        engine.stableTimes.removeAll()
        try engine.quarantine.store(in: store)
    }

    private func nextSequence(_ key: [UInt8], of table: Table) throws -> UInt64 {
        var next: UInt64 = 0
        try store.range(
            .quarantine,
            from: QuarantineKey.prefix(table.number, key),
            to: QuarantineKey.end(table.number, key),
            reversed: true,
        ) { row, _ in
            next = try QuarantineKey.decode([UInt8](row)).sequence + 1
            return false
        }
        return next
    }

    /// The row of the change that stands in front of an item's others; nil for none.
    func firstSetAside(_ key: [UInt8], of table: Table) throws -> [UInt8]? {
        var first: [UInt8]?
        try store.range(
            .quarantine,
            from: QuarantineKey.prefix(table.number, key),
            to: QuarantineKey.end(table.number, key),
            reversed: false,
        ) { row, _ in
            first = [UInt8](row)
            return false
        }
        return first
    }

    /// What a table has in quarantine goes with its rows.
    func clearQuarantine(of table: Table) throws {
        try store.deleteRange(.quarantine, from: table.rowPrefix, to: table.rowEnd)
        try forgetQuarantine(of: table.id)
    }

    /// Forgets that a table has changes in quarantine, whose rows go by themselves.
    func forgetQuarantine(of id: TableID) throws {
        guard engine.quarantine.forget(id) else { return }
        try quarantineChanged()
    }
}

/// Names one change of a batch.
struct ChangeName: Hashable {
    let stamp: Stamp
    let ordinal: UInt16
}

extension RegionEngine {
    /// Why a change cannot be a row of its table; nil if it can.
    func trouble(with version: Version, at key: [UInt8], of table: Table) -> String? {
        if let unknown = settings.unknownChanges, table.id != .system,
            unknown.contains(version.stamp)
        {
            return "it is of a form that this region does not know"
        }
        do {
            try RegionEngine.check(version, at: key, of: table)
            return nil
        } catch {
            return (error as? PeerRefusal)?.message ?? "\(error)"
        }
    }
}
