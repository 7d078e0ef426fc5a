extension Item {
    /// The item's stored form.
    package func encoded() -> [UInt8] {
        if case .packed(let packed) = form { return packed.bytes }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        append(to: &bytes)
        return bytes
    }

    /// Appends the item's stored form to `bytes`.
    package func append(to bytes: inout [UInt8]) {
        if case .packed(let packed) = form { return bytes.append(contentsOf: packed.bytes) }
        bytes.append(StoredForm.format)
        StoredEncoder.append(self, to: &bytes)
    }
}

/// Writes the stored form.
enum StoredEncoder {
    static func append(_ item: Item, to bytes: inout [UInt8]) {
        let attributes = item.attributes
        append(count: attributes.count, to: &bytes)
        for attribute in attributes {
            append(attribute.name, to: &bytes)
            append(attribute.value, to: &bytes)
        }
    }

    static func append(_ value: AttributeValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(StoredForm.Tag.null)
        case .bool(let value):
            bytes.append(value ? StoredForm.Tag.true : StoredForm.Tag.false)
        case .string(let text):
            bytes.append(StoredForm.Tag.string)
            append(text, to: &bytes)
        case .number(let number):
            bytes.append(StoredForm.Tag.number)
            append(number, to: &bytes)
        case .binary(let binary):
            bytes.append(StoredForm.Tag.binary)
            append(binary, to: &bytes)
        case .stringSet(let elements):
            append(StoredForm.Tag.stringSet, elements, to: &bytes) { append($0, to: &$1) }
        case .numberSet(let elements):
            append(StoredForm.Tag.numberSet, elements, to: &bytes) { append($0, to: &$1) }
        case .binarySet(let elements):
            append(StoredForm.Tag.binarySet, elements, to: &bytes) { append($0, to: &$1) }
        case .list(let elements):
            append(StoredForm.Tag.list, elements, to: &bytes) { append($0, to: &$1) }
        case .map(let item):
            withLength(StoredForm.Tag.map, &bytes) { append(item, to: &$0) }
        }
    }

    private static func append<Element>(
        _ tag: UInt8,
        _ elements: [Element],
        to bytes: inout [UInt8],
        _ append: (Element, inout [UInt8]) -> Void,
    ) {
        withLength(tag, &bytes) { bytes in
            self.append(count: elements.count, to: &bytes)
            for element in elements { append(element, &bytes) }
        }
    }

    /// Writes the tag, four bytes of length, and the content that has this length.
    private static func withLength(
        _ tag: UInt8,
        _ bytes: inout [UInt8],
        _ content: (inout [UInt8]) -> Void,
    ) {
        bytes.append(tag)
        let start = bytes.count
        for _ in 0..<4 { bytes.append(0) }
        content(&bytes)
        let length = bytes.count - start - 4
        precondition(length <= UInt32.max, "a value in an item has less than 4 GiB")
        for index in 0..<4 {
            bytes[start + index] = UInt8(truncatingIfNeeded: length >> (8 * index))
        }
    }

    static func append(_ text: Text, to bytes: inout [UInt8]) {
        text.withUTF8 { append($0.bindMemory(to: UInt8.self), to: &bytes) }
    }

    private static func append(_ binary: [UInt8], to bytes: inout [UInt8]) {
        binary.withUnsafeBufferPointer { append($0, to: &bytes) }
    }

    private static func append(_ value: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        guard value.count < 0x80 else {
            append(count: value.count, to: &bytes)
            bytes.append(contentsOf: value)
            return
        }
        // Most values are short: the length and the bytes in one go.
        bytes.append(addingCapacity: value.count + 1) { span in
            span.append(UInt8(truncatingIfNeeded: value.count))
            span.withUnsafeMutableBufferPointer { buffer, count in
                guard let start = buffer.baseAddress, let source = value.baseAddress else { return }
                (start + count).update(from: source, count: value.count)
                count += value.count
            }
        }
    }

    private static func append(_ number: DecimalNumber, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(
            of: UInt8.self,
            capacity: DecimalNumber.orderedBytesMax,
        ) { buffer in
            let count = number.writeOrdered(into: buffer)
            append(UnsafeBufferPointer(rebasing: buffer[..<count]), to: &bytes)
        }
    }

    static func append(count: Int, to bytes: inout [UInt8]) {
        var rest = UInt(count)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
