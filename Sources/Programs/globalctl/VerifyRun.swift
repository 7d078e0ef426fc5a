import Changes
import Foundation
import HTTPClient
import JSON
import Replication

/// Carries out a comparison's effects over HTTP, with progress on stderr.
final class VerifyRun {
    private let plan: VerifyPlan
    private let regions: Regions
    private let client: HTTPMultiClient
    private let arrivals = VerifyArrivals()
    private var machine: Verification
    private var progress: VerifyProgress
    private let started = Clock.milliseconds()

    /// One piece of a table on a slow disk; counts are of a whole table.
    static let timeoutMilliseconds = 120_000
    private static let connectTimeoutMilliseconds = 1_500
    private static let replyBytesMax = 64 << 20
    /// How often progress is shown and the place is noted, at most.
    private static let noteMilliseconds: UInt64 = 1_000
    /// Of the time, most that is spent on noting: one part in so many.
    private static let noteShare: UInt64 = 20

    init(
        _ plan: VerifyPlan,
        _ regions: Regions,
        _ settings: VerifySettings,
        from place: Verification.Place,
    ) throws {
        self.plan = plan
        self.regions = regions
        do {
            client = try HTTPMultiClient()
        } catch {
            throw Failure("\(error)")
        }
        machine = Verification(
            regions: plan.compared,
            table: plan.table,
            settings: settings,
            from: place,
        )
        progress = VerifyProgress(plan.name, itemsBefore: place.tally.items)
    }

    var outcome: Verification.Outcome? { machine.outcome }
    var milliseconds: UInt64 { Clock.milliseconds() - started }

    enum Note {
        case finding(Verification.Finding)
        case derived(String, DerivedReply.Finding)
        case unchecked(String, String)
        case place(Verification.Place)
    }

    /// Runs to the end, or until it is told to stop; hands over what it finds, and now and then, and
    /// last, the place it has come to.
    ///
    /// - Parameter note: says whether to go on.
    /// - Throws: what `note` throws, and where a region has no address.
    func compare(_ note: (Note) throws -> Bool) throws {
        defer { client.shutDown() }
        var due = started + VerifyRun.noteMilliseconds
        var goesOn = true
        var event = Verification.Event.started
        while true {
            let now = Clock.milliseconds()
            let bits = UInt64.random(in: .min ... .max)
            for effect in machine.handle(event, nowMilliseconds: now, jitterBits: bits) {
                switch effect {
                case .ask(let lane, let question): try ask(lane, question)
                case .report(let finding): goesOn = try note(.finding(finding)) && goesOn
                case .reportDerived(let region, let finding):
                    goesOn = try note(.derived(region, finding)) && goesOn
                case .reportUnchecked(let region, let text):
                    goesOn = try note(.unchecked(region, text)) && goesOn
                case .finish: break
                }
            }
            let isOver = machine.outcome != nil || !goesOn
            if isOver || now >= due {
                _ = try note(.place(machine.place))
                progress.show(machine, at: now)
                let took = Clock.milliseconds() - now
                due = now + max(VerifyRun.noteMilliseconds, VerifyRun.noteShare * took)
            }
            if isOver { return }
            let wake = min(machine.nextWakeMilliseconds ?? .max, due)
            event = arrivals.next(untilMilliseconds: wake) ?? .woke
        }
    }

    private func ask(_ lane: Verification.Lane, _ question: Verification.Question) throws {
        let (path, body) =
            switch question {
            case .digest(let request): ("/digest", request.encoded())
            case .list(let request): ("/list", request.encoded())
            case .sight(let request): ("/sight", request.encoded())
            case .derived(let request): ("/derived", request.encoded())
            }
        let request = TransferRequest(
            method: "POST",
            url: try regions.peerURL(lane.region, path),
            headers: [("Content-Type", "application/octet-stream")],
            body: body,
            timeoutMilliseconds: VerifyRun.timeoutMilliseconds,
            connectTimeoutMilliseconds: VerifyRun.connectTimeoutMilliseconds,
            responseBytesMax: VerifyRun.replyBytesMax,
        )
        client.start(request) { [arrivals] result in
            arrivals.put(VerifyRun.event(lane, result))
        }
    }

    private static func event(
        _ lane: Verification.Lane,
        _ result: Result<TransferResponse, TransferError>,
    ) -> Verification.Event {
        let response: TransferResponse
        switch result {
        case .success(let received): response = received
        case .failure(let error):
            let reason = "\(lane.region) is unreachable: \(error.reason)"
            return .failed(lane, Verification.Failure(reason, isFinal: !error.isRetryable))
        }
        guard response.status == 200 else {
            let reason = "\(lane.region): \(Regions.reason(response))"
            // A region that is stopping, or busy, says so with 503.
            return .failed(lane, Verification.Failure(reason, isFinal: response.status != 503))
        }
        do {
            let answer: Verification.Answer =
                switch lane.kind {
                case .digest: .digest(try DigestReply(decoding: response.body))
                case .list: .list(try ListReply(decoding: response.body))
                case .sight: .sight(try SightReply(decoding: response.body))
                case .derived: .derived(try DerivedReply(decoding: response.body))
                }
            return .answered(lane.region, answer)
        } catch {
            return .failed(lane, Verification.Failure("\(lane.region): \(error)", isFinal: true))
        }
    }
}

/// Events on their way from the client's thread to the one that runs the comparison.
///
/// `@unchecked Sendable`: `events` is touched only while `condition` is locked.
private final class VerifyArrivals: @unchecked Sendable {
    private let condition = NSCondition()
    private var events: [Verification.Event] = []

    func put(_ event: Verification.Event) {
        condition.lock()
        events.append(event)
        condition.signal()
        condition.unlock()
    }

    /// The next event; nil if there is none until then.
    func next(untilMilliseconds due: UInt64) -> Verification.Event? {
        condition.lock()
        defer { condition.unlock() }
        while events.isEmpty {
            let now = Clock.milliseconds()
            guard now < due else { return nil }
            let seconds = Double(min(due - now, 60_000)) / 1_000
            _ = condition.wait(until: Date(timeIntervalSinceNow: seconds))
        }
        return events.removeFirst()
    }
}

/// Shows on stderr how a comparison gets on.
private struct VerifyProgress {
    private let name: String
    private var items: UInt64
    private var shown: UInt64

    init(_ name: String, itemsBefore: UInt64) {
        self.name = name
        items = itemsBefore
        shown = Clock.milliseconds()
    }

    mutating func show(_ machine: Verification, at now: UInt64) {
        let tally = machine.tally
        let rate = (tally.items - min(items, tally.items)) * 1_000 / max(1, now - shown)
        (items, shown) = (tally.items, now)
        let percent = machine.progress * 100 / 65_536
        let compared =
            "\(name): \(percent) %, \(tally.items) items, \(rate) items/s, "
            + "\(machine.place.suspects.count) looked at again, \(tally.differences) differ"
        let derived = "; \(tally.derivedRows) rows derived, \(tally.derived) wrong"
        Terminal.note(compared + (tally.derivedRows > 0 ? derived : ""))
    }
}
