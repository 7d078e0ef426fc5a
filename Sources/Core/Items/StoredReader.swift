import JSON

/// Reads the parts of the stored form from bytes that may be anything.
///
/// Every function checks that what it reads lies within the bytes; none traps.
struct StoredReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() throws(StoredFormError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func format() throws(StoredFormError) {
        let format = try byte()
        guard format == StoredForm.format else { throw .unknownFormat(format) }
    }

    /// A varint of at most 32 bits in its shortest form.
    mutating func count() throws(StoredFormError) -> Int {
        let first = try byte()
        if first < 0x80 { return Int(first) }
        var value = Int(first & 0x7f)
        for shift in stride(from: 7, through: 28, by: 7) {
            let next = try byte()
            value |= Int(next & 0x7f) << shift
            if next < 0x80 {
                guard next != 0 else { throw .malformed }
                return value
            }
        }
        throw .malformed
    }

    /// A number of elements, of which each takes at least one byte of what is left.
    mutating func elementCount() throws(StoredFormError) -> Int {
        let count = try count()
        guard count <= bytes.count - position else { throw .truncated }
        return count
    }

    /// A length and that many bytes.
    mutating func run() throws(StoredFormError) -> UnsafeRawBufferPointer {
        try take(try count())
    }

    /// What a tag's four bytes of length span, and nothing past it.
    mutating func content() throws(StoredFormError) -> StoredReader {
        guard bytes.count - position >= 4 else { throw .truncated }
        let length = UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        )
        position += 4
        return StoredReader(try take(Int(length)))
    }

    mutating func number() throws(StoredFormError) -> DecimalNumber {
        let run = try run()
        guard let (number, count) = DecimalNumber.decodeOrdered(run), count == run.count else {
            throw .malformed
        }
        return number
    }

    /// A length and that many bytes, which must be UTF-8.
    mutating func utf8() throws(StoredFormError) -> UnsafeRawBufferPointer {
        let run = try run()
        guard UTF8Text.isValid(run.bindMemory(to: UInt8.self)) else { throw .malformed }
        return run
    }

    mutating func text() throws(StoredFormError) -> Text {
        Text(String(decoding: try utf8(), as: UTF8.self))
    }

    mutating func binary() throws(StoredFormError) -> [UInt8] {
        [UInt8](try run())
    }

    /// What is left to read.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[position...]) }

    /// Moves past bytes of `rest` that were read there.
    mutating func pass(_ count: Int) {
        position += min(count, bytes.count - position)
    }

    /// Passes over a value.
    mutating func passValue() throws(StoredFormError) {
        let tag = try byte()
        switch tag {
        case StoredForm.Tag.null, StoredForm.Tag.false, StoredForm.Tag.true: return
        case StoredForm.Tag.string, StoredForm.Tag.binary, StoredForm.Tag.number: _ = try run()
        case StoredForm.Tag.stringSet...StoredForm.Tag.map: _ = try content()
        default: throw .unknownTag(tag)
        }
    }

    private mutating func take(_ count: Int) throws(StoredFormError) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - position else { throw .truncated }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
    }
}
