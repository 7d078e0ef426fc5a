package import Items
package import Wire
import Changes

/// A secondary index of a table as a region keeps it.
///
/// A value made from the description and the local state whenever one of them changes
/// (`Table.indexes`), so that writes and reads find everything in one place.
package struct TableIndex: Equatable, Sendable {
    package let number: IndexNumber
    package let definition: SecondaryIndex
    package let isLocal: Bool
    package let phase: IndexStates.Phase
    /// The attributes that entries hold; nil for all.
    package let projected: Set<Text>?
    /// The same, sorted.
    private let projectedInOrder: [Text]?

    package var name: String { definition.name }
    package var schema: IndexSchema { definition.schema }

    init(
        number: IndexNumber,
        definition: SecondaryIndex,
        isLocal: Bool,
        phase: IndexStates.Phase,
        table: TableSchema,
    ) {
        self.number = number
        self.definition = definition
        self.isLocal = isLocal
        self.phase = phase
        projected =
            definition.projection.type == .all
            ? nil
            : Set(
                table.keyAttributes.map(\.name) + definition.schema.keyAttributes.map(\.name)
                    + definition.projection.nonKeyAttributes
            )
        projectedInOrder = projected?.sorted()
    }

    /// Whether the index holds the entries of all items.
    package var isActive: Bool { phase == .active }

    /// Whether the entry of the item at a key belongs in the index as far as it is built.
    ///
    /// A write behind the backfill's place keeps the index right; one ahead of it is found when the
    /// backfill comes by.
    package func covers(_ key: [UInt8]) -> Bool {
        switch phase {
        case .active: true
        case .building(let through?): !through.lexicographicallyPrecedes(key)
        case .building(nil), .deleting: false
        }
    }

    /// The entry of an item; nil for one that has no value of the right kind for some key attribute,
    /// and for no item.
    func entry(of item: Item?, _ version: Version?) -> IndexEntry? {
        guard let item, let version, let image = version.image,
            let key = try? IndexKey.bytes(of: item, schema)
        else { return nil }
        guard let projected else {
            return IndexEntry(key: key, image: image, sizeBytes: version.sizeBytes)
        }
        let shown = Item(item.attributes.filter { projected.contains($0.name) })
        return IndexEntry(key: key, image: shown.encoded(), sizeBytes: shown.sizeBytes)
    }

    /// The same, from bytes to bytes: a write looks at two versions for each index.
    func entry(of item: StoredItem, sizeBytes: Int) -> IndexEntry? {
        guard let key = item.key(in: schema) else { return nil }
        guard let names = projectedInOrder else {
            return IndexEntry(key: key, image: item.image, sizeBytes: sizeBytes)
        }
        let shown = item.keeping(names)
        return IndexEntry(key: key, image: shown.image, sizeBytes: shown.sizeBytes)
    }

    /// The key of the row of an item's entry in `Keyspace.indexes`.
    func row(_ indexKey: [UInt8], _ itemKey: [UInt8]) -> [UInt8] {
        number.rowPrefix + indexKey + itemKey
    }
}

/// What an index holds of one item.
package struct IndexEntry: Equatable, Sendable {
    /// The index key's bytes.
    package let key: [UInt8]
    /// The projected attributes in stored form.
    package let image: [UInt8]
    /// Their size by the API's rules.
    package let sizeBytes: Int

    /// The stored form: `size, image to the end`.
    var encoded: [UInt8] {
        var writer = ByteWriter(reserving: 4 + image.count)
        writer.uint32(UInt32(clamping: sizeBytes))
        writer.raw(image)
        return writer.bytes
    }

    /// A stored entry's image without a copy.
    static func image(
        of value: UnsafeRawBufferPointer
    ) throws(MalformedBytes) -> (image: UnsafeRawBufferPointer, sizeBytes: Int) {
        var reader = ByteReader(value)
        let size = Int(try reader.uint32())
        return (reader.rest(), size)
    }
}
