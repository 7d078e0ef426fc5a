import Changes
import Items
package import Wire

/// What a reading operation works with: one catalog and one snapshot of the store.
package struct ReadContext {
    private let shared: SharedCatalog
    package let store: any StoreReader

    package init(_ shared: SharedCatalog, store: any StoreReader) {
        self.shared = shared
        self.store = store
    }

    package init(catalog: TableCatalog, store: any StoreReader) {
        self.init(SharedCatalog(catalog), store: store)
    }

    package var catalog: TableCatalog { shared.catalog }

    /// What a read of one item needs of a table; nil where `table` is to be asked.
    func keyedTable(_ name: String) -> KeyedTable? {
        shared.keyedTable(name)
    }

    /// The table, if applications may use it here.
    package func table(_ name: String) throws(ServiceError) -> Table {
        try catalog.servingTable(name)
    }

    /// The stored form of an item and its size, or nil if there is none.
    package func image(
        of table: Table,
        at key: [UInt8],
    ) throws -> (bytes: [UInt8], sizeBytes: Int)? {
        try image(atRow: table.row(key))
    }

    /// The same of the item whose key in `Keyspace.items` is known.
    func image(atRow row: [UInt8]) throws -> (bytes: [UInt8], sizeBytes: Int)? {
        var image: (bytes: [UInt8], sizeBytes: Int)?
        try row.withUnsafeBytes { row in
            try store.look(.items, row) { stored in
                guard let stored, let found = try Version.image(of: stored) else { return }
                image = ([UInt8](found.image), found.sizeBytes)
            }
        }
        return image
    }

    /// How many items the table has, and their size.
    package func counts(of table: Table) throws -> TableCounts {
        try store.get(.meta, MetaKey.counts(of: table.number)).map(TableCounts.init(decoding:))
            ?? TableCounts()
    }

    /// How many entries each index has, and their size, by the index's number.
    package func indexCounts(of table: Table) throws -> [UInt32: TableCounts] {
        var all: [UInt32: TableCounts] = [:]
        for index in table.indexes {
            all[index.number.number] =
                try store.get(.meta, MetaKey.counts(of: index.number))
                .map(TableCounts.init(decoding:))
        }
        return all
    }

    /// A stored item as it passes by in a walk; its buffers are valid during the call only.
    package typealias PassingItem = (image: UnsafeRawBufferPointer, sizeBytes: Int)

    /// Calls `body` with the key bytes and the item of each row whose key lies in `from` ≤ key <
    /// `to` (nil: to the table's end), in key order or its reverse, until it returns false.
    ///
    /// The item is nil for a tombstone: whoever walks far must count these too, or one walk may pass
    /// any number of rows.
    package func rows(
        of table: Table,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool = false,
        _ body: (_ key: UnsafeRawBufferPointer, _ item: PassingItem?) throws -> Bool,
    ) throws {
        try store.range(
            .items,
            from: table.row(from),
            to: to.map(table.row) ?? table.rowEnd,
            reversed: reversed,
        ) { key, value in
            let itemKey = UnsafeRawBufferPointer(rebasing: key[Table.rowPrefixBytes...])
            return try body(itemKey, try Version.image(of: value))
        }
    }

    /// Calls `body` with the key bytes (the index key and the item's) and the projected image of each
    /// entry of an index in `from` ≤ key < `to` (nil: to the index's end), in key order or its
    /// reverse, until it returns false.
    package func entries(
        of index: TableIndex,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool = false,
        _ body: (_ key: UnsafeRawBufferPointer, _ entry: PassingItem) throws -> Bool,
    ) throws {
        let prefix = index.number.rowPrefix
        try store.range(
            .indexes,
            from: prefix + from,
            to: to.map { prefix + $0 } ?? index.number.rowEnd,
            reversed: reversed,
        ) { key, value in
            let entryKey = UnsafeRawBufferPointer(rebasing: key[IndexNumber.rowPrefixBytes...])
            return try body(entryKey, try IndexEntry.image(of: value))
        }
    }
}
