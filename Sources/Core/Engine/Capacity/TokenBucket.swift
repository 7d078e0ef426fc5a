/// Capacity that comes in at a steady rate and may be saved up for a while.
///
/// A request is let in while there is anything in the bucket, and what it used is taken out
/// afterwards, since nobody knows before how large an item is. So the bucket may fall below nothing,
/// and what comes in pays that off first. Unused capacity is kept for `savedSeconds`, as the service
/// keeps it for bursts.
///
/// A value: the time is an argument, in milliseconds of the wall clock. A clock that goes back
/// brings nothing in until it has caught up.
package struct TokenBucket: Equatable, Sendable {
    /// For how long unused capacity is kept.
    package static let savedSeconds: Int64 = 300
    private static let savedMilliseconds: Int64 = savedSeconds * 1000
    /// More is as good as no limit, and keeps the numbers within 64 bits.
    private static let unitsPerSecondMax: Int64 = 1_000_000_000_000

    package private(set) var unitsPerSecond: Int64
    /// In thousandths of half units, so that a rate's part of a millisecond is whole.
    private var level: Int64
    private var filledMilliseconds: UInt64

    /// A bucket with the capacity of one second in it.
    package init(unitsPerSecond: Int64, now: UInt64) {
        self.unitsPerSecond = Self.bounded(unitsPerSecond)
        level = self.unitsPerSecond * Self.levelPerUnit
        filledMilliseconds = now
    }

    /// Changes the rate from now on; what was saved at another one stays within the new bounds.
    package mutating func setRate(_ rate: Int64, now: UInt64) {
        guard Self.bounded(rate) != unitsPerSecond else { return }
        fill(now: now)
        unitsPerSecond = Self.bounded(rate)
        level = min(level, levelMax)
    }

    /// Whether another request is let in.
    package mutating func hasCapacity(now: UInt64) -> Bool {
        fill(now: now)
        return level > 0
    }

    /// Takes out what a request used.
    package mutating func take(halfUnits: Int, now: UInt64) {
        fill(now: now)
        level -= Int64(halfUnits) * Self.levelPerHalf
    }

    private static let levelPerHalf: Int64 = 1000
    private static let levelPerUnit: Int64 = 2 * levelPerHalf

    private var levelMax: Int64 { unitsPerSecond * Self.levelPerUnit * Self.savedSeconds }

    private static func bounded(_ rate: Int64) -> Int64 { min(max(rate, 1), unitsPerSecondMax) }

    private mutating func fill(now: UInt64) {
        guard now > filledMilliseconds else { return }
        let passed = Int64(min(now - filledMilliseconds, UInt64(Self.savedMilliseconds)))
        filledMilliseconds = now
        // A unit a second is 2000 of the level in 1000 ms.
        level = min(level + passed * unitsPerSecond * 2, levelMax)
    }
}
