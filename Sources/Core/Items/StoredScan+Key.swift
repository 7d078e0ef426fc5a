/// Whether a stored item belongs under a key, without making values of its key attributes.
extension StoredScan {
    /// Whether `bytes` are an item of this size, and `key` is its place in a table of this schema, as
    /// `ItemKey` would make it.
    ///
    /// Of what it accepts it is sure. Where it says no, the attributes may still be such as need a
    /// closer look: a string with a byte 0, which its key escapes.
    package static func isItem(
        _ bytes: UnsafeRawBufferPointer,
        at key: UnsafeRawBufferPointer,
        of schema: TableSchema,
        sizeBytes: Int,
    ) -> Bool {
        var partition: StoredReader?
        var sort: StoredReader?
        var reader = StoredReader(bytes)
        do throws(StoredFormError) {
            try reader.format()
            let scan = try attributes(&reader, level: 1) { name, value throws(StoredFormError) in
                if isName(name, of: schema.partition) { partition = value }
                if let attribute = schema.sort, isName(name, of: attribute) { sort = value }
            }
            guard reader.isAtEnd, scan.bytes == sizeBytes, var partition else { return false }
            var rest = KeyMatch(key)
            try rest.pass(&partition, as: schema.partition, isPartition: true)
            if let attribute = schema.sort {
                guard var sort else { return false }
                try rest.pass(&sort, as: attribute, isPartition: false)
            }
            return rest.isAtEnd
        } catch {
            return false
        }
    }

    private static func isName(
        _ name: UnsafeRawBufferPointer,
        of attribute: TableSchema.KeyAttribute,
    ) -> Bool {
        name.count == attribute.name.utf8Count
            && attribute.name.withUTF8 { ByteOrder.compare($0, name) == 0 }
    }
}

/// Compares a key's bytes with the stored values that should have made them.
private struct KeyMatch {
    private let key: UnsafeRawBufferPointer
    private var place = ItemKey.hashBytes

    init(_ key: UnsafeRawBufferPointer) {
        self.key = key
    }

    var isAtEnd: Bool { place == key.count }

    /// Moves past one value's encoding; throws where the key has another, or one it cannot tell.
    mutating func pass(
        _ value: inout StoredReader,
        as attribute: TableSchema.KeyAttribute,
        isPartition: Bool,
    ) throws(StoredFormError) {
        let tag = try value.byte()
        let raw = try value.run()
        switch (attribute.type, tag) {
        case (.number, StoredForm.Tag.number):
            try pass(raw)
        case (.string, StoredForm.Tag.string), (.binary, StoredForm.Tag.binary):
            let bytesMax =
                isPartition ? ItemLimits.partitionKeyBytesMax : ItemLimits.sortKeyBytesMax
            guard (1...bytesMax).contains(raw.count), !raw.contains(0) else { throw .malformed }
            try pass(raw)
            guard place + 2 <= key.count, key[place] == 0, key[place + 1] == KeyEncoding.end else {
                throw .malformed
            }
            place += 2
        default: throw .malformed
        }
        if isPartition { try checkHash() }
    }

    private mutating func pass(_ raw: UnsafeRawBufferPointer) throws(StoredFormError) {
        let end = place + raw.count
        guard end <= key.count,
            ByteOrder.compare(UnsafeRawBufferPointer(rebasing: key[place..<end]), raw) == 0
        else { throw .malformed }
        place = end
    }

    private func checkHash() throws(StoredFormError) {
        let partition = UnsafeRawBufferPointer(rebasing: key[ItemKey.hashBytes..<place])
        let hash = KeyEncoding.hash(partition)
        guard key[0] == UInt8(truncatingIfNeeded: hash >> 8),
            key[1] == UInt8(truncatingIfNeeded: hash)
        else { throw .malformed }
    }
}
