import Causality
import Changes
import Testing

@testable import RegionService

/// When commits are looked at.
struct FeedPaceTests {
    @Test func `the first commit is looked at once, and what follows a batch together`() {
        var pace = FeedPace()
        #expect(pace.next == 0)
        pace.looked(from: 1_000_000, to: 9_000_000, atCommits: true, served(changes: 1))
        #expect(pace.next == 11_000_000)
        #expect(pace.nextBatch == 11_000_000)
    }

    @Test func `the more changes come, the longer they gather, within bounds`() {
        for (changes, milliseconds, rest) in [
            (0, 2, 2), (4, 2, 2), (1_000, 1_000, 2), (10, 2, 5), (25, 5, 5), (90, 10, 9),
            (2_000, 10, 10), (2_000, 0, 10),
        ] {
            var pace = FeedPace()
            let given = served(changes: changes, in: UInt64(milliseconds))
            pace.looked(from: 1_000, to: 2_000, atCommits: true, given)
            #expect(pace.nextBatch == 2_000 + UInt64(rest) * 1_000_000)
        }
    }

    @Test func `the fastest of several links counts, and one that has more to come is not held up`()
    {
        var served = served(changes: 8, in: 1)
        served.add(header(changes: 3, in: 1))
        served.add(nil)
        #expect((served.feeds, served.changesPerMillisecond) == (3, 8))
        #expect(!served.isBehind)
        served.add(header(changes: 2_000, in: 50, pending: 1))
        var pace = FeedPace()
        pace.looked(from: 1_000, to: 2_000, atCommits: false, served)
        #expect(pace.nextBatch == 2_000)
    }

    @Test func `a look in vain is followed by a rest of twice its time, within bounds`() {
        for (took, rest) in [
            (10_000, 2_000_000), (5_000_000, 10_000_000), (70_000_000, 20_000_000),
        ] {
            var pace = FeedPace()
            let ended = 1_000 + UInt64(took)
            pace.looked(from: 1_000, to: ended, atCommits: true, FeedPace.Served())
            #expect(pace.next == ended + UInt64(rest))
            // Which holds up no batch for who asks now.
            #expect(pace.nextBatch == 0)
        }
    }

    @Test func `who has just asked and finds nothing is told of the next commit soon`() {
        var pace = FeedPace()
        pace.looked(from: 0, to: 40_000, atCommits: false, FeedPace.Served())
        #expect(pace.next == 120_000)
    }

    @Test func `a rest between batches is not cut short by a look in vain`() {
        var pace = FeedPace()
        pace.looked(from: 0, to: 10_000_000, atCommits: false, served(changes: 0))
        pace.looked(from: 10_000_000, to: 10_000_001, atCommits: true, FeedPace.Served())
        #expect(pace.next == 12_000_001)
        #expect(pace.nextBatch == 12_000_000)
    }

    private func served(changes: Int, in milliseconds: UInt64 = 2) -> FeedPace.Served {
        var served = FeedPace.Served()
        served.add(header(changes: changes, in: milliseconds))
        return served
    }

    /// Of a batch of changes that were made in so long.
    private func header(
        changes: Int,
        in milliseconds: UInt64,
        pending: UInt64 = 0
    ) -> ChangeBatch.Header {
        let origin = Origin(region: "eu-west-1", startMilliseconds: 1, random: 1)
        let after = HybridTime(rawValue: 7_000 << 16)
        return ChangeBatch.Header(
            source: origin,
            origin: origin,
            predecessor: nil,
            tables: [],
            after: after,
            through: HybridTime(rawValue: (7_000 + milliseconds) << 16),
            changes: changes,
            isComplete: pending == 0,
            pending: pending,
            wallMilliseconds: 0,
            claims: [],
        )
    }
}
