/// The place of an item in its table: bytes whose order is the order of a scan.
///
/// Layout: a 16-bit hash of the encoded partition value, big-endian; the encoded partition value;
/// the encoded sort value, if the table has one. So the items of one partition lie together in the
/// order of their sort values, and partitions lie spread evenly over the hash, which is where scan
/// segments are cut. Strings and binaries are encoded as in FoundationDB's tuples: every byte 0 is
/// followed by 255, and 0, 1 ends the value. Numbers are in `DecimalNumber`'s ordered bytes. These
/// bytes are stored, so the layout and the hash are fixed for ever.
package struct ItemKey: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    package static let hashBytes = 2

    /// Bytes read back from a store.
    package init(stored bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The place of `item`, which may have any other attributes.
    package init(schema: TableSchema, item: Item) throws(ItemKeyError) {
        var bytes: [UInt8] = []
        if case .packed = item.form { bytes.reserveCapacity(KeyEncoding.usualBytes) }
        try Self.append(item, schema: schema, to: &bytes)
        self.bytes = bytes
    }

    /// Appends the bytes of the place of `item`, which may have any other attributes, behind what is
    /// there: a key of the store begins with more than an item's place.
    package static func append(
        _ item: Item,
        schema: TableSchema,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        if case .packed(let packed) = item.form {
            let start = bytes.count
            if packed.appendKey(of: schema, to: &bytes) { return }
            bytes.removeSubrange(start...)
        }
        let partition = try value(of: schema.partition, in: item)
        bytes.reserveCapacity(bytes.count + usualBytes)
        try appendPartition(partition, schema: schema, to: &bytes)
        if let sort = schema.sort {
            let value = try value(of: sort, in: item)
            try KeyEncoding.append(value, of: sort, isPartition: false, to: &bytes)
        }
    }

    /// The same for `key`, which must have just the key attributes.
    package static func append(
        key: Item,
        schema: TableSchema,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        try append(key, schema: schema, to: &bytes)
        try checkCount(of: key, schema)
    }

    /// Room for most keys, made at once.
    private static let usualBytes = 160

    /// The place that `key`, which must have just the key attributes, names.
    package init(schema: TableSchema, key: Item) throws(ItemKeyError) {
        try self.init(schema: schema, item: key)
        try Self.checkCount(of: key, schema)
    }

    private static func checkCount(
        of key: Item,
        _ schema: TableSchema,
    ) throws(ItemKeyError) {
        guard key.count == (schema.sort == nil ? 1 : 2) else { throw .extraAttributes }
    }

    /// The partition's hash, 0...65535.
    package var hash: Int {
        bytes.count >= 2 ? Int(bytes[0]) << 8 | Int(bytes[1]) : 0
    }

    package static func < (left: ItemKey, right: ItemKey) -> Bool {
        ByteOrder.compare(left.bytes, right.bytes) < 0
    }

    /// What the keys of all items of a partition begin with, and no others.
    package static func partitionPrefix(
        schema: TableSchema,
        value: AttributeValue,
    ) throws(ItemKeyError) -> [UInt8] {
        var bytes: [UInt8] = []
        try appendPartition(value, schema: schema, to: &bytes)
        return bytes
    }

    private static func appendPartition(
        _ value: AttributeValue,
        schema: TableSchema,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        let start = bytes.count
        bytes.append(0)
        bytes.append(0)
        try KeyEncoding.append(value, of: schema.partition, isPartition: true, to: &bytes)
        setHash(of: &bytes, from: start)
    }

    /// Puts the hash of the encoded partition value, which is the last that is there, before it.
    ///
    /// The place of the item begins at `start`.
    static func setHash(of bytes: inout [UInt8], from start: Int = 0) {
        let hash = bytes.withUnsafeBytes {
            KeyEncoding.hash(UnsafeRawBufferPointer(rebasing: $0[(start + hashBytes)...]))
        }
        bytes[start] = UInt8(truncatingIfNeeded: hash >> 8)
        bytes[start + 1] = UInt8(truncatingIfNeeded: hash)
    }

    /// The sort value as it stands behind its partition's prefix.
    package static func encodeSort(
        schema: TableSchema,
        value: AttributeValue,
    ) throws(ItemKeyError) -> [UInt8] {
        guard let sort = schema.sort else { throw .extraAttributes }
        var bytes: [UInt8] = []
        try KeyEncoding.append(value, of: sort, isPartition: false, to: &bytes)
        return bytes
    }

    /// What the encodings of all sort values that begin with `value` begin with, and no others.
    ///
    /// `value` is a string or a binary of the sort key's type.
    package static func sortPrefix(
        schema: TableSchema,
        beginsWith value: AttributeValue,
    ) throws(ItemKeyError) -> [UInt8] {
        guard let sort = schema.sort else { throw .extraAttributes }
        return try KeyEncoding.prefix(value, of: sort)
    }

    /// The least bytes above everything that begins with `prefix`; nil if there are none.
    package static func upperBound(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        var bound = prefix
        while let last = bound.popLast() {
            if last < 0xff {
                bound.append(last + 1)
                return bound
            }
        }
        return nil
    }

    /// The key attributes, read back.
    package func keyItem(schema: TableSchema) throws(ItemKeyError) -> Item {
        let result: Result<Item, ItemKeyError> = bytes.withUnsafeBytes { bytes in
            do throws(ItemKeyError) {
                return .success(try KeyEncoding.decode(bytes, schema: schema))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The prefix of this key's partition.
    package func partitionPrefix(schema: TableSchema) throws(ItemKeyError) -> [UInt8] {
        let end = bytes.withUnsafeBytes { KeyEncoding.partitionEnd($0, schema: schema) }
        guard let end else { throw .malformed }
        return Array(bytes[..<end])
    }

    /// The keys of one of `total` segments of a scan: `from` and up, below `to`, or to the end.
    ///
    /// Segments are cut between hashes; of more than 65,536 segments some are empty, with equal
    /// ends.
    /// `total` is 1...1,000,000 as the API allows, `segment` below it; both are clamped to that.
    package static func segmentRange(
        segment: Int,
        total: Int,
    ) -> (from: [UInt8], to: [UInt8]?) {
        let total = min(max(total, 1), segmentsMax)
        let segment = min(max(segment, 0), total - 1)
        func bound(_ index: Int) -> [UInt8]? {
            let hash = index * 65536 / total
            return hash > 0xffff
                ? nil : [UInt8(truncatingIfNeeded: hash >> 8), UInt8(truncatingIfNeeded: hash)]
        }
        return (segment == 0 ? [] : bound(segment) ?? [0xff, 0xff, 0xff], bound(segment + 1))
    }

    package static let segmentsMax = 1_000_000

    private static func value(
        of attribute: TableSchema.KeyAttribute,
        in item: Item,
    ) throws(ItemKeyError) -> AttributeValue {
        guard let value = item[attribute.name] else { throw .missing(name: attribute.name) }
        return value
    }
}
