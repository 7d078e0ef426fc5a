import Causality
import Changes
import Engine

/// A transaction that lost an item to a concurrent write elsewhere is recorded as torn, with all its
/// items that the region holds in its history.
enum TornChecker {
    /// Looks at the conflicts of a commit, which are in the log, as `LossChecker` makes sure; gives how
    /// many were of torn transactions.
    static func check(_ replay: Replay, _ commit: Commit, _ scene: Scene) throws -> Int {
        var count = 0
        for conflict in replay.conflicts {
            let records = scene.ledger.transaction(of: conflict.loser)
            guard records.count > 1, let table = scene.engine.catalog[id: conflict.table],
                let logged = try scene.conflict(conflict, in: table, since: commit)
            else { continue }
            count += 1
            try check(logged, records, conflict, replay, scene)
        }
        return count
    }

    private static func check(
        _ logged: ConflictRecord,
        _ records: ArraySlice<Ledger.Record>,
        _ conflict: Replay.Conflict,
        _ replay: Replay,
        _ scene: Scene,
    ) throws {
        let place = "\(scene.name): the transaction at \(conflict.loser)"
        guard logged.isTorn, logged.loser.transactionItems == records.count else {
            throw BrokenInvariant(
                "Torn",
                "\(place) of \(records.count) items lost one and is not recorded as torn",
            )
        }
        let written = records.map {
            ConflictRecord.Place(table: $0.change.table, key: $0.change.key)
        }
        // A region that was removed from the table of one item, and did not know it yet, keeps that
        // change aside and gives it to nobody. When it has joined again, the vectors of others pass the
        // change's time, and yet it is in no history, not even its own.
        let withdrawn = records.filter { scene.ledger.isWithdrawn($0.change) }.map {
            ConflictRecord.Place(table: $0.change.table, key: $0.change.key)
        }
        for item in logged.transaction where !written.contains(item) {
            throw BrokenInvariant("Torn", "\(place) did not write \(shown(item.key))")
        }
        let lost = ConflictRecord.Place(table: conflict.table, key: conflict.key)
        for item in written
        where !logged.transaction.contains(item) && !withdrawn.contains(item) {
            guard item == lost || holds(item.table, conflict, replay, scene)
            else { continue }
            throw BrokenInvariant(
                "Torn",
                "\(place) is recorded as torn without its item \(shown(item.key))",
            )
        }
    }

    /// Whether the region had an item's change in its history when it logged the conflict.
    private static func holds(
        _ id: TableID,
        _ conflict: Replay.Conflict,
        _ replay: Replay,
        _ scene: Scene,
    ) -> Bool {
        let (origin, time) = (conflict.loser.origin, conflict.loser.time)
        guard let table = scene.engine.catalog[id: id],
            table.state.wholeFrom[origin] < time, scene.engine.catalog.trimmed[origin] < time
        else { return false }
        if origin == scene.engine.origin { return true }
        if let before = scene.region.watch.applied[id], before[origin] >= time { return true }
        return replay.batches.contains { header in
            header.origin == origin && header.after < time && time <= header.through
                && header.tables.contains(id) && header.tables.contains(conflict.table)
        }
    }
}
