// Its header brings `timespec` along, and so is where that comes from in this program.
import CEpoll
import Glibc

/// Nanoseconds on the monotonic clock.
func now() -> UInt64 { read(CLOCK_MONOTONIC) }

/// Nanoseconds of processor time that this process has used.
func processorTime() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

/// Milliseconds since 1970: what makes the values of two runs differ.
func wallMilliseconds() -> UInt64 { read(CLOCK_REALTIME) / 1_000_000 }

func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, seconds) * 1e9) }

func pause(nanoseconds: UInt64) {
    var time = timespec(
        tv_sec: Int(nanoseconds / 1_000_000_000),
        tv_nsec: Int(nanoseconds % 1_000_000_000),
    )
    nanosleep(&time, nil)
}

private func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
