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
        state.awaitFlush(behind: 9, by: 0.5, milliseconds: Self.forever)
        state.freeze(try frozen())
        // It is not far behind.
        state.awaitFlush(behind: 0.5, by: 0.5, milliseconds: Self.forever)
        let gone = Gate()
        Thread {
            // Once for each part: the wait must not depend on which one it is.
            while state.pace(done: 0.25, 0.2, lead: 0.1) != .awaited { usleep(1_000) }  // The waiter gives no sign.
            gone.open()
        }.start()
        state.awaitFlush(behind: 0.7, by: 0.5, milliseconds: Self.forever)
        // It is far enough now.
        state.awaitFlush(behind: 0.7, by: 0.5, milliseconds: Self.forever)
        state.stop()
        gone.pass()
    }

    @Test
    func `what is urgent is done on a thread of its own, and its errors come back`() throws {
        let hurry = HurryThread()
        try hurry.start()
        let own = pthread_self()
        for number in 1...100 {
            let (thread, result) = try hurry.run { () throws(StoreError) in
                (pthread_self(), number * 2)
            }
            #expect(thread != own && result == number * 2)
        }
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
