import Causality
import Changes
import Testing

@testable import RegionService

/// When commits are looked at.
struct FeedPaceTests {
    private let millisecond: UInt64 = 1_000_000
    private let target = "us-east-1"

    @Test func `the first commit is looked at once, and what follows a batch together`() {
        var pace = FeedPace()
        #expect(pace.next == 0)
        pace.gave(header(changes: 1), to: target, at: 8_000_000)
        pace.looked(from: 1_000_000, to: 9_000_000, atCommits: true)
        #expect(pace.next == 11_000_000)
        #expect(pace.nextBatch == 11_000_000)
    }

    @Test func `the more changes come, the longer they gather, within bounds`() {
        for (changes, milliseconds, rest) in [
            (0, 2, 2), (4, 2, 2), (1_000, 1_000, 2), (10, 2, 5), (25, 5, 5), (90, 10, 9),
            (2_000, 10, 10), (2_000, 0, 10),
        ] {
            var pace = FeedPace()
            let now = 1_000 * millisecond
            pace.gave(header(changes: 7), to: target, at: now)
            pace.looked(from: now, to: now, atCommits: true)
            let later = now + UInt64(milliseconds) * millisecond
            pace.gave(header(changes: changes), to: target, at: later)
            pace.looked(from: later, to: later + 5, atCommits: true)
            #expect(pace.nextBatch == later + 5 + UInt64(rest) * millisecond)
        }
    }

    @Test func `what is given to several targets by turns is not taken for more`() {
        var pace = FeedPace()
        var now = 1_000 * millisecond
        // 1,000 changes a second, to each of nine, one after the other.
        for round in 0..<20 {
            for target in 0..<9 {
                now += millisecond / 2
                pace.gave(header(changes: 4), to: "region-\(target)", at: now)
                pace.looked(from: now, to: now, atCommits: false)
                let rest = round == 0 ? pace.nextBatch - now : 2 * millisecond
                #expect(pace.nextBatch == now + rest)
            }
        }
    }

    @Test func `the fastest of several links counts, and one that is behind does not rest`() {
        var pace = FeedPace()
        let now = 1_000 * millisecond
        for target in ["a", "b", "c"] { pace.gave(header(changes: 0), to: target, at: now) }
        pace.looked(from: now, to: now, atCommits: false)
        let later = now + 10 * millisecond
        pace.gave(header(changes: 30), to: "a", at: later)
        pace.gave(header(changes: 80), to: "b", at: later)
        pace.gave(header(changes: 2_000, isComplete: false), to: "c", at: later)
        pace.gave(nil, to: "d", at: later)
        pace.looked(from: later, to: later, atCommits: false)
        #expect(pace.nextBatch == later + 8 * millisecond)
        #expect(["a", "b", "c", "d", "e"].filter(pace.isBehind) == ["c"])

        // Which does not cut the others' rest short.
        pace.gave(header(changes: 2_000, isComplete: false), to: "c", at: later)
        pace.looked(from: later, to: later + 1, atCommits: false)
        #expect(pace.nextBatch == later + 8 * millisecond)
    }

    @Test func `who is given what is relayed is not behind`() {
        var pace = FeedPace()
        pace.gave(header(changes: 2_000, isComplete: false, isRelayed: true), to: target, at: 5)
        #expect(!pace.isBehind(target))
        pace.looked(from: 0, to: 10, atCommits: false)
        #expect(pace.nextBatch == 10 + 10 * millisecond)
    }

    @Test func `more targets than there can be are forgotten`() {
        var pace = FeedPace()
        for number in 0...FeedPace.targetsMax {
            pace.gave(header(changes: 1, isComplete: false), to: "\(number)", at: 1)
        }
        #expect(!pace.isBehind("0"))
        #expect(pace.isBehind("\(FeedPace.targetsMax)"))
    }

    @Test func `a look in vain is followed by a rest of twice its time, within bounds`() {
        for (took, rest) in [
            (10_000, 2_000_000), (5_000_000, 10_000_000), (70_000_000, 20_000_000),
        ] {
            var pace = FeedPace()
            let ended = 1_000 + UInt64(took)
            pace.looked(from: 1_000, to: ended, atCommits: true)
            #expect(pace.next == ended + UInt64(rest))
            // Which holds up no batch for who asks now.
            #expect(pace.nextBatch == 0)
        }
    }

    @Test func `who has just asked and finds nothing is told of the next commit soon`() {
        var pace = FeedPace()
        pace.looked(from: 0, to: 40_000, atCommits: false)
        #expect(pace.next == 120_000)
    }

    @Test func `a rest between batches is not cut short by a look in vain`() {
        var pace = FeedPace()
        pace.gave(header(changes: 0), to: target, at: 10_000_000)
        pace.looked(from: 0, to: 10_000_000, atCommits: false)
        pace.looked(from: 10_000_000, to: 10_000_001, atCommits: true)
        #expect(pace.next == 12_000_001)
        #expect(pace.nextBatch == 12_000_000)
    }

    private func header(
        changes: Int,
        isComplete: Bool = true,
        isRelayed: Bool = false,
    ) -> ChangeBatch.Header {
        let origin = Origin(region: "eu-west-1", startMilliseconds: 1, random: 1)
        let other = Origin(region: "ap-south-1", startMilliseconds: 1, random: 1)
        return ChangeBatch.Header(
            source: origin,
            origin: isRelayed ? other : origin,
            predecessor: nil,
            tables: [],
            after: .zero,
            through: .zero,
            changes: changes,
            isComplete: isComplete,
            pending: 0,
            wallMilliseconds: 0,
            claims: [],
        )
    }
}
