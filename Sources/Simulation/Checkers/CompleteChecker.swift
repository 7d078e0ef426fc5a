import Causality
import Changes
import Engine

/// Invariant 2: for each table and origin, a region holds, or through a snapshot holds the effect
/// of, every change with a time at or below its applied entry: merged, or in quarantine.
enum CompleteChecker {
    /// Checks each entry that a commit raised: what lies between its old and its new value.
    static func check(_ scene: Scene) throws {
        for table in scene.engine.catalog.all where table.state.isMerging {
            let before = scene.region.watch.applied[table.id] ?? VersionVector()
            for entry in scene.engine.applied[table.id].entries
            where entry.time > before[entry.origin] {
                try check(table, entry, after: before[entry.origin], scene)
            }
        }
    }

    private static func check(
        _ table: Table,
        _ entry: VersionVector.Entry,
        after: HybridTime,
        _ scene: Scene,
    ) throws {
        let durable = scene.ledger.durable[entry.origin] ?? .zero
        guard entry.time <= durable else {
            throw BrokenInvariant(
                "Complete",
                "\(scene.name) holds \(table.name) of \(entry.origin) through \(entry.time), but "
                    + "its origin made durable only through \(durable)",
            )
        }
        let records = scene.ledger.records(of: entry.origin, after: after, through: entry.time)
        for record in records where record.change.table == table.id {
            let change = record.change
            let stamp = change.version.stamp
            if scene.model.quarantine(table.id, change.key).contains(stamp) { continue }
            if scene.ledger.isWithdrawn(change) { continue }
            let version = scene.model.version(table.id, change.key)
            guard version?.seen.covers(stamp) == true else {
                throw BrokenInvariant(
                    "Complete",
                    "\(scene.name) holds \(table.name) of \(entry.origin) through \(entry.time) "
                        + "but lacks \(stamp) of \(shown(change.key))",
                )
            }
        }
    }

    /// The history of other origins, and of own ones that came back in part, has all that the vector
    /// says, from where it is whole.
    static func checkHistory(_ scene: Scene) throws {
        for origin in scene.ledger.origins
        where origin.region != scene.engine.region || scene.ledger.torn.contains(origin) {
            let stored = try scene.history(of: origin)
            for table in scene.engine.catalog.all where table.state.isMerging {
                let through = scene.engine.applied[table.id][origin]
                let from = max(table.state.wholeFrom[origin], scene.engine.catalog.trimmed[origin])
                func isMeant(_ change: Change) -> Bool {
                    let time = change.version.stamp.time
                    return change.table == table.id && time > from && time <= through
                        && !scene.ledger.isWithdrawn(change)
                }
                let expected = scene.ledger[origin].map(\.change).filter(isMeant)
                guard stored.filter(isMeant) == expected else {
                    throw BrokenInvariant(
                        "Complete",
                        "\(scene.name)'s history of \(origin) for \(table.name) is not whole from "
                            + "\(from) through \(through)",
                    )
                }
            }
        }
    }
}
