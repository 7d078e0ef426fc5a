import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// Who waits for whom while a flush goes on.
struct FlushPaceTests {
    /// Longer than any test may take: a wait that ends in time was woken.
    private static let forever = 3_600_000

    @Test
    func `a writer that is too far ahead waits until more of the flush is done`() throws {
        let state = StoreState()
        // Nothing is being flushed.
        #expect(!state.awaitFlush(upTo: 1, milliseconds: Self.forever))
        state.freeze(try frozen())
        guard case .flush = state.nextToFlush(within: 0) else {
            Issue.record("what is frozen is flushed")
            return
        }
        #expect(!state.awaitFlush(upTo: 0, milliseconds: Self.forever))
        #expect(state.awaitFlush(upTo: 0.2, milliseconds: 1))
        let gone = Gate()
        Thread {
            while state.pace(done: 0.25, 0.2, lead: 0.1) != .awaited {
                usleep(1_000)  // Who waits gives no sign of it.
            }
            gone.open()
        }.start()
        // With the thread's first step at the latest.
        _ = state.awaitFlush(upTo: 0.2, milliseconds: Self.forever)
        #expect(state.awaitFlush(upTo: 0.3, milliseconds: Self.forever))
        #expect(!state.awaitFlush(upTo: 0.2, milliseconds: Self.forever))
        state.stop()
        gone.pass()
    }

    @Test
    func `a new flush begins with nothing done, and nobody waits for one that failed`() throws {
        let state = StoreState()
        state.freeze(try frozen())
        _ = state.nextToFlush(within: 0)
        _ = state.pace(done: 1, 1, lead: 0.1)
        #expect(!state.awaitFlush(upTo: 0.5, milliseconds: Self.forever))
        state.flushed([:])
        state.rested()
        state.freeze(try frozen())
        #expect(state.awaitFlush(upTo: 0.5, milliseconds: 1))
        // The last one's pages are written back still.
        _ = state.pace(done: 1, 1, lead: 0.1)
        #expect(state.awaitFlush(upTo: 0.5, milliseconds: 1))
        state.flushFailed(StoreError(attempt: "flush", code: 10, message: "no"))
        #expect(!state.awaitFlush(upTo: 0.5, milliseconds: Self.forever))
    }

    @Test
    func `what is urgent is done on a thread of its own, and its errors come back`() throws {
        let hurry = HurryThread()
        try hurry.start()
        let (own, process) = (pthread_self(), __priority_which_t(PRIO_PROCESS.rawValue))
        let weight = getpriority(process, 0)
        for number in 1...100 {
            let (thread, result) = try hurry.run { () throws(StoreError) in
                (pthread_self(), number * 2)
            }
            #expect(thread != own && result == number * 2)
        }
        #expect(try hurry.run { () throws(StoreError) in getpriority(process, 0) } == weight)
        let failure = StoreError(attempt: "hurry", code: 7, message: "no")
        #expect(throws: failure) {
            try hurry.run { () throws(StoreError) in throw failure }
        }
        hurry.stop()
    }

    private func frozen() throws -> StoreState.Frozen {
        StoreState.Frozen(layers: Layers(), items: NewestEntries(in: Arena(SlabPool())), logs: [])
    }
}
