import Causality
import Changes
import Wire
import Items

/// Chores that a region does a little of at a time, beside its heartbeats: forgetting tombstones,
/// trimming the history, deleting the rows of dropped tables, building indexes, finishing to leave.
extension WriteGroup {
    /// Most rows that one round of chores deletes.
    package static let choreRowsMax = 2_000

    /// - Returns: whether more is left to do at once.
    package func doChores() throws -> Bool {
        var left = WriteGroup.choreRowsMax
        try settleDescriptions()
        try workOnIndexes()
        try purgeDropped(&left)
        settleResyncs(of: engine.catalog.all.map(\.id))
        try mergeReturning(&left)
        try finishCatchingUp(engine.catalog.all.map(\.id))
        for table in engine.catalog.all where table.state.phase == .active {
            try forgetTombstones(of: table, &left)
        }
        for table in engine.catalog.all {
            try finishLeaving(table)
            try finishRemovals(of: table)
            try finishExpulsion(of: table)
        }
        try trimHistory(&left)
        try capHistory(&left)
        try trimConflicts(&left)
        try forgetTokens(&left)
        try tendStreams(&left)
        try fillExpiries(&left)
        return left <= 0 || engine.hasIndexWork
    }

    /// Tombstones at or below the horizon go, and the table's base rises to it in the same
    /// transaction: whatever still comes for those keys has seen the deletes.
    ///
    /// What waits in quarantine has come already, and may not have seen the delete that it will meet:
    /// while there is some, all stay; and so they do while a copy is merged into the table.
    private func forgetTombstones(of table: Table, _ left: inout Int) throws {
        let horizon = engine.horizon(of: table)
        let mayForget =
            table.state.resync == nil && engine.quarantine[table.id] == nil
            || engine.settings.plantedBugs.contains(.quarantineForgotten)
        guard mayForget, horizon > table.state.base, left > 0 else { return }
        try forgetTombstones(of: table, through: horizon, &left)
    }

    func forgetTombstones(
        of table: Table,
        through horizon: HybridTime,
        _ left: inout Int,
    ) throws {
        var marks: [[UInt8]] = []
        let end = TombstoneKey.key(table.number, horizon.next, [])
        try store.range(.tombstones, from: table.rowPrefix, to: end, reversed: false) { key, _ in
            marks.append([UInt8](key))
            left -= 1
            return left > 0
        }
        guard let last = marks.last else { return }
        for mark in marks {
            try store.delete(.items, table.row([UInt8](mark[TombstoneKey.headBytes...])))
        }
        // As one range: the next round's walk need not step over each of them.
        try store.deleteRange(.tombstones, from: table.rowPrefix, to: last + [0])
        if !engine.settings.plantedBugs.contains(.tombstonesForgottenByAge) {
            changeState(table.id) { $0.base = horizon }
        }
    }

    /// A leaving replica goes once every other member is known to hold all it ever wrote here.
    private func finishLeaving(_ table: Table) throws {
        guard case .draining(let since) = table.state.phase else { return }
        var needed = VersionVector()
        for entry in engine.applied[table.id].entries where entry.origin.region == engine.region {
            needed.raise(entry.origin, to: entry.time)
        }
        if !engine.catalog.closed.contains(where: { $0.time >= since }) {
            needed.raise(engine.origin, to: since)
        }
        let others = table.description.replicas.filter { replica in
            replica.region != engine.region && replica.status != .creationFailed
                && !engine.neverBegan(replica) && !table.description.isFenced(replica.region)
        }.map(\.region)
        let isHeld = others.allSatisfy {
            engine.peers.vector(of: $0, for: table.id).covers(needed)
        }
        guard isHeld else { return }
        if others.isEmpty {
            try deleteParts(of: table.id, table.description)
        } else {
            try noteLeft(table.id, held: needed)
            try writePart(.replica(region: engine.region), of: table.id, nil)
        }
    }

    private func purgeDropped(_ left: inout Int) throws {
        while left > 0, let number = engine.purges.first {
            var isDone = true
            for keyspace in [
                Keyspace.items, .tombstones, .conflicts, .expiries, .indexes, .collections,
                .quarantine, .discards,
            ] {
                isDone = try purge(keyspace, of: number, &left) && isDone
            }
            guard isDone else { return }
            try store.delete(.meta, MetaKey.purge(of: number))
            try store.delete(.meta, MetaKey.conflicts(of: number))
            // Those of its indexes follow the table's own.
            try store.deleteRange(
                .meta,
                from: MetaKey.counts(of: number),
                to: MetaKey.counts(of: number + 1),
            )
            engine.counts[number] = nil
            forgetIndexCounts(of: number)
            engine.purges.removeFirst()
        }
    }

    private func purge(
        _ keyspace: Keyspace,
        of number: UInt32,
        _ left: inout Int,
    ) throws -> Bool {
        guard left > 0 else { return false }
        var last: [UInt8]?
        var isDone = true
        let from = Table.rowPrefix(number)
        try store.range(keyspace, from: from, to: Table.rowPrefix(number + 1), reversed: false) {
            key,
            _ in
            if left <= 0 {
                isDone = false
                return false
            }
            left -= 1
            last = [UInt8](key)
            return true
        }
        if let last { try store.deleteRange(keyspace, from: from, to: last + [0]) }
        return isDone
    }
}
