import Causality
import Changes
import Engine

/// What is in quarantine is exactly what must be, in the order in which it came, and the region says
/// to have seen nothing from the first of it on.
enum QuarantineChecker {
    static func check(_ item: Ledger.Item, _ scene: Scene) throws {
        guard let table = scene.engine.catalog[id: item.table] else { return }
        let stored = try scene.quarantine(of: table).filter { $0.key == item.key }.map(\.stamp)
        let expected = scene.model.quarantine(item.table, item.key)
        guard stored == expected else {
            throw BrokenInvariant(
                "Quarantined",
                "\(scene.name): \(table.name) \(shown(item.key)) has \(stored) in quarantine "
                    + "instead of \(expected)",
            )
        }
    }

    static func check(_ scene: Scene) throws {
        for table in scene.engine.catalog.all {
            let waiting = try scene.quarantine(of: table)
            let expected = scene.model.tables[table.id]?.quarantine.values.reduce(0) {
                $0 + $1.count
            }
            guard waiting.count == expected ?? 0 else {
                throw BrokenInvariant(
                    "Quarantined",
                    "\(scene.name): \(table.name) has \(waiting.count) changes in quarantine "
                        + "instead of \(expected ?? 0)",
                )
            }
            try checkFloor(of: table, waiting.map(\.stamp.time).min(), scene)
        }
    }

    /// A floor is there if and only if something waits, and not above it.
    private static func checkFloor(
        of table: Table,
        _ first: HybridTime?,
        _ scene: Scene,
    ) throws {
        let floor = scene.engine.quarantine[table.id]?.floor
        let isRight =
            switch (floor, first) {
            case (nil, nil): true
            case (let floor?, let first?):
                floor <= first && scene.engine.stableTime(of: table) < floor
            default: false
            }
        guard isRight else {
            throw BrokenInvariant(
                "Quarantined",
                "\(scene.name): \(table.name) has the floor \(floor.map { "\($0)" } ?? "none"), its "
                    + "first change in quarantine is at \(first.map { "\($0)" } ?? "none"), stable "
                    + "through \(scene.engine.stableTime(of: table))",
            )
        }
    }
}

extension Scene {
    /// Everything a table has in quarantine, by item in the order of its coming.
    fileprivate func quarantine(of table: Table) throws -> [(key: [UInt8], stamp: Stamp)] {
        var found: [(key: [UInt8], stamp: Stamp)] = []
        try store.range(
            .quarantine,
            from: table.rowPrefix,
            to: table.rowEnd,
            reversed: false,
        ) { row, value in
            let record = try QuarantineRecord(decoding: [UInt8](value))
            let stamp = Stamp(time: try record.head().time, origin: record.origin)
            found.append((try QuarantineKey.decode([UInt8](row)).item, stamp))
            return true
        }
        return found
    }
}
