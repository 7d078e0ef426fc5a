import HTTPClient
import Replication
import Synchronization

/// The client of one link, with what a rehearsal does to its requests.
///
/// Without faults it is the shared client and a look at one flag.
final class FaultyClient: Sendable {
    private struct State {
        var faults = LinkFaults()
        /// By the monotonic clock.
        var untilMilliseconds: UInt64 = 0
        var lastID: UInt64 = 0
        /// Requests that wait to be sent.
        var waiting: Set<UInt64> = []
        /// Those sent and not answered, and their transfers as soon as these have names.
        var open: Set<UInt64> = []
        var running: [UInt64: TransferID] = [:]
    }

    /// One request of the link.
    struct ID: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    private let client: HTTPMultiClient
    private let timers: Timers
    private let state = Mutex(State())

    init(client: HTTPMultiClient, timers: Timers) {
        self.client = client
        self.timers = timers
    }

    /// Sets the faults; a cut gives up what is under way.
    func set(_ faults: LinkFaults, forMilliseconds duration: Int) {
        let bounded = UInt64(max(0, min(duration, LinkFaults.durationMillisecondsMax)))
        let until = MonotonicClock.milliseconds() + bounded
        let running = state.withLock { state in
            state.faults = faults
            state.untilMilliseconds = until
            return faults.isCut ? Array(state.running.values) : []
        }
        for transfer in running { client.cancel(transfer) }
    }

    /// What is in force at this moment.
    var faults: LinkFaults {
        state.withLock { Self.faults($0) }
    }

    private static func faults(_ state: State) -> LinkFaults {
        guard !state.faults.areNone, MonotonicClock.milliseconds() < state.untilMilliseconds
        else { return LinkFaults() }
        return state.faults
    }

    /// As `HTTPMultiClient.start`; `completion` may also be called on the timers' thread.
    func start(
        _ request: TransferRequest,
        whenSent: (@Sendable () -> Void)? = nil,
        completion: @escaping @Sendable (Result<TransferResponse, TransferError>) -> Void,
    ) -> ID {
        let (id, faults) = state.withLock { state in
            state.lastID += 1
            let faults = Self.faults(state)
            if !faults.areNone { state.waiting.insert(state.lastID) }
            return (ID(number: state.lastID), faults)
        }
        guard !faults.areNone else {
            send(id, request, whenSent, completion)
            return id
        }
        let fate = faults.fate(draw: Int.random(in: 0..<200))
        timers.after(UInt64(max(1, faults.delayMilliseconds))) { [weak self] in
            guard let self, self.isDue(id) else { return }
            switch fate {
            case .sent: self.send(id, request, whenSent, completion)
            case .lost: completion(.failure(Self.lost(request)))
            case .unanswered:
                self.send(id, request, whenSent) { _ in completion(.failure(Self.lost(request))) }
            }
        }
        return id
    }

    /// Gives a request up; one that was not sent yet is never completed.
    func cancel(_ id: ID) {
        let transfer = state.withLock { state in
            state.waiting.remove(id.number)
            return state.running[id.number]
        }
        if let transfer { client.cancel(transfer) }
    }

    private func isDue(_ id: ID) -> Bool {
        state.withLock { $0.waiting.remove(id.number) != nil }
    }

    private func send(
        _ id: ID,
        _ request: TransferRequest,
        _ whenSent: (@Sendable () -> Void)?,
        _ completion: @escaping @Sendable (Result<TransferResponse, TransferError>) -> Void,
    ) {
        state.withLock { _ = $0.open.insert(id.number) }
        let transfer = client.start(request, whenSent: whenSent) { [weak self] result in
            self?.state.withLock { state in
                state.open.remove(id.number)
                state.running[id.number] = nil
            }
            completion(result)
        }
        state.withLock { state in
            if state.open.contains(id.number) { state.running[id.number] = transfer }
        }
    }

    private static func lost(_ request: TransferRequest) -> TransferError {
        TransferError(.broken, request, reason: "lost by a drill")
    }
}
