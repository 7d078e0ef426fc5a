import JSON

/// The encoding of key values inside `ItemKey`'s bytes.
enum KeyEncoding {
    /// Follows a byte 0 that belongs to the value.
    private static let escapedZero: UInt8 = 0xff
    /// Follows a byte 0 that ends the value; less than `escapedZero`, so that a value sorts before
    /// those it begins.
    static let end: UInt8 = 0x01
    /// Room made behind a value: for its end and most sort values.
    private static let spareBytes = 48
    /// Room for most keys.
    static let usualBytes = 96

    static func append(
        _ value: AttributeValue,
        of attribute: TableSchema.KeyAttribute,
        isPartition: Bool,
        to bytes: inout [UInt8],
    ) throws(ItemKeyError) {
        switch (attribute.type, value) {
        case (.number, .number(let number)):
            number.appendOrdered(to: &bytes)
        case (.string, .string(let text)):
            try check(text.utf8Count, attribute, isPartition: isPartition)
            bytes.reserveCapacity(bytes.count + text.utf8Count + spareBytes)
            appendEscaped(text, to: &bytes)
            bytes.append(0)
            bytes.append(end)
        case (.binary, .binary(let binary)):
            try check(binary.count, attribute, isPartition: isPartition)
            bytes.reserveCapacity(bytes.count + binary.count + spareBytes)
            binary.withUnsafeBufferPointer { appendEscaped($0, to: &bytes) }
            bytes.append(0)
            bytes.append(end)
        default:
            throw mismatch(attribute, value)
        }
    }

    /// Appends the encoding of a value in its stored form.
    ///
    /// False where it cannot be the key attribute's; `append(_:of:isPartition:to:)` tells why.
    static func append(
        stored value: inout StoredReader,
        of attribute: TableSchema.KeyAttribute,
        isPartition: Bool,
        to bytes: inout [UInt8],
    ) throws(StoredFormError) -> Bool {
        let tag = try value.byte()
        switch (attribute.type, tag) {
        case (.number, StoredForm.Tag.number):
            bytes.append(contentsOf: try value.run())
        case (.string, StoredForm.Tag.string), (.binary, StoredForm.Tag.binary):
            let raw = try value.run()
            let bytesMax =
                isPartition ? ItemLimits.partitionKeyBytesMax : ItemLimits.sortKeyBytesMax
            guard (1...bytesMax).contains(raw.count) else { return false }
            appendEscaped(raw.bindMemory(to: UInt8.self), to: &bytes)
            bytes.append(0)
            bytes.append(end)
        default: return false
        }
        return true
    }

    /// The start of the encodings of all values that begin with `value`.
    static func prefix(
        _ value: AttributeValue,
        of attribute: TableSchema.KeyAttribute,
    ) throws(ItemKeyError) -> [UInt8] {
        var bytes: [UInt8] = []
        switch (attribute.type, value) {
        case (.string, .string(let text)): appendEscaped(text, to: &bytes)
        case (.binary, .binary(let binary)):
            binary.withUnsafeBufferPointer { appendEscaped($0, to: &bytes) }
        default: throw mismatch(attribute, value)
        }
        return bytes
    }

    /// Where the partition value's encoding ends.
    static func partitionEnd(_ bytes: UnsafeRawBufferPointer, schema: TableSchema) -> Int? {
        guard bytes.count > ItemKey.hashBytes else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[ItemKey.hashBytes...])
        return decode(rest, as: schema.partition.type).map { $0.count + ItemKey.hashBytes }
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        schema: TableSchema,
    ) throws(ItemKeyError) -> Item {
        guard bytes.count > ItemKey.hashBytes else { throw .malformed }
        var rest = UnsafeRawBufferPointer(rebasing: bytes[ItemKey.hashBytes...])
        var attributes: [Item.Attribute] = []
        for attribute in [schema.partition, schema.sort] {
            guard let attribute else { continue }
            guard let (value, count) = decode(rest, as: attribute.type) else { throw .malformed }
            attributes.append(Item.Attribute(attribute.name, value))
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        guard rest.isEmpty else { throw .malformed }
        return Item(attributes)
    }

    /// FNV-1a over 64 bits, then MurmurHash3's finaliser, since FNV leaves its high bits, which are
    /// the ones kept, poorly mixed for short inputs.
    ///
    /// The hash is in stored keys, so it never changes.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        hash ^= hash >> 33
        return UInt16(truncatingIfNeeded: hash >> 48)
    }

    private static func check(
        _ count: Int,
        _ attribute: TableSchema.KeyAttribute,
        isPartition: Bool,
    ) throws(ItemKeyError) {
        let bytesMax =
            isPartition ? ItemLimits.partitionKeyBytesMax : ItemLimits.sortKeyBytesMax
        guard count > 0 else { throw .empty(name: attribute.name, type: attribute.type) }
        guard count <= bytesMax else {
            throw .tooLong(
                name: attribute.name,
                isPartition: isPartition,
                bytes: count,
                bytesMax: bytesMax,
            )
        }
    }

    private static func mismatch(
        _ attribute: TableSchema.KeyAttribute,
        _ value: AttributeValue,
    ) -> ItemKeyError {
        .typeMismatch(name: attribute.name, expected: attribute.type, actual: value.typeName)
    }

    private static func appendEscaped(_ text: Text, to bytes: inout [UInt8]) {
        text.withUTF8 { appendEscaped($0.bindMemory(to: UInt8.self), to: &bytes) }
    }

    private static func appendEscaped(
        _ value: UnsafeBufferPointer<UInt8>,
        to bytes: inout [UInt8],
    ) {
        var start = 0
        for index in value.indices where value[index] == 0 {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: value[start...index]))
            bytes.append(escapedZero)
            start = index + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: value[start...]))
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        as type: TableSchema.KeyType,
    ) -> (value: AttributeValue, count: Int)? {
        if type == .number {
            return DecimalNumber.decodeOrdered(bytes).map { (.number($0.number), $0.count) }
        }
        guard let (raw, count) = unescape(bytes) else { return nil }
        if type == .binary { return (.binary(raw), count) }
        return raw.withUnsafeBufferPointer(UTF8Text.string).map { (.string(Text($0)), count) }
    }

    private static func unescape(
        _ bytes: UnsafeRawBufferPointer
    ) -> (raw: [UInt8], count: Int)? {
        var raw: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == 0 else {
                raw.append(byte)
                continue
            }
            guard index < bytes.count else { return nil }
            if bytes[index] == end { return (raw, index + 1) }
            guard bytes[index] == escapedZero else { return nil }
            raw.append(0)
            index += 1
        }
        return nil
    }
}
