import Causality
package import Changes
package import Items
package import Wire

/// What a write did beside storing its item.
package struct WriteEffects: Sendable {
    /// What it used of each index that it changed, sorted by name.
    package var localIndexes: [ConsumedCapacity.IndexPart] = []
    package var globalIndexes: [ConsumedCapacity.IndexPart] = []
    /// The size of the item's collection after it; nil for a table without local indexes.
    package var collectionBytes: Int64?

    package init() {}
}

/// An image that a table's indexes are to show, or to show no more.
///
/// It is there only during the call that it was given to.
struct IndexedImage {
    let item: StoredItem
    /// By the API's rules.
    let sizeBytes: Int

    /// Takes an image that was checked.
    init(known image: UnsafeRawBufferPointer, sizeBytes: Int) {
        item = StoredItem(known: image)
        self.sizeBytes = sizeBytes
    }
}

extension Version {
    /// Throws where the image cannot be read.
    fileprivate func checkImage() throws(StoredFormError) {
        guard let image else { return }
        let checked: Result<Void, StoredFormError> = image.withUnsafeBytes { image in
            Result { () throws(StoredFormError) in _ = try StoredItem(checking: image) }
        }
        try checked.get()
    }

    /// Calls `body` with the image, which was checked; with nil for a tombstone.
    fileprivate func withIndexedImage<Result>(
        _ body: (IndexedImage?) throws -> Result
    ) rethrows -> Result {
        guard let image else { return try body(nil) }
        return try image.withUnsafeBytes { image in
            try body(IndexedImage(known: image, sizeBytes: sizeBytes))
        }
    }
}

/// Keeping what is derived from the items of one table: entries of indexes and the sizes of item
/// collections.
///
/// Invariants: an index holds exactly one entry for each item that it covers and that has all its
/// key attributes; counts and sizes are those of the entries. Everything here runs where a version
/// takes another's place (`replace`, `derive`), in its transaction.
extension WriteGroup {
    /// Throws where the images of two versions cannot be read that the indexes of their table need.
    func checkImages(
        from old: Version?,
        to new: Version,
        in table: Table,
    ) throws(StoredFormError) {
        guard !table.indexes.isEmpty else { return }
        try old?.checkImage()
        try new.checkImage()
    }

    /// Brings the indexes of a table from one version of an item to the next, whose images were checked.
    func maintainIndexes(
        of table: Table,
        at key: [UInt8],
        from old: Version?,
        to new: Version,
    ) throws -> WriteEffects {
        if engine.settings.plantedBugs.contains(.indexesForgottenByMerge),
            new.stamp.origin != engine.origin
        {
            return WriteEffects()
        }
        return try new.withIndexedImage { new in
            guard let old else {
                return try maintainIndexes(of: table, at: key, from: nil, to: new)
            }
            return try old.withIndexedImage { old in
                try maintainIndexes(of: table, at: key, from: old, to: new)
            }
        }
    }

    /// The same with images where they lie; nil for no item.
    @discardableResult
    func maintainIndexes(
        of table: Table,
        at key: [UInt8],
        from old: IndexedImage?,
        to new: IndexedImage?,
    ) throws -> WriteEffects {
        var effects = WriteEffects()
        var growth = Int64(new?.sizeBytes ?? 0) - Int64(old?.sizeBytes ?? 0)
        for index in table.indexes where covers(index, key) {
            let before = old.flatMap { index.entry(of: $0.item, sizeBytes: $0.sizeBytes) }
            let after = new.flatMap { index.entry(of: $0.item, sizeBytes: $0.sizeBytes) }
            guard let units = try change(index, at: key, from: before, to: after) else { continue }
            let part = ConsumedCapacity.IndexPart(indexName: index.name, units: units)
            if index.isLocal {
                effects.localIndexes.append(part)
                growth += Int64(after?.sizeBytes ?? 0) - Int64(before?.sizeBytes ?? 0)
            } else {
                effects.globalIndexes.append(part)
            }
        }
        if table.hasLocalIndexes {
            effects.collectionBytes = try growCollection(of: table, at: key, by: growth)
        }
        return effects
    }

    private func covers(_ index: TableIndex, _ key: [UInt8]) -> Bool {
        engine.settings.plantedBugs.contains(.indexWrittenAheadOfBackfill) || index.covers(key)
    }

    /// Puts one entry in the place of another.
    /// - Returns: what that used: one write, or two where the entry moves; nil where nothing changed.
    private func change(
        _ index: TableIndex,
        at key: [UInt8],
        from before: IndexEntry?,
        to after: IndexEntry?,
    ) throws -> CapacityUnits? {
        guard before != after else { return nil }
        if let before, let after, before.key == after.key {
            try put(after, in: index, at: key, replacing: before.sizeBytes)
            return .write(bytes: max(before.sizeBytes, after.sizeBytes))
        }
        var units = CapacityUnits.zero
        if let before {
            try store.delete(.indexes, index.row(before.key, key))
            try adjust(index.number, items: -1, bytes: -before.sizeBytes)
            units += .write(bytes: before.sizeBytes)
        }
        if let after {
            try put(after, in: index, at: key, replacing: nil)
            units += .write(bytes: after.sizeBytes)
        }
        return units
    }

    /// Stores an entry; `replacing` is the size of the one that was there.
    func put(
        _ entry: IndexEntry,
        in index: TableIndex,
        at key: [UInt8],
        replacing sizeBytes: Int?,
    ) throws {
        try store.put(.indexes, index.row(entry.key, key), entry.encoded)
        try adjust(
            index.number,
            items: sizeBytes == nil ? 1 : 0,
            bytes: entry.sizeBytes - (sizeBytes ?? 0),
        )
    }

    private func adjust(_ index: IndexNumber, items: Int, bytes: Int) throws {
        guard items != 0 || bytes != 0 else { return }
        var counts = try counts(of: index)
        counts.items += Int64(items)
        counts.bytes += Int64(bytes)
        setCounts(counts, of: index)
    }

    func counts(of index: IndexNumber) throws -> TableCounts {
        if let counts = engine.indexCounts[index] { return counts }
        let row = try store.get(.meta, MetaKey.counts(of: index))
        let counts = try row.map(TableCounts.init(decoding:)) ?? TableCounts()
        engine.indexCounts[index] = counts
        return counts
    }

    /// Those of all indexes, by number.
    func indexCounts(of table: Table) throws -> [UInt32: TableCounts] {
        var all: [UInt32: TableCounts] = [:]
        for index in table.indexes { all[index.number.number] = try counts(of: index.number) }
        return all
    }

    /// Removes all that is kept of indexes, as when the items go: what comes enters them anew.
    func clearIndexes(of table: Table) throws {
        guard !table.indexes.isEmpty else { return }
        for index in table.indexes {
            let number = index.number
            try store.deleteRange(.indexes, from: number.rowPrefix, to: number.rowEnd)
            setCounts(TableCounts(), of: number)
        }
        try store.deleteRange(.collections, from: table.rowPrefix, to: table.rowEnd)
    }

    // MARK: Item collections

    /// The size of an item's collection; nil for a table without local indexes.
    func collectionBytes(of table: Table, at key: [UInt8]) throws -> Int64? {
        guard table.hasLocalIndexes else { return nil }
        return try collectionBytes(CollectionKey.key(of: table, itemKey: key))
    }

    private func growCollection(
        of table: Table,
        at key: [UInt8],
        by growth: Int64,
    ) throws -> Int64 {
        let row = try CollectionKey.key(of: table, itemKey: key)
        let size = try collectionBytes(row) + growth
        guard growth != 0 else { return size }
        if size == 0 {
            try store.delete(.collections, row)
        } else {
            var writer = ByteWriter(reserving: 8)
            writer.uint64(UInt64(bitPattern: size))
            try store.put(.collections, row, writer.bytes)
        }
        return size
    }

    private func collectionBytes(_ row: [UInt8]) throws -> Int64 {
        guard let bytes = try store.get(.collections, row) else { return 0 }
        return try CollectionKey.sizeBytes(of: bytes)
    }

    // MARK: Following descriptions

    /// Begins to build the indexes that a changed description has anew, and to remove those that it
    /// has no more.
    func followIndexes(of before: Table, now parts: TableParts) {
        var states = before.state.indexes
        states.drop(before.description, now: parts)
        states.follow(parts, phase: .building(through: nil))
        guard states != before.state.indexes else { return }
        changeState(before.id) { $0.indexes = states }
        engine.hasIndexWork = true
    }
}

/// The keys and values of `Keyspace.collections`.
package enum CollectionKey {
    /// Table number, and what the keys of all items of the collection begin with.
    package static func key(of table: Table, itemKey: [UInt8]) throws(ItemKeyError) -> [UInt8] {
        table.rowPrefix + (try ItemKey(stored: itemKey).partitionPrefix(schema: table.schema))
    }

    package static func sizeBytes(of value: [UInt8]) throws(MalformedBytes) -> Int64 {
        try ByteReader.reading(value) { (reader) throws(MalformedBytes) in
            Int64(bitPattern: try reader.uint64())
        }
    }
}
