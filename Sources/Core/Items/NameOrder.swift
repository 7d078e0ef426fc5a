/// Sorts names by their bytes without moving what they name.
///
/// Requests bring attributes in any order, so this stands in the path of every write. It sorts small
/// plain keys (the first eight bytes and the place), and looks at whole names only where those agree.
struct NameOrder {
    private struct Key {
        /// The first eight bytes of the name, the first one highest, filled up with zeros.
        let start: UInt64
        let index: Int
    }

    /// Where the names stand that come first, second and so on; of equal names only the last one
    /// given.
    static func sorted(count: Int, name: (Int) -> String) -> [Int] {
        var keys: [Key] = []
        keys.reserveCapacity(count)
        for index in 0..<count { keys.append(Key(start: start(of: name(index)), index: index)) }
        keys.sort { left, right in
            if left.start != right.start { return left.start < right.start }
            let order = Text(name(left.index)).order(against: Text(name(right.index)))
            return order == 0 ? left.index < right.index : order < 0
        }
        var result: [Int] = []
        result.reserveCapacity(count)
        for (place, key) in keys.enumerated() {
            if place + 1 < keys.count, keys[place + 1].start == key.start,
                Text(name(keys[place + 1].index)) == Text(name(key.index))
            {
                continue
            }
            result.append(key.index)
        }
        return result
    }

    private static func start(of name: String) -> UInt64 {
        Text(name).withUTF8 { start(of: $0) }
    }

    /// The first eight bytes of a name, the first one highest, filled up with zeros.
    static func start(of utf8: UnsafeRawBufferPointer) -> UInt64 {
        if utf8.count >= 8 {
            return UInt64(bigEndian: utf8.loadUnaligned(as: UInt64.self))
        }
        if utf8.count >= 4 {
            // Two words of four bytes, which share what both have.
            let first = UInt32(bigEndian: utf8.loadUnaligned(as: UInt32.self))
            let last = UInt32(
                bigEndian: utf8.loadUnaligned(fromByteOffset: utf8.count - 4, as: UInt32.self)
            )
            return UInt64(first) << 32 | UInt64(last) << (8 * UInt64(8 - utf8.count))
        }
        var start: UInt64 = 0
        for byte in utf8 { start = start << 8 | UInt64(byte) }
        return utf8.isEmpty ? 0 : start << (8 * UInt64(8 - utf8.count))
    }
}
