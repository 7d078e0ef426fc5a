import Causality
import Changes
import Engine

/// Stable times: nothing that a member wrote at or below a table's stable time is still to come.
///
/// Floors and the horizon rest on it, and with them what is forgotten.
enum StableChecker {
    static func check(_ scene: Scene) throws {
        for table in scene.engine.catalog.all where table.state.phase == .active {
            let stable = scene.engine.stableTime(of: table)
            guard stable > .zero else { continue }
            let members = table.description.members
            for origin in scene.ledger.origins where members.contains(origin.region) {
                try check(table, origin, stable, scene)
            }
        }
    }

    private static func check(
        _ table: Table,
        _ origin: Origin,
        _ stable: HybridTime,
        _ scene: Scene,
    ) throws {
        // What a disk lost may never come.
        guard origin != scene.engine.origin, !scene.ledger.torn.contains(origin) else { return }
        let applied = scene.engine.applied[table.id][origin]
        for record in scene.ledger.records(of: origin, after: applied, through: stable)
        where record.change.table == table.id {
            let change = record.change
            let stamp = change.version.stamp
            let version = scene.model.version(table.id, change.key)
            // A table that is younger here than the origin has its effect by the copy.
            guard version?.seen.covers(stamp) != true else { continue }
            // Set aside by a region that was removed: it comes to nobody (`UnshippedChecker`).
            guard !scene.ledger.isWithdrawn(change) else { continue }
            throw BrokenInvariant(
                "Stable",
                "\(scene.name) takes \(table.name) for stable through \(stable), but \(stamp) of "
                    + "\(shown(change.key)) is still to come",
            )
        }
    }
}
