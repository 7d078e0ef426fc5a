import Synchronization

/// The faults that a rehearsal has put on this region's peer port, until their time is up.
///
/// They live in memory and end by themselves, so a tool that breaks off leaves nothing behind.
final class DrillFaults: Sendable {
    /// What of the links' requests is refused.
    struct Cut: Equatable {
        /// Nothing comes in: `/apply` and `/copy`, and the positions they would begin from.
        var inward = false
        /// Nothing goes out: `/feed` and `/snapshot`.
        var outward = false
    }

    private struct State {
        var cut = Cut()
        /// By the monotonic clock.
        var untilMilliseconds: UInt64 = 0
    }

    /// The longest that one order lasts.
    static let durationMillisecondsMax: UInt64 = 3_600_000

    private let state = Mutex(State())

    func set(_ cut: Cut, forMilliseconds duration: UInt64) {
        let until = MonotonicClock.milliseconds() + min(duration, Self.durationMillisecondsMax)
        state.withLock { $0 = State(cut: cut, untilMilliseconds: until) }
    }

    func clear() {
        state.withLock { $0 = State() }
    }

    /// What is cut at this moment.
    var cut: Cut {
        let state = state.withLock { $0 }
        return state.untilMilliseconds > MonotonicClock.milliseconds() ? state.cut : Cut()
    }

    /// Whether a request of a link is to be refused.
    func refuses(_ path: String) -> Bool {
        switch path {
        case "/apply", "/copy", "/position": cut.inward
        case "/feed", "/snapshot": cut.outward
        default: false
        }
    }
}
