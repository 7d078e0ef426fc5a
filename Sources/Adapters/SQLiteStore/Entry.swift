import Engine
import Glibc

/// A key with what became of it, as runs keep and compare it: bytes that lie elsewhere.
///
/// Whoever holds an entry sees to it that its bytes stay: a run keeps its arena.
struct Entry {
    /// The key's first eight bytes as a number, so that most comparisons need not look at the key.
    let prefix: UInt64
    let key: UnsafeRawPointer
    /// How long the key is, and in the highest bit whether the value is left in the log (`LoggedValue`).
    let keyWord: UInt32
    /// Bytes of the value, which follows the key or is left in the log; negative for a key that was deleted.
    let valueCount: Int32

    static let loggedBit: UInt32 = 1 << 31

    var keyCount: UInt32 { Self.keyCount(keyWord) }

    static func keyCount(_ keyWord: UInt32) -> UInt32 { keyWord & ~loggedBit }

    /// Whether the value is not in memory.
    var isLogged: Bool { keyWord & Self.loggedBit != 0 }

    static let deleted: Int32 = -1
    /// For a key of no bytes, which may have no address; nothing is read through it.
    private nonisolated(unsafe) static let nowhere = UnsafeRawPointer(
        UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
    )

    init(key: UnsafeRawPointer, keyCount: Int, valueCount: Int32) {
        self.key = key
        keyWord = UInt32(truncatingIfNeeded: keyCount)
        self.valueCount = valueCount
        prefix = Self.prefix(key, keyCount)
    }

    /// A key to look for.
    init(_ key: UnsafeRawBufferPointer) {
        let base = key.baseAddress ?? Self.nowhere
        self.init(key: base, keyCount: key.count, valueCount: 0)
    }

    /// Where the prefix is known.
    init(prefix: UInt64, key: UnsafeRawPointer, _ keyWord: UInt32, _ valueCount: Int32) {
        self.prefix = prefix
        self.key = key
        self.keyWord = keyWord
        self.valueCount = valueCount
    }

    var keyBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: key, count: Int(keyCount))
    }

    /// Of the key and the value.
    var byteCount: Int { Int(keyCount) + max(0, Int(valueCount)) }

    /// The same with its bytes in an arena.
    func kept(in arena: Arena) throws(StoreError) -> Entry {
        precondition(!isLogged, "It is kept already.")
        let bytes = UnsafeRawBufferPointer(start: key, count: byteCount)
        return Entry(prefix: prefix, key: try arena.keep(bytes), keyCount, valueCount)
    }

    var isDelete: Bool { valueCount < 0 }

    /// The value of an entry that is no delete and has it in memory.
    var valueBytes: UnsafeRawBufferPointer {
        precondition(!isLogged, "A value that was left in the log is read.")
        return UnsafeRawBufferPointer(start: key + Int(keyCount), count: Int(valueCount))
    }

    /// Below zero, zero or above it, as this key is before, equal to or after the other.
    @inline(__always)
    func order(_ other: Entry) -> Int {
        if prefix != other.prefix { return prefix < other.prefix ? -1 : 1 }
        let shared = Int(min(keyCount, other.keyCount))
        // The prefixes are equal: so are the first eight bytes.
        if shared > 8 {
            let order = memcmp(key + 8, other.key + 8, shared - 8)
            if order != 0 { return Int(order) }
        }
        return Int(keyCount) - Int(other.keyCount)
    }

    private static func prefix(_ key: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 8 { return UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }
        var prefix: UInt64 = 0
        for index in 0..<count {
            let byte = key.load(fromByteOffset: index, as: UInt8.self)
            prefix |= UInt64(byte) << UInt64(56 - 8 * index)
        }
        return prefix
    }
}
