import Testing

@testable import RegionService

/// When commits are looked at.
struct FeedPaceTests {
    @Test func `the first commit is looked at once, and what follows a batch together`() {
        var pace = FeedPace()
        #expect(pace.next == 0)
        pace.looked(from: 1_000_000, to: 9_000_000, atCommits: true, hasServed: true)
        #expect(pace.next == 11_000_000)
        #expect(pace.nextBatch == 11_000_000)
    }

    @Test func `a look in vain is followed by a rest of twice its time, within bounds`() {
        for (took, rest) in [
            (10_000, 2_000_000), (5_000_000, 10_000_000), (70_000_000, 20_000_000),
        ] {
            var pace = FeedPace()
            let ended = 1_000 + UInt64(took)
            pace.looked(from: 1_000, to: ended, atCommits: true, hasServed: false)
            #expect(pace.next == ended + UInt64(rest))
            // Which holds up no batch for who asks now.
            #expect(pace.nextBatch == 0)
        }
    }

    @Test func `who has just asked and finds nothing is told of the next commit soon`() {
        var pace = FeedPace()
        pace.looked(from: 0, to: 40_000, atCommits: false, hasServed: false)
        #expect(pace.next == 120_000)
    }

    @Test func `a rest between batches is not cut short by a look in vain`() {
        var pace = FeedPace()
        pace.looked(from: 0, to: 10_000_000, atCommits: false, hasServed: true)
        pace.looked(from: 10_000_000, to: 10_000_001, atCommits: true, hasServed: false)
        #expect(pace.next == 12_000_001)
        #expect(pace.nextBatch == 12_000_000)
    }
}
