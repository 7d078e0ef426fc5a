/// One incarnation of a region: the place where a change was first accepted.
///
/// Every start of a region takes a new origin and never continues an older one, so files restored
/// from an old copy can neither reuse a stamp nor fork a history.
///
/// Ordered by region, then start, then random bits; the order breaks ties between equal times.
package struct Origin: Hashable, Comparable, Sendable {
    /// Such as `us-east-1`: 1 to `regionBytesMax` bytes of ASCII letters, digits and dashes.
    package let region: String
    /// Milliseconds since 1970 at which the incarnation started, by its region's hybrid clock.
    package let startMilliseconds: UInt64
    package let random: UInt32

    package static let regionBytesMax = 32

    package init(region: String, startMilliseconds: UInt64, random: UInt32) {
        precondition(
            Origin.isRegion(region),
            "an origin's region is 1 to \(Origin.regionBytesMax) letters, digits and dashes",
        )
        self.region = region
        self.startMilliseconds = min(startMilliseconds, HybridTime.millisecondsMax)
        self.random = random
    }

    package static func isRegion(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isRegion(UnsafeRawBufferPointer($0)) }
    }

    /// Whether these bytes are a region's name.
    package static func isRegion(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (1...regionBytesMax).contains(bytes.count) else { return false }
        for byte in bytes where !isRegionByte(byte) { return false }
        return true
    }

    /// Whether a region's name may have this byte.
    package static func isRegionByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    package static func < (left: Origin, right: Origin) -> Bool {
        // Names are ASCII, of which strings are ordered as their bytes are.
        if left.region != right.region { return left.region < right.region }
        if left.startMilliseconds != right.startMilliseconds {
            return left.startMilliseconds < right.startMilliseconds
        }
        return left.random < right.random
    }
}

extension Origin: CustomStringConvertible {
    /// `us-east-1.19f3a4b5c6d7.9f3a1c2d`: region, start and random bits, the last two in base 16.
    package var description: String {
        "\(region).\(String(startMilliseconds, radix: 16)).\(String(random, radix: 16))"
    }

    /// Reads `description` back.
    package init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, Origin.isRegion(String(parts[0])),
            let start = UInt64(parts[1], radix: 16), start <= HybridTime.millisecondsMax,
            let random = UInt32(parts[2], radix: 16)
        else { return nil }
        self.init(region: String(parts[0]), startMilliseconds: start, random: random)
    }
}
