/// How long to wait before the next attempt at something that failed.
///
/// Each further failure doubles the wait, from `minMilliseconds` up to `maxMilliseconds`. The upper
/// half of a wait is left to chance, so that links that failed together do not come back together.
package struct Backoff: Equatable, Sendable {
    package let minMilliseconds: UInt64
    package let maxMilliseconds: UInt64
    /// Failures in a row.
    package private(set) var failures = 0

    /// Beyond this many doublings every wait is at its bound.
    private static let doublingsMax = 20

    /// - Precondition: at least a millisecond, and the bound not below it.
    package init(minMilliseconds: UInt64, maxMilliseconds: UInt64) {
        precondition(minMilliseconds > 0, "a backoff of nothing would spin")
        precondition(minMilliseconds <= maxMilliseconds, "a backoff grows")
        self.minMilliseconds = minMilliseconds
        self.maxMilliseconds = maxMilliseconds
    }

    /// Counts a failure and says how long to wait.
    ///
    /// - Parameter jitterBits: any bits; equal bits give equal waits.
    /// - Returns: between half of the step and all of it, at least 1.
    package mutating func next(jitterBits: UInt64) -> UInt64 {
        let doublings = min(failures, Backoff.doublingsMax)
        failures = min(failures + 1, Int.max - 1)
        let (grown, overflow) = minMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
        let step = overflow ? maxMilliseconds : min(grown, maxMilliseconds)
        let half = step / 2
        return max(1, step - half + jitterBits % (half + 1))
    }

    package mutating func reset() {
        failures = 0
    }
}
