import Causality
import Changes
import Engine

/// Invariant 1: an acknowledged write is in its region's history after any crash.
enum DurableChecker {
    /// Each operation of a commit that will be acknowledged made its changes, and they are stored.
    static func check(_ commit: Commit, _ scene: Scene) throws {
        var before = 0
        for step in commit.steps {
            defer { before = step.changesAfter }
            guard case .operation(let operation) = step.work,
                let expected = operation.changeCount
            else { continue }
            // Descriptions that came in the same group are settled with the step after: what that
            // writes to the system table is not the operation's.
            let end = min(step.changesAfter, commit.own.count)
            let stored = commit.own[min(before, end)..<end].count { $0.table != .system }
            guard stored == expected else {
                throw BrokenInvariant(
                    "Durable",
                    "\(scene.name): operation \(operation.id) (\(operation.text)) made \(stored) "
                        + "of \(expected) changes",
                )
            }
        }
    }

    /// Everything a region ever committed is still in its history, except what was trimmed.
    ///
    /// What a removed region shipped to nobody is kept aside instead. Of origins whose files were put back from an older copy it holds what `CompleteChecker` says.
    static func checkHistory(_ scene: Scene) throws {
        for origin in scene.ledger.origins
        where origin.region == scene.engine.region && !scene.ledger.torn.contains(origin) {
            let trimmed = scene.engine.catalog.trimmed[origin]
            let stored = try scene.history(of: origin)
                .filter { $0.version.stamp.time > trimmed }
            let expected = scene.ledger[origin].map(\.change)
                .filter { $0.version.stamp.time > trimmed && !scene.ledger.isWithdrawn($0) }
            guard stored == expected else {
                throw BrokenInvariant(
                    "Durable",
                    "\(scene.name) has \(stored.count) of \(expected.count) changes of \(origin) "
                        + "after \(trimmed)",
                )
            }
        }
    }
}
