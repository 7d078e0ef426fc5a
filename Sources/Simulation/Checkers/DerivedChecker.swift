import Changes
import Engine

/// Invariant 8: the orders of tombstones and of expiry, the counts, item collections, the streams and
/// the indexes equal what the items say.
///
/// It asks what `globalctl verify` asks of a region (`DerivedAudit`), which so is held to every course
/// of events here, and beside it `IndexChecker`, which makes of the items by itself what an index is to
/// hold: the audit relies on the engine for that.
enum DerivedChecker {
    static func check(_ scene: Scene) throws {
        for table in scene.engine.catalog.all {
            let audit = DerivedAudit(
                catalog: scene.engine.catalog,
                store: scene.store,
                table: table,
            )
            if let finding = try audit.all().findings.first {
                throw BrokenInvariant(
                    "Derived",
                    "\(scene.name): \(table.name): \(finding.subject) \(finding.problem) "
                        + finding.keyText,
                )
            }
            // A replica that was removed by force takes no requests, and its indexes stay as they were
            // until it is dropped; a start reads the description anew, which may have gone on without.
            if table.state.phase != .expelled {
                try IndexChecker.check(table, try scene.rows(of: table), scene)
            }
            try StreamChecker.check(table, scene)
        }
    }
}
