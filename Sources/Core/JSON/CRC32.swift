/// The CRC-32 of IEEE 802.3 (as in zip and PNG): the `x-amz-crc32` header of every response, and
/// the check on records between regions.
package enum CRC32 {
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    /// Eight bytes a step: `table[k][b]` is the remainder of byte `b` followed by `k` zero bytes, so
    /// the remainders of eight bytes can be looked up at once and combined.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var remainder = ~UInt32(0)
            var index = 0
            while index + 8 <= bytes.count {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                )
                let mixed = word ^ UInt64(remainder)
                remainder = 0
                for lane in 0..<8 {
                    let byte = Int(truncatingIfNeeded: mixed >> (8 * UInt64(lane))) & 0xff
                    remainder ^= tables[(7 - lane) * 256 + byte]
                }
                index += 8
            }
            while index < bytes.count {
                let byte = Int(truncatingIfNeeded: remainder ^ UInt32(bytes[index])) & 0xff
                remainder = remainder >> 8 ^ tables[byte]
                index += 1
            }
            return ~remainder
        }
    }

    /// Eight tables of 256 remainders, one after another.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        for byte in UInt32(0)..<256 {
            var remainder = byte
            for _ in 0..<8 {
                remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
            }
            tables.append(remainder)
        }
        for index in 256..<2048 {
            let previous = tables[index - 256]
            tables.append(previous >> 8 ^ tables[Int(previous & 0xff)])
        }
        return tables
    }()
}
