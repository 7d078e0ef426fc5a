/// XXH64, the checksum of the log's records.
///
/// It takes several bytes a cycle; a CRC by tables takes one or two, and would cost more than the
/// copy that it guards. See https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
enum Checksum {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var offset = 0
        var sum = bytes.count < 32 ? seed &+ prime5 : stripes(bytes, seed, &offset)
        sum &+= UInt64(bytes.count)
        while offset + 8 <= bytes.count {
            sum = rotated(sum ^ round(0, word(bytes, offset)), 27) &* prime1 &+ prime4
            offset += 8
        }
        if offset + 4 <= bytes.count {
            let half = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
            sum = rotated(sum ^ UInt64(half) &* prime1, 23) &* prime2 &+ prime3
            offset += 4
        }
        while offset < bytes.count {
            sum = rotated(sum ^ UInt64(bytes[offset]) &* prime5, 11) &* prime1
            offset += 1
        }
        sum = (sum ^ sum >> 33) &* prime2
        sum = (sum ^ sum >> 29) &* prime3
        return sum ^ sum >> 32
    }

    /// All whole stripes of 32 bytes, in four lanes.
    private static func stripes(
        _ bytes: UnsafeRawBufferPointer,
        _ seed: UInt64,
        _ offset: inout Int,
    ) -> UInt64 {
        var lane1 = seed &+ prime1 &+ prime2
        var lane2 = seed &+ prime2
        var lane3 = seed
        var lane4 = seed &- prime1
        while offset + 32 <= bytes.count {
            lane1 = round(lane1, word(bytes, offset))
            lane2 = round(lane2, word(bytes, offset + 8))
            lane3 = round(lane3, word(bytes, offset + 16))
            lane4 = round(lane4, word(bytes, offset + 24))
            offset += 32
        }
        var sum = rotated(lane1, 1) &+ rotated(lane2, 7) &+ rotated(lane3, 12)
        sum &+= rotated(lane4, 18)
        sum = (sum ^ round(0, lane1)) &* prime1 &+ prime4
        sum = (sum ^ round(0, lane2)) &* prime1 &+ prime4
        sum = (sum ^ round(0, lane3)) &* prime1 &+ prime4
        return (sum ^ round(0, lane4)) &* prime1 &+ prime4
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotated(lane &+ word &* prime2, 31) &* prime1
    }

    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
    }
}
