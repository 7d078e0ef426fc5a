import Causality
import Changes

/// When commits are looked at for feeds that wait; times are nanoseconds by the monotonic clock.
///
/// The first commit after a rest is looked at once. What comes after a batch waits, so that more changes join
/// the next: a batch costs the target a sync of its disk, whatever is in it. It waits the longer the more changes
/// come, since that takes 4 µs of 12 off what one costs daemon and target. What comes after a look that found
/// nothing waits as well, by what the look took: with a thousand tables that is milliseconds, which are the
/// writers' otherwise; and longer where it was commits that were looked at, as more of them will bring nothing.
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

    /// What a look gave to feeds that waited.
    struct Served {
        /// How many had an answer.
        private(set) var feeds = 0
        /// The most changes of one for each millisecond in which they were made.
        private(set) var changesPerMillisecond: UInt64 = 0
        /// Whether there was more for one of them than a batch takes.
        private(set) var isBehind = false

        mutating func add(_ batch: ChangeBatch.Header?) {
            feeds += 1
            guard let batch else { return }
            let (from, to) = (batch.after, max(batch.after, batch.through))
            let rate = UInt64(batch.changes) / max(1, to.milliseconds - from.milliseconds)
            changesPerMillisecond = max(changesPerMillisecond, rate)
            if batch.pending > 0 { isBehind = true }
        }
    }

    private(set) var nextBatch: UInt64 = 0
    private var nextLook: UInt64 = 0

    /// The earliest time for the next look at commits.
    var next: UInt64 { max(nextBatch, nextLook) }

    /// Takes note of a look for feeds that wait, at commits or for who has just asked, and of what it gave them.
    mutating func looked(
        from began: UInt64,
        to ended: UInt64,
        atCommits: Bool,
        _ given: Served,
    ) {
        guard given.feeds == 0 else {
            nextBatch = ended + (given.isBehind ? 0 : Self.rest(given.changesPerMillisecond))
            return
        }
        let rest = min(Self.afterVainShare * (ended - began), Self.afterVainMax)
        nextLook = ended + (atCommits ? max(rest, Self.afterVainCommits) : rest)
    }

    /// A millisecond for each change in one, within bounds.
    private static func rest(_ changesPerMillisecond: UInt64) -> UInt64 {
        let longest = betweenBatchesMax / 1_000_000
        return max(min(changesPerMillisecond, longest) * 1_000_000, betweenBatchesMin)
    }
}
