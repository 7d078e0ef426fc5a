import HTTPClient
import Logging
import Replication
import Settings
import Synchronization

/// Carries out one link's effects: requests through a shared client, waits through shared timers.
///
/// Nothing blocks. Answers come on the client's and the timers' threads; the link takes them one at
/// a time under `state`, and its effects are begun under it too, so that they are begun in order.
/// Neither client nor timers call back while they take an order, except a client that was shut
/// down; by then the runner has stopped and begins nothing.
final class LinkRunner: Sendable {
    private struct State {
        var link: Link
        var transfers: [Link.WorkID: FaultyClient.ID] = [:]
        var logged = LinkState.starting
        var isStopped = false
    }

    let name: Control.LinkName
    private let requests: PeerRequests
    private let client: FaultyClient
    private let timers: Timers
    private let log: Logger
    private let state: Mutex<State>
    private let paused = Atomic<Bool>(false)
    /// Events that arrived while another was being handled on the same or another thread.
    private let arrivals = Mutex<Arrivals>(Arrivals())

    private struct Arrivals {
        var events: [Link.Event] = []
        var isHandling = false
    }

    init(
        from source: GlobalSettings.Region,
        to target: GlobalSettings.Region,
        settings: LinkSettings,
        client: HTTPMultiClient,
        timers: Timers,
        log: Logger,
    ) {
        name = Control.LinkName(from: source.name, to: target.name)
        requests = PeerRequests(source: source, target: target, settings: settings)
        self.client = FaultyClient(client: client, timers: timers)
        self.timers = timers
        var log = log
        log[metadataKey: "from"] = "\(source.name)"
        log[metadataKey: "to"] = "\(target.name)"
        self.log = log
        let link = Link(source: source.name, target: target.name, settings: settings)
        state = Mutex(State(link: link))
    }

    func start() {
        handle(.started)
    }

    /// No effect is begun from here on.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    func pause() {
        paused.store(true, ordering: .relaxed)
        handle(.pauseRequested)
    }

    func resume() {
        paused.store(false, ordering: .relaxed)
        handle(.resumeRequested)
    }

    /// Whether the operator asked last for a pause.
    var isPaused: Bool { paused.load(ordering: .relaxed) }

    /// Says from which regions the links to the same target are paused.
    func othersPaused(_ regions: [String]) {
        handle(.othersPaused(regions))
    }

    /// Puts up with what a rehearsal does to the link's requests.
    func suffer(_ order: LinkFaultsOrder) {
        client.set(order.faults, forMilliseconds: order.forMilliseconds)
        log.warning(
            "drill",
            metadata: [
                "cut": "\(order.faults.isCut)",
                "lossPercent": "\(order.faults.lossPercent)",
                "delayMilliseconds": "\(order.faults.delayMilliseconds)",
                "forMilliseconds": "\(order.forMilliseconds)",
            ],
        )
    }

    func status() -> LinkStatus {
        state.withLock { $0.link.status(nowMilliseconds: MonotonicClock.milliseconds()) }
    }

    /// Hands an event to the link: at once, or through whoever is handling one, so that no event is
    /// handled within another.
    private func handle(_ event: Link.Event) {
        let isMine = arrivals.withLock { arrivals in
            arrivals.events.append(event)
            guard !arrivals.isHandling else { return false }
            arrivals.isHandling = true
            return true
        }
        guard isMine else { return }
        while let event = nextArrival() {
            state.withLock { step(event, &$0) }
        }
    }

    private func nextArrival() -> Link.Event? {
        arrivals.withLock { arrivals in
            guard !arrivals.events.isEmpty else {
                arrivals.isHandling = false
                return nil
            }
            return arrivals.events.removeFirst()
        }
    }

    private func step(_ event: Link.Event, _ state: inout State) {
        guard !state.isStopped else { return }
        forget(event, &state)
        let effects = state.link.handle(
            event,
            nowMilliseconds: MonotonicClock.milliseconds(),
            jitterBits: UInt64.random(in: .min ... .max),
        )
        for effect in effects { begin(effect, &state) }
        report(&state)
    }

    private func begin(_ effect: Link.Effect, _ state: inout State) {
        switch effect {
        case .wait(let id, let milliseconds):
            timers.after(milliseconds) { [weak self] in self?.handle(.timerFired(id)) }
        case .abandon(let id):
            if let transfer = state.transfers.removeValue(forKey: id) { client.cancel(transfer) }
        default:
            guard let (id, request) = requests.request(for: effect) else { return }
            let requests = requests
            // The batch is not kept for the answer: its name is enough.
            let question = effect.withoutBytes
            var whenSent: (@Sendable () -> Void)?
            if case .apply = effect { whenSent = { [weak self] in self?.handle(.sent(id)) } }
            let transfer = client.start(request, whenSent: whenSent) { [weak self] result in
                self?.handle(requests.event(for: question, id, result))
            }
            state.transfers[id] = transfer
        }
    }

    private func forget(_ event: Link.Event, _ state: inout State) {
        switch event {
        case .positionRead(let id, _), .fetched(let id, _, _), .nothingFetched(let id),
            .applied(let id, _), .chunkFetched(let id, _), .chunkApplied(let id, _),
            .failed(let id, _):
            state.transfers[id] = nil
        case .started, .sent, .timerFired, .pauseRequested, .resumeRequested, .othersPaused:
            break
        }
    }

    /// Logs a change between working and the ways of not working; what a working link does from
    /// moment to moment is no news.
    private func report(_ state: inout State) {
        let now = state.link.state
        defer { state.logged = now }
        guard now != state.logged else { return }
        let trouble = state.link.status(nowMilliseconds: 0).lastTrouble
        switch (state.logged.isHealthy, now.isHealthy) {
        case (_, false):
            log.warning("link \(now.name)", metadata: ["reason": "\(trouble ?? "asked for")"])
        case (false, true):
            log.info("link works again", metadata: ["state": "\(now.name)"])
        case (true, true):
            if state.logged == .starting { return log.info("link started") }
            if now == .copying || state.logged == .copying { log.info("link \(now.name)") }
        }
    }
}

extension Link.Effect {
    /// The same work, without the bytes it carries.
    fileprivate var withoutBytes: Link.Effect {
        switch self {
        case .apply(let id, let header, _): .apply(id, header, [])
        case .applyChunk(let id, _): .applyChunk(id, [])
        default: self
        }
    }
}
