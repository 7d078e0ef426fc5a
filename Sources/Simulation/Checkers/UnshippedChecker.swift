import Causality
import Changes
import Engine

/// A region that was removed without its word keeps aside all that it wrote beyond what the others
/// agreed to hold of it, and nobody else holds any of that.
enum UnshippedChecker {
    /// Looks at the tables that an expelled region dropped in this commit.
    static func check(_ scene: Scene) throws {
        for (id, end) in scene.region.watch.expelled.sorted(by: { $0.key < $1.key }) {
            if scene.engine.catalog[id: id]?.state.phase == .expelled { continue }
            // A table that is deleted meanwhile goes with what was unshipped of it.
            if try scene.engine.readParts(of: id, in: scene.store) == nil { continue }
            for origin in scene.ledger.origins where origin.region == scene.name {
                let records = scene.ledger.records(
                    of: origin,
                    after: end[origin],
                    through: .greatest,
                )
                for record in records where record.change.table == id {
                    let stamp = record.change.version.stamp
                    // What came after the table was taken up again is not of that membership.
                    if let table = scene.engine.catalog[id: id], stamp.time > table.state.began {
                        continue
                    }
                    guard scene.ledger.isWithdrawn(record.change) else {
                        throw BrokenInvariant(
                            "Unshipped",
                            "\(scene.name) left table \(id) and forgot \(stamp) of "
                                + "\(shown(record.change.key)), which it shipped to nobody",
                        )
                    }
                }
            }
        }
    }

    static func check(_ change: Change, isNotIn engine: RegionEngine) throws {
        let stamp = change.version.stamp
        guard let table = engine.catalog[id: change.table], table.state.isMerging,
            engine.applied[change.table][stamp.origin] >= stamp.time
        else { return }
        throw BrokenInvariant(
            "Unshipped",
            "\(stamp) of \(table.name) counts as unshipped, but \(engine.region) has it",
        )
    }
}
