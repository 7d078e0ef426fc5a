import Causality
import Changes
import Engine

/// Invariant 3: an applied vector never decreases, nor does an item's rank; across restarts too.
enum MonotoneChecker {
    static func checkVectors(_ scene: Scene) throws {
        let watch = scene.region.watch
        for table in scene.engine.catalog.all {
            guard let before = watch.applied[table.id] else { continue }
            // A table that a removed region drops may be taken up anew in the same commit.
            if case .joining = table.state.phase { continue }
            guard scene.engine.applied[table.id].covers(before) else {
                throw BrokenInvariant(
                    "Monotone",
                    "\(scene.name)'s vector of \(table.name) went back from \(before) to "
                        + "\(scene.engine.applied[table.id])",
                )
            }
        }
        guard scene.engine.own >= watch.own else {
            throw BrokenInvariant(
                "Monotone",
                "\(scene.name)'s own entry went back from \(watch.own) to \(scene.engine.own)",
            )
        }
    }

    /// Every write exceeds what it overwrites.
    static func check(_ overwrites: [Replay.Overwrite], _ scene: Scene) throws {
        for overwrite in overwrites {
            let stamp = overwrite.change.version.stamp
            guard overwrite.old < stamp else {
                throw BrokenInvariant(
                    "Monotone",
                    "\(scene.name): \(shown(overwrite.change.key)) went from \(overwrite.old) to the "
                        + "lower \(stamp)",
                )
            }
        }
    }
}
