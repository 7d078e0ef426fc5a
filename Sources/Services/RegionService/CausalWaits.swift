import Changes
import Engine

/// Requests that wait until the region has come as far as their tokens say.
///
/// The writer looks at them after each commit, which is the only thing that can bring one further, and
/// a thread of its own ends those whose time is up. Both hand a request back to its event loop, which
/// was free meanwhile.
///
/// Whoever begins to wait looks once more after that: a commit that came before is then seen, and any
/// later one sees the request.
final class CausalWaits: Sendable {
    struct Waiting: Sendable {
        let token: CausalToken
        let tables: [String]
        /// Called once, on any thread, when the tables have come so far or the time is up.
        let resume: @Sendable () -> Void
    }

    private struct Entry {
        let id: UInt64
        let waiting: Waiting
        /// By `MonotonicClock`.
        let deadline: UInt64
    }

    private struct State {
        var entries: [Entry] = []
        /// Counts all that ever came; names them too.
        var arrivals: UInt64 = 0
        var isStopping = false
    }

    private let waitMaxMilliseconds: UInt64
    private let waitingMax: Int
    private let state = Guarded(State())

    init(waitMaxMilliseconds: Int64, waitingMax: Int) {
        self.waitMaxMilliseconds = UInt64(max(0, waitMaxMilliseconds))
        self.waitingMax = waitingMax
    }

    func start() {
        startThread("tokens") { self.run() }
    }

    /// Ends all that wait, and lets nothing wait any more.
    func stop() {
        state.change { $0.isStopping = true }
    }

    /// How long a request waits that is willing to wait for so long, nil for any time.
    func bound(_ wishMilliseconds: UInt64?) -> UInt64 {
        min(wishMilliseconds ?? waitMaxMilliseconds, waitMaxMilliseconds)
    }

    /// Lets a request wait.
    /// - Returns: its name here, for `withdraw`; nil if too many wait or the region is stopping.
    func begin(_ waiting: Waiting, milliseconds: UInt64) -> UInt64? {
        let deadline = MonotonicClock.milliseconds() + milliseconds
        return state.change { state in
            guard state.entries.count < waitingMax, !state.isStopping else { return nil }
            state.arrivals += 1
            state.entries.append(Entry(id: state.arrivals, waiting: waiting, deadline: deadline))
            return state.arrivals
        }
    }

    /// Takes a request back.
    /// - Returns: false if it is being resumed already.
    func withdraw(_ id: UInt64) -> Bool {
        state.with { state in
            guard let place = state.entries.firstIndex(where: { $0.id == id }) else { return false }
            state.entries.remove(at: place)
            return true
        }
    }

    /// Whether some request waits.
    var isAwaited: Bool { state.with { !$0.entries.isEmpty } }

    /// Resumes those whose tables have come far enough with the last commit.
    func wake(_ reach: Reach) {
        let ready = take { entries in
            entries.filter { entry in
                reach.gap(to: entry.waiting.token, of: entry.waiting.tables) == nil
            }
        }
        for waiting in ready { waiting.resume() }
    }

    private func run() {
        var seen: UInt64 = 0
        var isStopping = false
        while !isStopping {
            let deadline = state.with { $0.entries.map(\.deadline).min() }
            let arrivals = state.wait(untilMilliseconds: deadline) { state in
                state.isStopping || state.arrivals != seen ? state.arrivals : nil
            }
            seen = arrivals ?? seen
            isStopping = state.with { $0.isStopping }
            let now = MonotonicClock.milliseconds()
            let ends = isStopping
            let late = take { $0.filter { ends || $0.deadline <= now } }
            for waiting in late { waiting.resume() }
        }
    }

    /// Takes out those that `choose` names, in the order they came.
    private func take(_ choose: ([Entry]) -> [Entry]) -> [Waiting] {
        state.with { state in
            let chosen = choose(state.entries)
            guard !chosen.isEmpty else { return [] }
            let ids = Set(chosen.map(\.id))
            state.entries.removeAll { ids.contains($0.id) }
            return chosen.map(\.waiting)
        }
    }
}
