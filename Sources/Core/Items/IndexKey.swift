/// The place of an item in a secondary index: bytes whose order is the order of a scan of it.
///
/// Layout: a 16-bit hash of the encoded partition values, big-endian; the encoded partition values;
/// the encoded sort values, both in the order of the schema. For the schema of a table these are the
/// very bytes of `ItemKey`. Every encoded value says where it ends, so other bytes can follow: in an
/// index, the item's own key, since many items may have one index key.
package enum IndexKey {
    /// The place of `item`, which may have any other attributes.
    package static func bytes(
        of item: Item,
        _ schema: IndexSchema,
    ) throws(ItemKeyError) -> [UInt8] {
        var partition: [AttributeValue] = []
        for attribute in schema.partition { partition.append(try value(of: attribute, in: item)) }
        var bytes = try partitionPrefix(partition, schema)
        var sort: [AttributeValue] = []
        for attribute in schema.sort { sort.append(try value(of: attribute, in: item)) }
        try append(sort, schema, to: &bytes)
        return bytes
    }

    /// What the keys of all items of a partition begin with, and no others; `values` are those of
    /// all partition attributes.
    package static func partitionPrefix(
        _ values: [AttributeValue],
        _ schema: IndexSchema,
    ) throws(ItemKeyError) -> [UInt8] {
        var bytes: [UInt8] = [0, 0]
        for (attribute, value) in zip(schema.partition, values) {
            try KeyEncoding.append(value, of: attribute, isPartition: true, to: &bytes)
        }
        try checkTogether(values, schema.partition, isPartition: true)
        let hash = bytes.withUnsafeBytes {
            KeyEncoding.hash(UnsafeRawBufferPointer(rebasing: $0[ItemKey.hashBytes...]))
        }
        bytes[0] = UInt8(truncatingIfNeeded: hash >> 8)
        bytes[1] = UInt8(truncatingIfNeeded: hash)
        return bytes
    }

    /// Appends the values of the first sort attributes, as many as are given.
    package static func append(
        _ sort: [AttributeValue],
        _ schema: IndexSchema,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        for (attribute, value) in zip(schema.sort, sort) {
            try KeyEncoding.append(value, of: attribute, isPartition: false, to: &bytes)
        }
        try checkTogether(sort, schema.sort, isPartition: false)
    }

    /// Appends the value of one sort attribute.
    package static func append(
        _ value: AttributeValue,
        of attribute: TableSchema.KeyAttribute,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        try KeyEncoding.append(value, of: attribute, isPartition: false, to: &bytes)
    }

    /// Appends what the encodings of all values of a sort attribute that begin with `value` begin
    /// with, and no others.
    package static func append(
        prefix value: AttributeValue,
        of attribute: TableSchema.KeyAttribute,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        bytes += try KeyEncoding.prefix(value, of: attribute)
    }

    /// The key attributes at the start of `bytes`, and where they end; nil for bytes that this schema
    /// did not make.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        _ schema: IndexSchema,
    ) -> (item: Item, count: Int)? {
        guard bytes.count > ItemKey.hashBytes else { return nil }
        var count = ItemKey.hashBytes
        var attributes: [Item.Attribute] = []
        for attribute in schema.keyAttributes {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
            guard let value = KeyEncoding.decode(rest, as: attribute.type) else { return nil }
            attributes.append(Item.Attribute(attribute.name, value.value))
            count += value.count
        }
        return (Item(attributes), count)
    }

    private static func value(
        of attribute: TableSchema.KeyAttribute,
        in item: Item,
    ) throws(ItemKeyError) -> AttributeValue {
        guard let value = item[attribute.name] else { throw .missing(name: attribute.name) }
        return value
    }

    /// The bounds that hold for one value hold for several together.
    private static func checkTogether(
        _ values: [AttributeValue],
        _ attributes: [TableSchema.KeyAttribute],
        isPartition: Bool,
    ) throws(ItemKeyError) {
        guard values.count > 1, let last = attributes.last else { return }
        let bytesMax =
            isPartition ? ItemLimits.partitionKeyBytesMax : ItemLimits.sortKeyBytesMax
        let bytes = values.reduce(0) { $0 + $1.sizeBytes }
        guard bytes <= bytesMax else {
            throw .tooLong(
                name: last.name,
                isPartition: isPartition,
                bytes: bytes,
                bytesMax: bytesMax,
            )
        }
    }
}
