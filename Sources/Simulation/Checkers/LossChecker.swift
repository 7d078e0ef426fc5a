import Causality
import Changes
import Engine

/// Invariant 5: every change is the current version, or is covered by what its replacement had seen,
/// or is in a conflict log as a loser.
///
/// Checked by induction: after each commit every item touched is what the model says, and every
/// conflict the model saw is in the log.
enum LossChecker {
    static func check(_ item: Ledger.Item, _ scene: Scene) throws {
        guard let table = scene.engine.catalog[id: item.table] else { return }
        let row = try scene.row(table, item.key)
        let expected = scene.model.version(item.table, item.key)
        let place = "\(scene.name): \(table.name) \(shown(item.key))"
        guard let expected else {
            guard row == nil else {
                throw BrokenInvariant("NoSilentLoss", "\(place) came from nowhere")
            }
            return
        }
        guard let row else {
            guard expected.isTombstone else {
                throw BrokenInvariant("NoSilentLoss", "\(place) lost \(expected.stamp)")
            }
            return
        }
        guard row.stamp == expected.stamp, row.isTombstone == expected.isTombstone else {
            throw BrokenInvariant(
                "NoSilentLoss",
                "\(place) is \(row.stamp) instead of \(expected.stamp)",
            )
        }
        try check(row, expected, of: table, scene, place)
        let written = scene.ledger.record(of: row.stamp, table: item.table, key: item.key)
        guard row.image == written?.change.version.image else {
            throw BrokenInvariant("NoSilentLoss", "\(place) is not what was written")
        }
    }

    /// A stored ancestry covers all that is behind the version, and its entries claim no more.
    private static func check(
        _ row: Version,
        _ expected: RegionModel.Version,
        of table: Table,
        _ scene: Scene,
        _ place: String,
    ) throws {
        let resynced = table.state.resync?.base ?? .zero
        for entry in expected.seen.entries {
            let stamp = Stamp(time: entry.time, origin: entry.origin)
            // A region that was started from older files may have written over a delete that all had
            // forgotten meanwhile, itself included: no floor of its tells of it (ARCHITECTURE, what is
            // not guaranteed). What another writes over that has the base for its floor. A copy that is
            // being merged brings no mark of such a delete either; its source's base becomes the table's
            // in the end.
            if entry.time <= max(table.state.base, resynced),
                scene.ledger.putBack.contains(row.stamp.origin.region)
            {
                continue
            }
            guard row.ancestry.covers(stamp) else {
                throw BrokenInvariant(
                    "NoSilentLoss",
                    "\(place) forgot that it had seen \(stamp): it is \(row.stamp) "
                        + "\(row.ancestry), the base \(table.state.base)",
                )
            }
        }
        guard expected.seen.covers(row.ancestry.vector) else {
            throw BrokenInvariant(
                "NoSilentLoss",
                "\(place) claims to have seen \(row.ancestry.vector), but saw \(expected.seen)",
            )
        }
    }

    /// Losers that this commit logged, by the narrow range of keys that it may have written.
    static func checkConflicts(
        _ conflicts: [Replay.Conflict],
        _ commit: Commit,
        _ scene: Scene
    ) throws {
        for conflict in conflicts {
            guard let table = scene.engine.catalog[id: conflict.table] else { continue }
            let isLogged = try scene.conflict(conflict, in: table, since: commit) != nil
            guard isLogged else {
                throw BrokenInvariant(
                    "NoSilentLoss",
                    "\(scene.name): \(table.name) \(shown(conflict.key)): \(conflict.loser) lost "
                        + "to \(conflict.winner) without a record",
                )
            }
        }
    }
}
