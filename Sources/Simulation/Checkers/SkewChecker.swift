import Causality
import Engine

/// A change from further ahead than the drift allowed is not merged, and does not move the clock.
enum SkewChecker {
    static func check(_ merged: HybridTime, _ commit: Commit, _ scene: Scene) throws {
        let limit = commit.wallMilliseconds + scene.engine.settings.driftMilliseconds
        guard merged.milliseconds <= limit else {
            throw BrokenInvariant(
                "Skew",
                "\(scene.name) merged \(merged), \(merged.milliseconds - limit) ms beyond its bound",
            )
        }
    }
}
