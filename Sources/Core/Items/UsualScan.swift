import JSON

/// The size of an item of the usual kind, found with every check that `StoredScan` makes.
///
/// Usual are fewer than 128 attributes, all of them strings, numbers, binaries, booleans and nulls, with
/// short names; of anything else, and of bytes that are no item, `StoredScan` says what is so. It is what
/// an update does with the item before it: half of the instructions, 2,000.
enum UsualScan {
    /// Nil for an item that is not usual, and for bytes that are none.
    static func sizeBytes(_ bytes: UnsafeRawBufferPointer) -> Int? {
        scan(bytes) { _, _ in }
    }

    /// Where an attribute lies.
    struct Place {
        var start = 0
        /// Where its value begins.
        var value = 0
        var end = 0
        /// What it adds to the item's size.
        var sizeBytes = 0
    }

    /// The same, and calls `visit` with each attribute's name and place.
    @inline(__always)
    static func scan(
        _ bytes: UnsafeRawBufferPointer,
        _ visit: (UnsafeRawBufferPointer, Place) -> Void,
    ) -> Int? {
        guard bytes.count >= 2, bytes[0] == StoredForm.format, bytes[1] < 0x80 else { return nil }
        var position = 2
        var size = 0
        var previous: UnsafeRawBufferPointer?
        for _ in 0..<bytes[1] {
            guard position < bytes.count, bytes[position] < 0x80 else { return nil }
            let start = position
            let tag = start + 1 + Int(bytes[start])
            guard tag < bytes.count else { return nil }
            let name = UnsafeRawBufferPointer(rebasing: bytes[(start + 1)..<tag])
            if let previous, ByteOrder.compareNames(previous, name) >= 0 { return nil }
            guard isText(name) else { return nil }
            previous = name
            position = tag + 1
            guard let value = value(bytes[tag], in: bytes, &position) else { return nil }
            let bytes = name.count + value
            visit(name, Place(start: start, value: tag, end: position, sizeBytes: bytes))
            size += bytes
        }
        return position == bytes.count ? size : nil
    }

    /// The size of a value behind its tag.
    @inline(__always)
    private static func value(
        _ tag: UInt8,
        in bytes: UnsafeRawBufferPointer,
        _ position: inout Int,
    ) -> Int? {
        if tag < StoredForm.Tag.string { return ItemSize.boolOrNullBytes }
        guard tag < StoredForm.Tag.stringSet, let count = count(bytes, &position),
            count <= bytes.count - position
        else { return nil }
        let run = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
        position += count
        switch tag {
        case StoredForm.Tag.string: return isText(run) ? count : nil
        case StoredForm.Tag.binary: return count
        default:
            guard let (number, read) = DecimalNumber.decodeOrdered(run), read == count else {
                return nil
            }
            return ItemSize.bytes(of: number)
        }
    }

    /// A length of up to two bytes in its shortest form.
    @inline(__always)
    private static func count(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Int? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return Int(first) }
        guard position < bytes.count, (1..<0x80).contains(bytes[position]) else { return nil }
        position += 1
        return Int(first & 0x7f) | Int(bytes[position - 1]) << 7
    }

    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        UTF8Text.isValid(bytes.bindMemory(to: UInt8.self))
    }
}
