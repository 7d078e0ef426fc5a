import Testing

@testable import Replication

struct BackoffTests {
    @Test(arguments: [UInt64(0), 1, 7_919, .max])
    func `a wait lies in the upper half of a step that doubles up to its bound`(jitter: UInt64) {
        var backoff = Backoff(minMilliseconds: 100, maxMilliseconds: 5_000)
        for step: UInt64 in [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000] {
            let wait = backoff.next(jitterBits: jitter)
            #expect(wait >= step / 2 && wait <= step)
        }
    }

    @Test func `a thousand failures overflow nothing`() {
        var backoff = Backoff(minMilliseconds: .max / 2, maxMilliseconds: .max)
        for _ in 0..<1_000 { #expect(backoff.next(jitterBits: .max) >= .max / 4) }
    }

    @Test func `a success begins anew`() {
        var backoff = Backoff(minMilliseconds: 100, maxMilliseconds: 5_000)
        for _ in 0..<5 { _ = backoff.next(jitterBits: 0) }
        backoff.reset()
        #expect(backoff.next(jitterBits: 0) == 50)
        #expect(backoff.failures == 1)
    }

    @Test func `no wait is nothing`() {
        var backoff = Backoff(minMilliseconds: 1, maxMilliseconds: 1)
        for jitter in UInt64(0)..<8 { #expect(backoff.next(jitterBits: jitter) == 1) }
    }
}
