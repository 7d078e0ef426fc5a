import Changes
import Engine
import Items
import Wire

/// Invariant 8, for indexes: entries, their counts and the sizes of item collections are what the
/// items say, and there is nothing else.
enum IndexChecker {
    static func check(
        _ table: Table,
        _ rows: [(key: [UInt8], version: Version)],
        _ scene: Scene,
    ) throws {
        let items = try rows.compactMap { row in
            try row.version.image.map { (key: row.key, item: try Item(decoding: $0)) }
        }
        var expected: [[UInt8]: Item] = [:]
        var collections: [[UInt8]: Int64] = [:]
        for index in table.indexes {
            var counts = TableCounts()
            for (key, item) in items where index.covers(key) {
                guard let entry = try? IndexKey.bytes(of: item, index.schema) else { continue }
                let shown = projected(item, index, table)
                expected[index.number.rowPrefix + entry + key] = shown
                counts.items += 1
                counts.bytes += Int64(shown.sizeBytes)
                guard index.isLocal else { continue }
                let collection = try CollectionKey.key(of: table, itemKey: key)
                collections[collection, default: 0] += Int64(shown.sizeBytes)
            }
            try check(counts, of: index, table, scene)
        }
        try checkEntries(of: table, expected, scene)
        for (key, item) in items where table.hasLocalIndexes {
            let collection = try CollectionKey.key(of: table, itemKey: key)
            collections[collection, default: 0] += Int64(item.sizeBytes)
        }
        try checkCollections(of: table, collections, scene)
    }

    private static func projected(_ item: Item, _ index: TableIndex, _ table: Table) -> Item {
        let projection = index.definition.projection
        guard projection.type != .all else { return item }
        var shown = Item()
        let keys = table.schema.keyAttributes + index.schema.keyAttributes
        for name in keys.map(\.name) + projection.nonKeyAttributes { shown[name] = item[name] }
        return shown
    }

    private static func check(
        _ counts: TableCounts,
        of index: TableIndex,
        _ table: Table,
        _ scene: Scene,
    ) throws {
        let reading = ReadContext(catalog: scene.engine.catalog, store: scene.store)
        let stored = try reading.indexCounts(of: table)[index.number.number] ?? TableCounts()
        guard stored == counts else {
            throw broken(
                table,
                scene,
                "index \(index.name) counts \(stored.items) entries of \(stored.bytes) bytes, "
                    + "not \(counts.items) of \(counts.bytes)",
            )
        }
    }

    private static func checkEntries(
        of table: Table,
        _ expected: [[UInt8]: Item],
        _ scene: Scene,
    ) throws {
        let going = table.state.indexes.entries.compactMap { entry -> [UInt8]? in
            guard case .deleting = entry.phase else { return nil }
            return IndexNumber(table: table.number, number: entry.number).rowPrefix
        }
        var left = expected
        try scene.store.range(
            .indexes,
            from: table.rowPrefix,
            to: table.rowEnd,
            reversed: false,
        ) { key, value in
            let key = [UInt8](key)
            if going.contains(where: { key.starts(with: $0) }) { return true }
            var reader = ByteReader(value)
            let size = Int(try reader.uint32())
            let item = try Item(decoding: reader.rest())
            guard left.removeValue(forKey: key) == item, item.sizeBytes == size else {
                throw broken(table, scene, "an index holds what the items do not say")
            }
            return true
        }
        guard left.isEmpty else {
            throw broken(table, scene, "an index lacks \(left.count) of its entries")
        }
    }

    private static func checkCollections(
        of table: Table,
        _ expected: [[UInt8]: Int64],
        _ scene: Scene,
    ) throws {
        var stored: [[UInt8]: Int64] = [:]
        try scene.store.range(
            .collections,
            from: table.rowPrefix,
            to: table.rowEnd,
            reversed: false,
        ) { key, value in
            stored[[UInt8](key)] = try CollectionKey.sizeBytes(of: [UInt8](value))
            return true
        }
        guard stored == expected else {
            throw broken(table, scene, "the sizes of item collections are not those of the items")
        }
    }

    private static func broken(_ table: Table, _ scene: Scene, _ text: String) -> BrokenInvariant {
        BrokenInvariant("Derived", "\(scene.name): \(table.name): \(text)")
    }
}
