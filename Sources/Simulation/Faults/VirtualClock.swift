/// One region's wall clock: off by some, running fast or slow, and stepping now and then.
struct VirtualClock {
    /// The wall time at virtual time 0, in milliseconds since 1970.
    static let epochMilliseconds: Int64 = 1_800_000_000_000

    var offsetMilliseconds: Int64 = 0
    /// How much faster than virtual time, in millionths.
    var driftMillionths: Int64 = 0

    func wallMilliseconds(at now: UInt64) -> UInt64 {
        let elapsed = Int64(now)
        let wall =
            VirtualClock.epochMilliseconds + elapsed + elapsed * driftMillionths / 1_000_000
            + offsetMilliseconds
        return UInt64(max(0, wall))
    }

    /// Steps the clock, no further from virtual time than `boundMilliseconds` either way.
    mutating func step(by milliseconds: Int64, boundMilliseconds: Int64) {
        offsetMilliseconds = min(
            max(offsetMilliseconds + milliseconds, -boundMilliseconds),
            boundMilliseconds,
        )
    }
}
