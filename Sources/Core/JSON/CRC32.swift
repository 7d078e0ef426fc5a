/// The CRC-32 of IEEE 802.3 (as in zip and PNG): the `x-amz-crc32` header of every response, and
/// the check on records between regions.
package enum CRC32 {
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    /// Sixteen bytes a step: `table[k][b]` is the remainder of byte `b` followed by `k` zero bytes, so
    /// the remainders of sixteen bytes can be looked up at once and combined.
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var remainder = ~UInt32(0)
            var index = 0
            func word(at offset: Int) -> UInt64 {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            while index + 16 <= bytes.count {
                let first = word(at: index) ^ UInt64(remainder)
                let second = word(at: index + 8)
                remainder = 0
                for lane in 0..<8 {
                    let shift = 8 * UInt64(lane)
                    let ahead = Int(truncatingIfNeeded: first >> shift) & 0xff
                    let behind = Int(truncatingIfNeeded: second >> shift) & 0xff
                    remainder ^= tables[(15 - lane) * 256 + ahead]
                    remainder ^= tables[(7 - lane) * 256 + behind]
                }
                index += 16
            }
            while index < bytes.count {
                let byte = Int(truncatingIfNeeded: remainder ^ UInt32(bytes[index])) & 0xff
                remainder = remainder >> 8 ^ tables[byte]
                index += 1
            }
            return ~remainder
        }
    }

    /// Sixteen tables of 256 remainders, one after another.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = []
        for byte in UInt32(0)..<256 {
            var remainder = byte
            for _ in 0..<8 {
                remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
            }
            tables.append(remainder)
        }
        for index in 256..<4096 {
            let previous = tables[index - 256]
            tables.append(previous >> 8 ^ tables[Int(previous & 0xff)])
        }
        return tables
    }()
}
