/// Gives out the times of one region.
///
/// Invariant: every time it gives is greater than all it gave before and than all it observed. So a
/// change that was written over another always carries the greater time, and last-writer-wins never
/// lets an overwritten value win. The wall clock is an argument: it may stand still or step back,
/// and the times still increase.
///
/// A time from far ahead must not be observed (it would drag this clock along): callers check it
/// with `isTooFarAhead` first and hold the change back.
package struct HybridClock: Sendable {
    /// The greatest time given or observed.
    package private(set) var last: HybridTime

    package init(after last: HybridTime = .zero) {
        self.last = last
    }

    /// A new time, greater than all before; the wall clock counts from 1970.
    package mutating func next(wallMilliseconds: UInt64) -> HybridTime {
        last = max(last.next, HybridTime(milliseconds: wallMilliseconds))
        return last
    }

    /// Takes note of a time that came from elsewhere.
    package mutating func observe(_ time: HybridTime) {
        last = max(last, time)
    }

    /// Whether a time is more than `driftMilliseconds` ahead of the wall clock.
    package static func isTooFarAhead(
        _ time: HybridTime,
        wallMilliseconds: UInt64,
        driftMilliseconds: UInt64,
    ) -> Bool {
        time.milliseconds > wallMilliseconds &+ driftMilliseconds
    }
}
