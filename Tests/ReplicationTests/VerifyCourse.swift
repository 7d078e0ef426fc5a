import Causality
import Changes

@testable import Replication

/// One comparison of a model's regions, with a clock and with answers that may be late.
struct VerifyCourse {
    let model: VerifyModel
    var machine: Verification
    var now: UInt64 = 1_000
    var findings: [Verification.Finding] = []
    var derived: [(region: String, finding: DerivedReply.Finding)] = []
    var outcome: Verification.Outcome?
    /// Regions that never answer, and regions that refuse.
    var silent: Set<String> = []
    var refusing: Set<String> = []
    var failures = 0
    /// Rounds of looks that regions were asked for.
    var sights = 0
    private var asked: [(lane: Verification.Lane, question: Verification.Question)] = []

    init(
        _ model: VerifyModel,
        _ settings: VerifySettings,
        from place: Verification.Place = Verification.Place(),
    ) {
        self.model = model
        machine = Verification(
            regions: model.regions.map(\.origin.region),
            table: VerifyModel.table,
            settings: settings,
            from: place,
        )
    }

    /// The keys that differ, sorted.
    var differing: [[UInt8]] {
        findings.filter { $0.kind == .differs }.map(\.key)
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    private mutating func send(_ event: Verification.Event) {
        for effect in machine.handle(event, nowMilliseconds: now) {
            switch effect {
            case .ask(let lane, let question):
                if lane.kind == .sight { sights += 1 }
                asked.append((lane, question))
            case .report(let finding): findings.append(finding)
            case .reportDerived(let region, let finding): derived.append((region, finding))
            case .reportUnchecked: break
            case .finish(let outcome): self.outcome = outcome
            }
        }
    }

    private mutating func answer(_ lane: Verification.Lane, _ question: Verification.Question) {
        if silent.contains(lane.region) || refusing.contains(lane.region) {
            failures += 1
            let isFinal = refusing.contains(lane.region)
            return send(.failed(lane, Verification.Failure("no answer", isFinal: isFinal)))
        }
        guard let region = model.region(lane.region) else { return }
        send(.answered(lane.region, model.answer(question, in: region)))
    }

    /// Answers every question at once, in order, up to so many.
    mutating func runStill(answers: Int = 100_000) {
        send(.started)
        var left = answers
        while outcome == nil, left > 0 {
            if let (lane, question) = asked.first {
                asked.removeFirst()
                answer(lane, question)
                left -= 1
            } else if let due = machine.nextWakeMilliseconds {
                now = max(now, due)
                send(.woke)
            } else {
                return
            }
        }
    }

    /// Answers in any order, from snapshots of any moment since the question, while the regions write
    /// some keys, ship, and forget.
    mutating func runWritten(seed: UInt64, keys: [[UInt8]]) {
        var random = SplitMix64(seed: seed)
        /// Answers on their way back.
        var late: [Verification.Event] = []
        send(.started)
        for _ in 0..<200_000 where outcome == nil {
            let region = model.regions[Int(random.next() % UInt64(model.regions.count))]
            let other = model.regions[Int(random.next() % UInt64(model.regions.count))]
            switch random.next() % 16 {
            case 0...1:
                let key = keys[Int(random.next() % UInt64(keys.count))]
                model.write(key, in: region, isDelete: random.next() % 3 == 0)
            case 2: model.heartbeat(region)
            case 3...8: model.ship(from: other, to: region)
            case 9: model.forget(in: region)
            case 10...12 where !asked.isEmpty:
                let place = Int(random.next() % UInt64(asked.count))
                let (lane, question) = asked.remove(at: place)
                if random.next() % 10 == 0 {
                    late.append(.failed(lane, Verification.Failure("lost", isFinal: false)))
                } else if let region = model.region(lane.region) {
                    late.append(.answered(lane.region, model.answer(question, in: region)))
                }
            case 13...14 where !late.isEmpty:
                send(late.remove(at: Int(random.next() % UInt64(late.count))))
            default:
                now += 3
                if let due = machine.nextWakeMilliseconds, due <= now { send(.woke) }
            }
        }
    }
}
