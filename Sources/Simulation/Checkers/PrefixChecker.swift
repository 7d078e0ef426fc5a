import Causality
import Changes
import Engine

/// Invariant 7: what a region shows of an origin's writes is a prefix of that origin's commit order,
/// whole transactions at a time.
enum PrefixChecker {
    /// Times increase in commit order, and no two operations share one.
    static func checkOrder(
        _ own: [Change],
        after before: Ledger.Record?,
        _ scene: Scene,
    ) throws {
        var last = before
        for change in own {
            let stamp = change.version.stamp
            let record = scene.ledger.record(of: stamp, table: change.table, key: change.key)
            if let last {
                let lastTime = last.change.version.stamp.time
                let isSameTransaction =
                    lastTime == stamp.time && last.operation != nil
                    && last.operation == record?.operation
                    && last.change.ordinal < change.ordinal
                guard stamp.time > lastTime || isSameTransaction else {
                    throw BrokenInvariant(
                        "Prefix",
                        "\(scene.name) wrote \(stamp) after \(last.change.version.stamp)",
                    )
                }
            }
            last = record
        }
    }

    /// For so long after a table came or changed its members, batches may be on their way that were
    /// asked for without it.
    static let settlingMilliseconds: UInt64 = 5_000

    /// Tables that stood at the same place take a transaction together: where the target is, and where
    /// the link that asked took it to be.
    ///
    /// A question may wait at its source for long, from before one of the tables came into step by
    /// another link; its answer holds what was asked for.
    static func checkTogether(
        _ batches: [ChangeBatch.Header],
        _ asked: AskedPositions,
        _ now: UInt64,
        _ scene: Scene,
    ) throws {
        let before = scene.region.watch.applied
        for header in batches {
            let records = scene.ledger.records(
                of: header.origin,
                after: header.after,
                through: header.through,
            )
            for record in records where !header.tables.contains(record.change.table) {
                let table = record.change.table
                let time = record.change.version.stamp.time
                guard let other = scene.engine.catalog[id: table], other.state.phase == .active,
                    scene.region.watch.isSettled(table, now),
                    !other.description.isFenced(header.origin.region),
                    !scene.ledger.isWithdrawn(record.change),
                    let entry = before[table], let mine = before[header.tables[0]],
                    isInStep(entry, mine, header.origin.region),
                    asked.areTogether(table, header.tables[0], in: header),
                    scene.engine.applied[table][header.origin] < time,
                    record.operation != nil,
                    records.contains(where: {
                        $0.change.version.stamp.time == time
                            && header.tables.contains($0.change.table)
                    }),
                    scene.engine.applied[header.tables[0]][header.origin] >= time
                else { continue }
                throw BrokenInvariant(
                    "Prefix",
                    "\(scene.name) took half of the transaction at \(time) of \(header.origin)",
                )
            }
        }
    }

    private static func isInStep(
        _ left: VersionVector,
        _ right: VersionVector,
        _ region: String,
    ) -> Bool {
        func ofRegion(_ vector: VersionVector) -> [VersionVector.Entry] {
            vector.entries.filter { $0.origin.region == region }
        }
        return ofRegion(left) == ofRegion(right) && !ofRegion(left).isEmpty
    }

    /// A table that becomes active shows nothing beyond its applied vector.
    static func checkNothingAhead(_ table: Table, _ scene: Scene) throws {
        let vector = scene.engine.vector(of: table.id)
        let versions = scene.model.tables[table.id]?.versions ?? [:]
        for key in versions.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let version = versions[key] else { continue }
            let stamp = version.stamp
            let isOther = stamp.origin.region != scene.engine.region
            guard isOther, vector[stamp.origin] < stamp.time else { continue }
            throw BrokenInvariant(
                "Prefix",
                "\(scene.name) serves \(table.name) and shows \(stamp) in \(shown(key)), beyond "
                    + "its entry \(vector[stamp.origin])",
            )
        }
    }
}
