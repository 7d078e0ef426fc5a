package import JSON

/// Attribute values to the API's typed JSON.
extension AttributeValue {
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let text):
            text.withUTF8 { writer.object("S", utf8: $0.bindMemory(to: UInt8.self)) }
            return
        case .number(let number):
            number.withPlainDigits { writer.object("N", utf8: $0) }
            return
        default: break
        }
        writer.beginObject()
        switch self {
        case .string, .number: break
        case .binary(let bytes):
            writer.name("B")
            bytes.withUnsafeBufferPointer { writer.base64($0) }
        case .bool(let value):
            writer.name("BOOL")
            writer.bool(value)
        case .null:
            writer.name("NULL")
            writer.bool(true)
        case .stringSet(let elements):
            writer.name("SS")
            writer.array(elements) { $1.string($0.string) }
        case .numberSet(let elements):
            writer.name("NS")
            writer.array(elements) { number, writer in
                number.withPlainDigits { writer.string(utf8: $0) }
            }
        case .binarySet(let elements):
            writer.name("BS")
            writer.array(elements) { bytes, writer in
                bytes.withUnsafeBufferPointer { writer.base64($0) }
            }
        case .list(let elements):
            writer.name("L")
            writer.array(elements) { $0.write(to: &$1) }
        case .map(let item):
            writer.name("M")
            item.write(to: &writer)
        }
        writer.endObject()
    }
}

extension Item {
    /// The attributes as one JSON object, each value typed.
    package func write(to writer: inout JSONWriter) {
        if case .packed(let packed) = form { return packed.write(to: &writer) }
        writer.beginObject()
        for attribute in attributes {
            attribute.name.withUTF8 { writer.name(utf8: $0.bindMemory(to: UInt8.self)) }
            attribute.value.write(to: &writer)
        }
        writer.endObject()
    }
}

extension PackedItem {
    fileprivate func write(to writer: inout JSONWriter) {
        bytes.withUnsafeBytes { bytes in
            do throws(StoredFormError) {
                try Item.write(stored: bytes, to: &writer)
            } catch {
                preconditionFailure("a packed item was checked: \(error)")
            }
        }
    }
}

extension DecimalNumber {
    /// Calls `body` with the number in plain digits, as the API carries it.
    func withPlainDigits(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.plainBytesMax) { buffer in
            let count = write(into: buffer)
            body(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

extension JSONWriter {
    fileprivate mutating func array<Element>(
        _ elements: [Element],
        _ write: (Element, inout JSONWriter) -> Void,
    ) {
        beginArray()
        for element in elements { write(element, &self) }
        endArray()
    }
}

extension AttributeValue {
    /// What requests carry for a binary value; nil for every other.
    package var base64: String? {
        if case .binary(let bytes) = self { Base64.encode(bytes) } else { nil }
    }
}
