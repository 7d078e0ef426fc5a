/// A hybrid logical time: 48 bits of milliseconds since 1970 above 16 bits of counter.
///
/// Ordered as one 64-bit number. Zero is before everything and is never given to a change.
/// Source: Kulkarni et al., "Logical Physical Clocks", 2014.
package struct HybridTime: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Milliseconds since 1970 below 2^48 (the year 10889); later ones become the last of these.
    package init(milliseconds: UInt64, counter: UInt16 = 0) {
        rawValue = min(milliseconds, HybridTime.millisecondsMax) << 16 | UInt64(counter)
    }

    package static let zero = HybridTime(rawValue: 0)
    package static let greatest = HybridTime(rawValue: .max)
    package static let millisecondsMax: UInt64 = 1 << 48 - 1

    package var milliseconds: UInt64 { rawValue >> 16 }
    package var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// The next time after this one.
    ///
    /// The last one of all has no successor and is returned itself; no clock gets near it, because
    /// times too far ahead are not merged.
    package var next: HybridTime {
        HybridTime(rawValue: rawValue == .max ? rawValue : rawValue + 1)
    }

    /// The last time before this one; zero is its own.
    package var previous: HybridTime {
        HybridTime(rawValue: rawValue == 0 ? 0 : rawValue - 1)
    }

    package static func < (left: HybridTime, right: HybridTime) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension HybridTime: CustomStringConvertible {
    /// Milliseconds and counter, as `1763800000123.4`.
    package var description: String { "\(milliseconds).\(counter)" }

    /// Reads `description` back.
    package init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = UInt64(parts[0]),
            milliseconds <= HybridTime.millisecondsMax, let counter = UInt16(parts[1])
        else { return nil }
        self.init(milliseconds: milliseconds, counter: counter)
    }
}
