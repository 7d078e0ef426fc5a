import Causality
import Changes
import Engine

/// A fenced region writes nothing of its own, and one that was said to be safe to take away has nothing
/// that the others lack.
enum FenceChecker {
    /// What a region had when its fence was set, by its own vectors at that moment, and not by what
    /// the fence says of them.
    struct Truth {
        let region: String
        let vectors: [(table: TableID, vector: VersionVector)]

        /// In the middle of a group, right after the job that set the fence.
        init(_ engine: RegionEngine) {
            region = engine.region
            vectors = engine.catalog.all.filter(\.state.isMerging).map { table in
                var vector = engine.applied[table.id]
                vector.raise(engine.origin, to: engine.clock.last)
                return (table.id, vector)
            }
        }

        /// Of a fence that came back to a region that was started from older files.
        init(_ fence: Fence) {
            region = fence.region
            vectors = fence.tables.map { ($0.id, $0.vector) }
        }
    }

    /// Whether a region's store says that it is fenced.
    static func isFenced(_ scene: Scene) throws -> Bool {
        guard let system = scene.engine.catalog[id: .system],
            let row = try scene.row(system, scene.region.fenceKey)
        else { return false }
        return !row.isTombstone
    }

    /// The region's own changes of items in a commit lie outside of its fence.
    static func check(_ commit: Commit, wasFenced: Bool, _ scene: Scene) throws {
        let key = scene.region.fenceKey
        let isFenced = try isFenced(scene)
        var stands = wasFenced
        let marks = commit.own.filter { $0.table == .system && $0.key == key }
        // A fence that came, or went, by a merge: what was before and what after is not told here.
        if marks.isEmpty, wasFenced != isFenced { return }
        for change in commit.own {
            if change.table == .system, change.key == key { stands = !change.version.isTombstone }
            guard stands, change.table != .system else { continue }
            throw BrokenInvariant(
                "Fence",
                "\(scene.name) is fenced and wrote \(shown(change.key)) at "
                    + "\(change.version.stamp.time)",
            )
        }
    }

    /// What the region had, every other one that has the table has as well.
    static func checkSafe(_ truth: Truth, _ scene: Scene) throws {
        guard scene.name != truth.region else { return }
        for (id, had) in truth.vectors {
            guard let table = scene.engine.catalog[id: id], table.state.isMerging else { continue }
            let held = scene.engine.quarantine.seen(scene.engine.vector(of: id), of: id)
            for origin in scene.ledger.origins where origin != scene.engine.origin {
                let last = scene.ledger.records(of: origin, after: .zero, through: had[origin])
                    .last { $0.change.table == id && !scene.ledger.isWithdrawn($0.change) }
                guard let stamp = last?.change.version.stamp, held[origin] < stamp.time else {
                    continue
                }
                let hasLater = held.entries.contains {
                    $0.origin.region == origin.region && $0.origin > origin
                }
                if held[origin] == .zero, hasLater { continue }
                throw BrokenInvariant(
                    "Evacuated",
                    "\(truth.region) was said to be safe, but \(scene.name) lacks \(stamp) of "
                        + "\(table.name): it holds \(held[origin])",
                )
            }
        }
    }
}
