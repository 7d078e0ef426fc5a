import CChecksum
import CZlib

/// The CRC-32 of IEEE 802.3 of a reply's body, for a header.
///
/// Where the processor multiplies without carries, 72 KB take 10 µs; zlib, which does the rest, would
/// take 33 µs for them.
package enum BodyChecksum {
    private static let folds = meridian_crc32_folds() != 0
    /// Fewer bytes are left to zlib.
    private static let foldedBytesMin = 64

    package static func crc32(_ body: [UInt8]) -> UInt32 {
        body.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            guard folds, bytes.count >= foldedBytesMin else { return plain(0, base, bytes.count) }
            let folded = bytes.count & ~15
            return plain(meridian_crc32(base, folded), base + folded, bytes.count - folded)
        }
    }

    /// The checksum of what `sum` is that of, and of the bytes behind it.
    static func plain(_ sum: UInt32, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(UInt(sum), bytes, count))
    }
}
