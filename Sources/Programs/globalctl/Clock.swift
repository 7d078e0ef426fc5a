import Glibc

/// A clock for waits: it goes on evenly, whoever sets the wall clock.
enum Clock {
    /// Milliseconds since some moment before the process.
    static func milliseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(max(0, now.tv_sec)) * 1_000 + UInt64(now.tv_nsec) / 1_000_000
    }
}
