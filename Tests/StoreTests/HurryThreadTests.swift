import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// What a thread that has stepped back has another one do.
struct HurryThreadTests {
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
}
