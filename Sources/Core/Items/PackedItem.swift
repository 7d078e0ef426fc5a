/// An item in its stored form, with its size.
///
/// The bytes were checked or made here, so reading them cannot fail.
struct PackedItem: Sendable {
    let bytes: [UInt8]
    /// As `Item.sizeBytes` counts them.
    let sizeBytes: Int

    /// Takes bytes that are an item of this size, as the caller knows.
    init(known bytes: [UInt8], sizeBytes: Int) {
        self.bytes = bytes
        self.sizeBytes = sizeBytes
    }

    /// Takes bytes that may be anything.
    init(checking bytes: [UInt8]) throws(StoredFormError) {
        if let size = bytes.withUnsafeBytes({ UsualScan.sizeBytes($0) }) {
            self.init(known: bytes, sizeBytes: size)
            return
        }
        let scan: Result<StoredScan, StoredFormError> = bytes.withUnsafeBytes { bytes in
            do throws(StoredFormError) {
                return .success(try StoredScan(stored: bytes))
            } catch {
                return .failure(error)
            }
        }
        self.init(known: bytes, sizeBytes: try scan.get().sizeBytes)
    }

    var count: Int { bytes.withUnsafeBytes { KnownReader($0).count } }

    var attributes: [Item.Attribute] {
        bytes.withUnsafeBytes { bytes in
            PackedItem.known { () throws(StoredFormError) in
                try Item(decoding: bytes).attributes
            }
        }
    }

    /// Finds one value without making any of the others.
    subscript(name: Text) -> AttributeValue? {
        bytes.withUnsafeBytes { bytes in
            var reader = KnownReader(bytes)
            guard reader.find(name) else { return nil }
            return reader.value()
        }
    }

    /// Appends the place of the item in a table, made without values; false where the item cannot have one, which
    /// `ItemKey` tells more of, and where a part of it may be there.
    func appendKey(of schema: TableSchema, to bytes: inout [UInt8]) -> Bool {
        self.bytes.withUnsafeBytes { stored in
            StoredItem(known: stored).appendKey(schema.partition, schema.sort, to: &bytes)
        }
    }

    /// Whether some value lies more than `levels` levels deep, a top-level attribute's at one.
    func isNested(deeperThan levels: Int) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var reader = KnownReader(bytes)
            for _ in 0..<reader.count {
                _ = reader.run()
                if bytes[reader.position] >= StoredForm.Tag.list,
                    reader.value().isNested(deeperThan: levels)
                {
                    return true
                }
                reader.passValue()
            }
            return false
        }
    }

    /// What `body` makes of bytes that cannot be wrong.
    static func known<Result>(_ body: () throws(StoredFormError) -> Result) -> Result {
        do throws(StoredFormError) {
            return try body()
        } catch {
            preconditionFailure("a packed item was checked: \(error)")
        }
    }
}

extension KnownReader {
    /// The value that it stands before.
    func value() -> AttributeValue {
        var reader = rest
        return PackedItem.known { () throws(StoredFormError) in
            try StoredDecoder.value(&reader, level: 1)
        }
    }
}

extension Item {
    /// Of an item with more attributes than this, each look passes over too many others: as values, half
    /// of what is left falls away with each comparison.
    static let packedAttributesMax = 64

    /// An item that stays in its stored form, unless it has many attributes; it must fill `bytes`.
    package init(stored bytes: [UInt8]) throws(StoredFormError) {
        let packed = try PackedItem(checking: bytes)
        guard packed.count <= Self.packedAttributesMax else {
            self.init(sorted: packed.attributes)
            return
        }
        self.init(packed)
    }
}
