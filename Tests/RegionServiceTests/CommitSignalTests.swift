import Foundation
import Testing

@testable import RegionService

/// Whom a commit wakes.
struct CommitSignalTests {
    @Test func `commits are news to a feed that waits for them, all else to each`() {
        let seen = CommitSignal.Counts()
        var now = seen
        #expect(!now.isNews(since: seen))
        now.commits = 1
        #expect(!now.isNews(since: seen))
        now.areCommitsAwaited = true
        #expect(now.isNews(since: seen))
        #expect(!now.isNews(since: now))
        for change: (inout CommitSignal.Counts) -> Void in [
            { $0.heartbeats = 1 }, { $0.requests = 1 }, { $0.isStopping = true },
        ] {
            var other = seen
            change(&other)
            #expect(other.isNews(since: seen))
        }
    }

    @Test func `who waits for a commit is woken by it, or has it at once`() async throws {
        let signal = CommitSignal()
        // Nobody waited for this one.
        signal.committed()
        #expect(wait(signal, since: CommitSignal.Counts())?.commits == 1)
        var seen = CommitSignal.Counts()
        seen.commits = 1
        let known = seen
        let woken = Task.detached { wait(signal, since: known) }
        // Until the other waits, which it says.
        signal.counts.with { $0.areCommitsAwaited = false }
        while !signal.counts.with({ $0.areCommitsAwaited }) { await Task.yield() }
        signal.committed()
        #expect(await woken.value?.commits == 2)
    }
}

/// What a feed does; only what is broken needs so long.
private func wait(_ signal: CommitSignal, since seen: CommitSignal.Counts) -> CommitSignal.Counts? {
    signal.counts.wait(untilMilliseconds: MonotonicClock.milliseconds() + 60_000) {
        $0.areCommitsAwaited = true
        return $0.isNews(since: seen) ? $0 : nil
    }
}
