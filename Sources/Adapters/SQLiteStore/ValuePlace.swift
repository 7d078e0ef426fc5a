import CSQLite
import Engine

/// Where in its file a value lies that is kept beside SQLite's: what stands in the row in its place.
struct ValuePlace: Equatable {
    let offset: UInt64
    let count: UInt32
    /// XXH64 of the value, with its offset as the seed.
    let checksum: UInt64

    /// As it stands in a row: offset (8), count (4), checksum (8), all little-endian.
    static let bytesCount = 20

    init(of value: UnsafeRawBufferPointer, at offset: Int) {
        self.offset = UInt64(offset)
        count = UInt32(value.count)
        checksum = Checksum.of(value, seed: self.offset)
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.bytesCount else { return nil }
        offset = bytes.loadUnaligned(as: UInt64.self).littleEndian
        count = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian
        checksum = bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self).littleEndian
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.bytesCount, alignment: 8) { bytes in
            bytes.storeBytes(of: offset.littleEndian, as: UInt64.self)
            bytes.storeBytes(of: count.littleEndian, toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 12, as: UInt64.self)
            return body(UnsafeRawBufferPointer(bytes))
        }
    }

    func isPlace(of value: UnsafeRawBufferPointer) -> Bool {
        value.count == Int(count) && Checksum.of(value, seed: offset) == checksum
    }
}

/// Memory into which values are read, one after another.
final class ValueBuffer {
    private var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit {
        bytes.deallocate()
    }

    /// One for a keyspace whose rows may refer to files; others cost no memory.
    static func needed(for keyspace: Keyspace) -> ValueBuffer? {
        Keyspaces.isApart(keyspace) ? ValueBuffer() : nil
    }

    /// Room for so many bytes; what was in it is gone.
    func room(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if bytes.count < count {
            bytes.deallocate()
            bytes = .allocate(byteCount: count, alignment: 16)
        }
        return UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
    }
}
