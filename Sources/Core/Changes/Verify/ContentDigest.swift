/// 128 bits that tell what regions hold apart: of one item, or the sum of those of many.
///
/// Not cryptographic: it finds what went wrong by itself, not what somebody made to look right. Each
/// of two lanes takes 16 bytes a step by a full 64-bit multiplication folded in two (the step of
/// Wang Yi's wyhash, with other constants and the state added back, so that no block erases it), and
/// ends with the mixing function of SplitMix64.
///
/// The digest of a stretch is the lane-wise sum of its items': it does not depend on the order, and
/// two stretches that differ in one item alone always have different sums.
package struct ContentDigest: Hashable, Sendable {
    package private(set) var high: UInt64
    package private(set) var low: UInt64

    package static let zero = ContentDigest(high: 0, low: 0)

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package mutating func add(_ other: ContentDigest) {
        high &+= other.high
        low &+= other.low
    }

    /// The digest of some byte strings, which it tells from the same bytes cut otherwise.
    package init(
        of first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer,
        _ third: UnsafeRawBufferPointer,
    ) {
        var lanes = Lanes()
        lanes.take(first)
        lanes.take(second)
        lanes.take(third)
        high = Lanes.finish(lanes.first)
        low = Lanes.finish(lanes.second)
    }

    private struct Lanes {
        var first: UInt64 = 0x243f_6a88_85a3_08d3
        var second: UInt64 = 0x1319_8a2e_0370_7344

        mutating func take(_ bytes: UnsafeRawBufferPointer) {
            var place = 0
            while place + 16 <= bytes.count {
                step(
                    bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian,
                    bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self).littleEndian,
                )
                place += 16
            }
            var tail: (UInt64, UInt64) = (0, 0)
            for offset in place..<bytes.count {
                let bits = UInt64(bytes[offset]) << UInt64(8 * ((offset - place) % 8))
                if offset - place < 8 { tail.0 |= bits } else { tail.1 |= bits }
            }
            if place < bytes.count { step(tail.0, tail.1) }
            step(UInt64(bytes.count), 0)
        }

        private mutating func step(_ left: UInt64, _ right: UInt64) {
            first = Lanes.turned(first) &+ Lanes.folded(first ^ left, right ^ 0xa409_3822_299f_31d1)
            second =
                Lanes.turned(second) &+ Lanes.folded(second ^ right, left ^ 0x082e_fa98_ec4e_6c89)
        }

        private static func turned(_ value: UInt64) -> UInt64 { value << 29 | value >> 35 }

        private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let product = left.multipliedFullWidth(by: right)
            return product.high ^ product.low
        }

        static func finish(_ value: UInt64) -> UInt64 {
            var state = value
            state = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            state = (state ^ (state >> 27)) &* 0x94d0_49bb_1331_11eb
            return state ^ (state >> 31)
        }
    }
}

extension ContentDigest: CustomStringConvertible {
    /// 32 hexadecimal digits.
    package var description: String {
        [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}

extension ByteWriter {
    package mutating func digest(_ value: ContentDigest) {
        uint64(value.high)
        uint64(value.low)
    }
}

extension ByteReader {
    package mutating func digest() throws(MalformedBytes) -> ContentDigest {
        let high = try uint64()
        return ContentDigest(high: high, low: try uint64())
    }
}
