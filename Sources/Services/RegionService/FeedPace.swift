import Changes

/// When commits are looked at for feeds that wait; times are nanoseconds by the monotonic clock.
///
/// The first commit after a rest is looked at once. What comes after a batch waits, so that more changes join
/// the next: a batch costs the target a sync of its disk, whatever is in it. It waits the longer the more changes
/// come, since that takes 3 µs of 12 off what one costs daemon and target. Who is behind does not wait for that.
///
/// What comes after a look that found nothing waits as well, by what the look took: with a thousand tables that
/// is milliseconds, which are the writers' otherwise; and longer where it was commits that were looked at, as
/// more of them will bring nothing.
struct FeedPace {
    /// At up to 2,000 changes a second; at 5,000 it is 5 ms.
    static let betweenBatchesMin: UInt64 = 2_000_000
    /// From 10,000 changes a second on.
    ///
    /// With half as much, a link that carries 30,000 changes a second took a twentieth more of the processors,
    /// with twice as much no less.
    static let betweenBatchesMax: UInt64 = 10_000_000
    static let afterVainCommits: UInt64 = 2_000_000
    /// Whoever asks meanwhile does not wait for it, but a change that is for a feed may.
    static let afterVainMax: UInt64 = 20_000_000
    /// So many times as long as the look took.
    static let afterVainShare: UInt64 = 2
    /// More targets than a region has peers are of no region; then all are forgotten.
    static let targetsMax = 1_024

    private struct Target {
        /// When it was given something last.
        var given: UInt64
        var isBehind: Bool
    }

    private(set) var nextBatch: UInt64 = 0
    private var nextLook: UInt64 = 0
    /// By region.
    private var targets: [String: Target] = [:]
    /// The longest rest after what the present look gave; nil where it gave nothing.
    private var rest: UInt64?

    /// The earliest time for the next look at commits.
    var next: UInt64 { max(nextBatch, nextLook) }

    /// Whether there was more for a target than its last batch had.
    func isBehind(_ target: String) -> Bool { targets[target]?.isBehind ?? false }

    /// Takes note of what a look gave to a target; nil if that needs nothing.
    mutating func gave(_ batch: ChangeBatch.Header?, to target: String, at now: UInt64) {
        let before = targets[target]?.given ?? 0
        // Of what is relayed nobody knows how much there will be.
        let isBehind = batch.map { !$0.isComplete && !$0.isRelayed } ?? false
        if targets[target] == nil, targets.count >= Self.targetsMax { targets.removeAll() }
        targets[target] = Target(given: now, isBehind: isBehind)
        let gathered = isBehind ? 0 : Self.rest(after: batch?.changes ?? 0, in: now - before)
        rest = max(rest ?? 0, gathered)
    }

    /// A millisecond for each change in one, within bounds.
    private static func rest(after changes: Int, in nanoseconds: UInt64) -> UInt64 {
        let millisecond: UInt64 = 1_000_000
        let perMillisecond = UInt64(changes) * millisecond / max(nanoseconds, millisecond)
        let rest = min(perMillisecond, betweenBatchesMax / millisecond) * millisecond
        return max(rest, betweenBatchesMin)
    }

    /// Takes note of a look for feeds that wait, at commits or for who has just asked.
    mutating func looked(from began: UInt64, to ended: UInt64, atCommits: Bool) {
        if let given = rest {
            // Nobody's rest is cut short by another target.
            nextBatch = max(nextBatch, ended + given)
            rest = nil
            return
        }
        let rest = min(Self.afterVainShare * (ended - began), Self.afterVainMax)
        nextLook = ended + (atCommits ? max(rest, Self.afterVainCommits) : rest)
    }
}
