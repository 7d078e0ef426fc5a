/// When commits are looked at for feeds that wait; times are nanoseconds by the monotonic clock.
///
/// The first commit after a rest is looked at once. What comes after a batch waits, so that more changes join
/// the next: a batch costs the target a sync of its disk, whatever is in it. What comes after a look that found
/// nothing waits as well, by what the look took: with a thousand tables that is milliseconds, which are the
/// writers' otherwise; and longer where it was commits that were looked at, as more of them will bring nothing.
struct FeedPace {
    static let betweenBatches: UInt64 = 2_000_000
    static let afterVainCommits: UInt64 = 2_000_000
    /// Whoever asks meanwhile does not wait for it, but a change that is for a feed may.
    static let afterVainMax: UInt64 = 20_000_000
    /// So many times as long as the look took.
    static let afterVainShare: UInt64 = 2

    private(set) var nextBatch: UInt64 = 0
    private var nextLook: UInt64 = 0

    /// The earliest time for the next look at commits.
    var next: UInt64 { max(nextBatch, nextLook) }

    /// Takes note of a look for feeds that wait, at commits or for who has just asked, and whether any of them had
    /// an answer.
    mutating func looked(
        from began: UInt64,
        to ended: UInt64,
        atCommits: Bool,
        hasServed: Bool,
    ) {
        if hasServed {
            nextBatch = ended + Self.betweenBatches
            return
        }
        let rest = min(Self.afterVainShare * (ended - began), Self.afterVainMax)
        nextLook = ended + (atCommits ? max(rest, Self.afterVainCommits) : rest)
    }
}
