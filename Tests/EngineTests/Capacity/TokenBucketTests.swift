import Engine
import Testing

struct TokenBucketTests {
    private let start: UInt64 = 1_800_000_000_000

    /// How many requests of one unit are let in at one moment, up to a bound.
    private func admitted(_ bucket: inout TokenBucket, now: UInt64, upTo most: Int = 100_000) -> Int
    {
        var count = 0
        while count < most, bucket.hasCapacity(now: now) {
            bucket.take(halfUnits: 2, now: now)
            count += 1
        }
        return count
    }

    private func isOpen(_ bucket: inout TokenBucket, now: UInt64) -> Bool {
        bucket.hasCapacity(now: now)
    }

    @Test func `a new bucket holds one second's capacity`() {
        var bucket = TokenBucket(unitsPerSecond: 5, now: start)
        #expect(admitted(&bucket, now: start) == 5)
    }

    @Test(arguments: [(1_000, 10), (100, 1), (60_000, 600)])
    func `capacity comes in with time`(milliseconds: UInt64, units: Int) {
        var bucket = TokenBucket(unitsPerSecond: 10, now: start)
        #expect(admitted(&bucket, now: start) == 10)
        #expect(admitted(&bucket, now: start + milliseconds) == units)
    }

    @Test func `what is not used is kept for five minutes and no longer`() {
        var bucket = TokenBucket(unitsPerSecond: 2, now: start)
        #expect(admitted(&bucket, now: start + 86_400_000) == 600)
        #expect(admitted(&bucket, now: start + 86_400_000 + 1_000) == 2)
    }

    @Test func `a large request is let in and paid off`() {
        var bucket = TokenBucket(unitsPerSecond: 1, now: start)
        #expect(isOpen(&bucket, now: start))
        bucket.take(halfUnits: 2 * 21, now: start)
        #expect(!isOpen(&bucket, now: start + 20_000))
        #expect(isOpen(&bucket, now: start + 20_001))
    }

    @Test func `half a unit costs half`() {
        var bucket = TokenBucket(unitsPerSecond: 1, now: start)
        bucket.take(halfUnits: 1, now: start)
        #expect(isOpen(&bucket, now: start))
        bucket.take(halfUnits: 1, now: start)
        #expect(!isOpen(&bucket, now: start))
    }

    @Test func `a clock that goes back brings nothing`() {
        var bucket = TokenBucket(unitsPerSecond: 1, now: start)
        #expect(admitted(&bucket, now: start) == 1)
        #expect(!isOpen(&bucket, now: start - 5_000))
        #expect(!isOpen(&bucket, now: start))
        #expect(isOpen(&bucket, now: start + 1_000))
    }

    @Test func `a new rate counts from its change`() {
        var bucket = TokenBucket(unitsPerSecond: 100, now: start)
        #expect(admitted(&bucket, now: start) == 100)
        bucket.setRate(1, now: start + 500)
        #expect(admitted(&bucket, now: start + 500) == 50)
        #expect(admitted(&bucket, now: start + 3_500) == 3)
        bucket.setRate(10, now: start + 3_500)
        #expect(admitted(&bucket, now: start + 4_500) == 10)
    }

    @Test func `a lower rate cuts what was saved`() {
        var bucket = TokenBucket(unitsPerSecond: 100, now: start)
        bucket.setRate(1, now: start + 300_000)
        #expect(admitted(&bucket, now: start + 300_000) == 300)
    }

    @Test(arguments: [Int64.max, Int64.min, 0, -1])
    func `any rate is taken`(rate: Int64) {
        var bucket = TokenBucket(unitsPerSecond: rate, now: 0)
        #expect(isOpen(&bucket, now: .max))
        bucket.take(halfUnits: 2, now: .max)
        bucket.setRate(5, now: .max)
    }
}
