/// An item in its stored form, where it lies: bytes that somebody else keeps, and that were checked.
///
/// What an index holds of an item is made from there: its key is the encoding of some of the values, and
/// what it shows are some of the attributes as they are stored. `StoredItemTests` hold that to what
/// `IndexKey` and `Item` make of the values.
package struct StoredItem {
    private let bytes: UnsafeRawBufferPointer

    /// Takes bytes that are an item, as the caller knows.
    package init(known bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Takes bytes that may be anything; an item must fill them.
    package init(checking bytes: UnsafeRawBufferPointer) throws(StoredFormError) {
        if UsualScan.sizeBytes(bytes) == nil { _ = try StoredScan(stored: bytes) }
        self.bytes = bytes
    }

    /// The item's place in an index; nil where it has none, which `IndexKey` tells more of.
    package func key(in schema: IndexSchema) -> [UInt8]? {
        // Together these have a bound that each of them alone has not.
        guard !schema.hasSeveral else { return try? IndexKey.bytes(of: item(of: schema), schema) }
        var key: [UInt8] = []
        key.reserveCapacity(Self.usualKeyBytes)
        return appendKey(schema.partition[0], schema.sort.first, to: &key) ? key : nil
    }

    private static let usualKeyBytes = 64

    /// The key attributes that it has.
    private func item(of schema: IndexSchema) -> Item {
        Item(
            schema.keyAttributes.compactMap { attribute in
                var reader = KnownReader(bytes)
                guard reader.find(attribute.name) else { return nil }
                return Item.Attribute(attribute.name, reader.value())
            }
        )
    }

    /// Appends a place made of at most two values; false where the item cannot have it, and where a part of
    /// it may be there.
    func appendKey(
        _ partition: TableSchema.KeyAttribute,
        _ sort: TableSchema.KeyAttribute?,
        to key: inout [UInt8],
    ) -> Bool {
        let start = key.count
        for _ in 0..<ItemKey.hashBytes { key.append(0) }
        guard append(partition, isPartition: true, to: &key) else { return false }
        ItemKey.setHash(of: &key, from: start)
        guard let sort else { return true }
        return append(sort, isPartition: false, to: &key)
    }

    private func append(
        _ attribute: TableSchema.KeyAttribute,
        isPartition: Bool,
        to key: inout [UInt8],
    ) -> Bool {
        var reader = KnownReader(bytes)
        guard reader.find(attribute.name) else { return false }
        var value = reader.rest
        return PackedItem.known { () throws(StoredFormError) in
            try KeyEncoding.append(
                stored: &value,
                of: attribute,
                isPartition: isPartition,
                to: &key,
            )
        }
    }

    /// The whole item's bytes.
    package var image: [UInt8] { [UInt8](bytes) }

    /// An item of the attributes with these names alone, in stored form, and its size.
    ///
    /// The names are sorted, each once.
    package func keeping(_ names: [Text]) -> (image: [UInt8], sizeBytes: Int) {
        var kept: [Range<Int>] = []
        var sizeBytes = 0
        var next = 0
        var reader = KnownReader(bytes)
        for _ in 0..<reader.count {
            let start = reader.position
            let name = reader.run()
            let value = reader.rest
            reader.passValue()
            var order = -1
            while next < names.count {
                order = names[next].withUTF8 { ByteOrder.compare($0, name) }
                guard order < 0 else { break }
                next += 1
            }
            guard order == 0, next < names.count else { continue }
            kept.append(start..<reader.position)
            sizeBytes += PackedItem.sizeBytes(name, value)
        }
        var image: [UInt8] = []
        image.reserveCapacity(2 + kept.reduce(1) { $0 + $1.count })
        image.append(StoredForm.format)
        StoredEncoder.append(count: kept.count, to: &image)
        for range in kept { image.append(contentsOf: bytes[range]) }
        return (image, sizeBytes)
    }
}
