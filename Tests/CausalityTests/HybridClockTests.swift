import Causality
import Testing

struct HybridClockTests {
    @Test func `times increase while the wall clock stands still or steps back`() {
        var clock = HybridClock()
        var last = HybridTime.zero
        for wall: UInt64 in [1_000, 1_000, 999, 5, 1_001, 0] {
            let time = clock.next(wallMilliseconds: wall)
            #expect(time > last)
            last = time
        }
    }

    @Test func `a time follows the wall clock when that is ahead`() {
        var clock = HybridClock()
        #expect(clock.next(wallMilliseconds: 7) == HybridTime(milliseconds: 7))
    }

    @Test func `a time exceeds every time observed`() {
        var clock = HybridClock()
        let seen = HybridTime(milliseconds: 9_000, counter: .max)
        clock.observe(seen)
        #expect(clock.next(wallMilliseconds: 1) > seen)
        clock.observe(HybridTime(milliseconds: 1))
        #expect(clock.next(wallMilliseconds: 1) > seen)
    }

    @Test func `a full counter runs over into the milliseconds`() {
        let time = HybridTime(milliseconds: 5, counter: .max)
        #expect(time.next == HybridTime(milliseconds: 6))
    }

    @Test func `the drift bound is exact`() {
        func ahead(_ milliseconds: UInt64) -> Bool {
            HybridClock.isTooFarAhead(
                HybridTime(milliseconds: milliseconds),
                wallMilliseconds: 1_000,
                driftMilliseconds: 60,
            )
        }
        #expect(!ahead(1_060))
        #expect(ahead(1_061))
    }
}
