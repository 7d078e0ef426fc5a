import Causality
import Changes
import Engine

/// Invariant 4: regions with equal applied vectors of a table hold the same items, stamps and
/// ancestries; a tombstone equals absence.
///
/// A table with changes in quarantine lacks these; one into which a copy is merged has more than its
/// vector says.
enum ConvergentChecker {
    /// Compares two regions if their vectors of a table are equal.
    static func checkIfEqual(_ left: Scene, _ right: Scene) throws {
        for table in left.engine.catalog.all {
            guard let other = right.engine.catalog[id: table.id], isSettled(table, left),
                isSettled(other, right),
                left.engine.vector(of: table.id) == right.engine.vector(of: table.id)
            else { continue }
            try check(table, left, other, right)
        }
    }

    static func check(
        _ leftTable: Table,
        _ left: Scene,
        _ rightTable: Table,
        _ right: Scene,
    ) throws {
        let ours = try left.rows(of: leftTable).filter { !$0.version.isTombstone }
        let theirs = try right.rows(of: rightTable).filter { !$0.version.isTombstone }
        let place = "\(leftTable.name) in \(left.name) and \(right.name)"
        for (one, other) in zip(ours, theirs) {
            guard one.key == other.key else {
                throw BrokenInvariant(
                    "Convergent",
                    "\(place): \(shown(one.key)) against \(shown(other.key))",
                )
            }
            guard one.version == other.version else {
                throw BrokenInvariant(
                    "Convergent",
                    "\(place): \(shown(one.key)) is \(one.version.stamp) "
                        + "\(one.version.ancestry) against \(other.version.stamp) "
                        + "\(other.version.ancestry)",
                )
            }
        }
        guard ours.count == theirs.count else {
            throw BrokenInvariant(
                "Convergent",
                "\(place): \(ours.count) items against \(theirs.count)",
            )
        }
    }

    private static func isSettled(_ table: Table, _ scene: Scene) -> Bool {
        table.state.phase == .active && scene.engine.quarantine[table.id] == nil
            && table.state.resync?.isMerging != true
    }
}
