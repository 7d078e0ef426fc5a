import Causality
import Changes
import Engine

/// Invariant 8: the order of tombstones and of expiry, the counts, the streams and the indexes equal
/// what the items say.
enum DerivedChecker {
    static func check(_ scene: Scene) throws {
        let reading = ReadContext(catalog: scene.engine.catalog, store: scene.store)
        for table in scene.engine.catalog.all {
            var items: Int64 = 0
            var bytes: Int64 = 0
            var tombstones: [[UInt8]] = []
            let rows = try scene.rows(of: table)
            try IndexChecker.check(table, rows, scene)
            for row in rows {
                bytes += Int64(row.version.sizeBytes)
                if row.version.isTombstone {
                    tombstones.append(mark(table, row.key, row.version))
                } else {
                    items += 1
                }
            }
            let counts = try reading.counts(of: table)
            guard counts.items == items, counts.bytes == bytes else {
                throw BrokenInvariant(
                    "Derived",
                    "\(scene.name): \(table.name) counts \(counts.items) items of \(counts.bytes) "
                        + "bytes and has \(items) of \(bytes)",
                )
            }
            tombstones.sort { $0.lexicographicallyPrecedes($1) }
            guard try marks(of: table, scene) == tombstones else {
                throw BrokenInvariant(
                    "Derived",
                    "\(scene.name): the order of tombstones of \(table.name) is not that of its rows",
                )
            }
            try checkExpiry(of: table, scene)
            try StreamChecker.check(table, scene)
        }
    }

    /// Items have the entries they have to have; while entries are being made for items that were
    /// there before, none is wrong.
    private static func checkExpiry(of table: Table, _ scene: Scene) throws {
        guard let expiry = table.state.expiry else { return }
        var expected: Set<[UInt8]> = []
        for row in try scene.rows(of: table) {
            if let entry = ExpiryEntry.key(of: row.version, at: row.key, in: expiry) {
                expected.insert(entry)
            }
        }
        var found: Set<[UInt8]> = []
        try scene.store.range(
            .expiries,
            from: Table.rowPrefix(expiry.number),
            to: Table.rowPrefix(expiry.number + 1),
            reversed: false,
        ) { key, _ in
            found.insert([UInt8](key))
            return true
        }
        guard expiry.isWhole ? found == expected : found.isSubset(of: expected) else {
            throw BrokenInvariant(
                "Derived",
                "\(scene.name): the order of expiry of \(table.name) is not that of its rows",
            )
        }
    }

    private static func mark(_ table: Table, _ key: [UInt8], _ version: Version) -> [UInt8] {
        var writer = ByteWriter()
        writer.uint32(table.number)
        writer.time(version.stamp.time)
        writer.raw(key)
        return writer.bytes
    }

    private static func marks(of table: Table, _ scene: Scene) throws -> [[UInt8]] {
        var marks: [[UInt8]] = []
        try scene.store.range(
            .tombstones,
            from: table.rowPrefix,
            to: table.rowEnd,
            reversed: false,
        ) { key, _ in
            marks.append([UInt8](key))
            return true
        }
        return marks
    }
}
