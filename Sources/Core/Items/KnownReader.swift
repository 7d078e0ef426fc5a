/// Moves over the attributes of a stored item whose bytes were checked before, and does not check them
/// again, as `StoredReader` has to, which may meet anything: finding a value takes half as long.
struct KnownReader {
    private let bytes: UnsafeRawBufferPointer
    /// The place of the next byte.
    private(set) var position = 1
    /// How many attributes there are.
    let count: Int

    /// Stands before the first attribute of a whole item.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        count = Self.length(bytes, &position)
    }

    /// Stands before a value.
    init(_ bytes: UnsafeRawBufferPointer, atValue position: Int) {
        self.bytes = bytes
        self.position = position
        count = 0
    }

    /// Passes a length and as many bytes.
    @inline(__always)
    mutating func run() -> UnsafeRawBufferPointer {
        let length = Self.length(bytes, &position)
        defer { position += length }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + length)])
    }

    /// Passes a value, whatever it is.
    @inline(__always)
    mutating func passValue() {
        let tag = bytes[position]
        position += 1
        if tag < StoredForm.Tag.string { return }
        if tag < StoredForm.Tag.stringSet {
            let length = Self.length(bytes, &position)
            position += length
        } else {
            let length = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
            position += 4 + Int(UInt32(littleEndian: length))
        }
    }

    /// Moves from before the first attribute to the value under a name; false if there is none.
    mutating func find(_ name: Text) -> Bool {
        name.withUTF8 { name in
            for _ in 0..<count {
                let length = Self.length(bytes, &position)
                let start = position
                position += length
                // Most differ in length or in the first byte.
                if length == name.count, length == 0 || bytes[start] == name[0] {
                    let found = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
                    if ByteOrder.compare(found, name) == 0 { return true }
                }
                passValue()
            }
            return false
        }
    }

    /// What is there from here on, for who wants to read it.
    var rest: StoredReader {
        StoredReader(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    }

    @inline(__always)
    private static func length(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Int {
        var byte = bytes[position]
        position += 1
        var length = Int(byte & 0x7f)
        var shift = 7
        while byte >= 0x80 {
            byte = bytes[position]
            position += 1
            length |= Int(byte & 0x7f) << shift
            shift += 7
        }
        return length
    }
}
