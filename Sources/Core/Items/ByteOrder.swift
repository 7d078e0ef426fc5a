/// Compares byte strings as unsigned bytes, the shorter of two with a common start first: the order
/// of strings and binaries in the API.
package enum ByteOrder {
    /// Negative, zero or positive as `left` sorts before, with or after `right`.
    package static func compare(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer,
    ) -> Int {
        let count = min(left.count, right.count)
        var index = 0
        while index + 8 <= count {
            let a = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let b = right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if a != b { return a.bigEndian < b.bigEndian ? -1 : 1 }
            index += 8
        }
        while index < count {
            if left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
            index += 1
        }
        return left.count - right.count
    }

    /// The same where most differ in their first bytes, as names do: then nothing is called.
    @inline(__always)
    static func compareNames(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer,
    ) -> Int {
        guard !left.isEmpty, !right.isEmpty, left[0] != right[0] else {
            return compare(left, right)
        }
        return left[0] < right[0] ? -1 : 1
    }

    package static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        left.withUnsafeBytes { a in right.withUnsafeBytes { b in compare(a, b) } }
    }
}
