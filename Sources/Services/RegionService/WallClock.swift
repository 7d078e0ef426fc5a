import Foundation
import Synchronization

/// The machine's wall clock: the one place where the real time enters a region.
///
/// A rehearsal may set it off for a while; then it is this process that is wrong about the time.
enum WallClock {
    /// Added to the machine's time, until the monotonic clock has come to `offsetEnd`.
    private static let offset = Atomic<Int64>(0)
    private static let offsetEnd = Atomic<UInt64>(0)

    /// Milliseconds since 1970.
    static func milliseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let time = UInt64(max(0, now.tv_sec)) * 1_000 + UInt64(now.tv_nsec) / 1_000_000
        let off = offsetMilliseconds
        guard off != 0 else { return time }
        return UInt64(max(0, Int64(clamping: time) + off))
    }

    /// How far off a rehearsal has set the clock at this moment.
    static var offsetMilliseconds: Int64 {
        let off = offset.load(ordering: .relaxed)
        guard off != 0, MonotonicClock.milliseconds() < offsetEnd.load(ordering: .relaxed)
        else { return 0 }
        return off
    }

    static func setOffset(milliseconds: Int64, forMilliseconds duration: UInt64) {
        offsetEnd.store(MonotonicClock.milliseconds() + duration, ordering: .relaxed)
        offset.store(milliseconds, ordering: .relaxed)
    }

    static func clearOffset() {
        offset.store(0, ordering: .relaxed)
    }
}

/// A clock for waits: it goes on evenly, whoever sets the wall clock.
enum MonotonicClock {
    /// Milliseconds since some moment before the process.
    static func milliseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(max(0, now.tv_sec)) * 1_000 + UInt64(now.tv_nsec) / 1_000_000
    }

    /// The same clock, finer.
    static func nanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(max(0, now.tv_sec)) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}

/// How much of a processor the calling thread has had.
enum ThreadClock {
    static func nanoseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return now.tv_sec * 1_000_000_000 + now.tv_nsec
    }
}
