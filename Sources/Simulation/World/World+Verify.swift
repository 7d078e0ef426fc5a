import Changes
import Engine
import Replication

/// An operator who compares a table's regions now and then, whatever goes on: what the comparison calls
/// different breaks an invariant.
///
/// It draws from a stream of chance of its own, so that runs are what they are without it. Lost disks
/// and older copies of files are left out: what they leave different *is* different.
struct SimulatedVerification {
    var machine: Verification
    /// Counts the comparisons: what is under way of an earlier one is ignored.
    let life: Int
    /// When it is woken next; zero for never.
    var wakeAt: UInt64 = 0
}

extension World {
    /// The mean busy time between two comparisons, and how long a message takes at most.
    private static let verifyEvery: UInt64 = 900
    private static let verifyDelayMax: UInt64 = 40

    func scheduleVerification() {
        guard !isEnding else { return }
        let delay = 1 + verifyRandom.bits() % (2 * World.verifyEvery)
        queue.schedule(.verify, at: tempo.after(delay, from: now))
    }

    private var isComparable: Bool {
        ledger.torn.isEmpty && !regions.contains { $0.isLost }
    }

    /// Begins a comparison of one table, which ends the one before.
    func verify() throws {
        defer { scheduleVerification() }
        guard isComparable, let table = verifiedTable(), let machine = verification(of: table)
        else {
            return
        }
        let life = (verification?.life ?? 0) + 1
        verification = SimulatedVerification(machine: machine, life: life)
        statistics.verifications += 1
        try verified(.started, life)
    }

    private func verifiedTable() -> TableID? {
        let up = regions.compactMap(\.engine)
        let tables = Set(up.flatMap { $0.catalog.named.map(\.id) }).sorted()
        return tables.isEmpty ? nil : tables[verifyRandom.below(tables.count)]
    }

    private func verification(of table: TableID) -> Verification? {
        let active = regions.filter { region in
            guard let state = region.engine?.catalog[id: table]?.state else { return false }
            return state.phase == .active && state.resync == nil
        }
        guard active.count > 1 else { return nil }
        return Verification(
            regions: active.map(\.name),
            table: table,
            settings: VerifySettings(chunkRowsMax: 7, waitMinMilliseconds: 10),
        )
    }

    /// Hands an event to the comparison and carries out what it wants.
    func verified(_ event: Verification.Event, _ life: Int) throws {
        guard verification?.life == life, isComparable else { return }
        let effects = verification?.machine.handle(
            event,
            nowMilliseconds: now,
            jitterBits: verifyRandom.bits(),
        )
        for effect in effects ?? [] {
            switch effect {
            case .ask(let lane, let question):
                let delay = verifyRandom.milliseconds(1...World.verifyDelayMax)
                queue.schedule(.verifyAsked(life, lane, question), at: now + delay)
            case .report(let finding):
                try check(finding)
            case .reportDerived(let region, let finding):
                throw BrokenInvariant("Verify", "\(region): \(finding.subject) \(finding.problem)")
            case .reportUnchecked, .finish: break
            }
        }
        guard let due = verification?.machine.nextWakeMilliseconds,
            let wakeAt = verification?.wakeAt, wakeAt <= now || due < wakeAt
        else { return }
        verification?.wakeAt = max(due, now + 1)
        queue.schedule(.verifyWoken(life), at: max(due, now + 1))
    }

    private func check(_ finding: Verification.Finding) throws {
        guard finding.kind == .differs else { return }
        let table = verification.map { "\($0.machine.table)" } ?? "?"
        let views = finding.shown.map { "\($0.region): \($0.sighting.content)" }
        throw BrokenInvariant(
            "Verify",
            "\(shown(finding.key)) of \(table) differs: \(views.joined(separator: "; "))",
        )
    }

    /// A question arrives: it is answered from a snapshot of this moment, and the answer takes a while.
    func verifyAsked(_ life: Int, _ lane: Verification.Lane, _ question: Verification.Question) {
        guard let region = regions.first(where: { $0.name == lane.region }) else { return }
        let event: Verification.Event
        do {
            guard let view = region.currentView() else {
                throw PeerRefusal(.notFound, "\(region.name) is down")
            }
            event = .answered(lane.region, try World.answer(question, view.catalog, view.store))
        } catch {
            let isFinal = region.engine != nil
            event = .failed(lane, Verification.Failure("\(error)", isFinal: isFinal))
        }
        let delay = verifyRandom.milliseconds(1...World.verifyDelayMax)
        queue.schedule(.verifyAnswered(life, event), at: now + delay)
    }

    private static func answer(
        _ question: Verification.Question,
        _ catalog: TableCatalog,
        _ store: any StoreReader,
    ) throws -> Verification.Answer {
        let reader = VerifyReader(catalog: catalog, store: store)
        return switch question {
        case .digest(let request): .digest(try reader.digest(request))
        case .list(let request): .list(try reader.list(request))
        case .sight(let request): .sight(try reader.sight(request))
        case .derived(let request):
            .derived(
                try DerivedAudit(catalog: catalog, store: store, of: request.table)
                    .piece(at: request.place)
            )
        }
    }

    /// At rest, every table's regions are found the same, and nothing stays undecided.
    func verifyAtRest() throws {
        guard isComparable else { return }
        for table in Set(regions.compactMap(\.engine).flatMap { $0.catalog.named.map(\.id) })
            .sorted()
        {
            guard var machine = verification(of: table) else { continue }
            var events: [Verification.Event] = [.started]
            var time = now
            while machine.outcome == nil {
                let event = events.isEmpty ? .woke : events.removeFirst()
                for effect in machine.handle(event, nowMilliseconds: time) {
                    switch effect {
                    case .ask(let lane, let question):
                        guard
                            let view = regions.first(where: { $0.name == lane.region })?
                                .currentView()
                        else { throw BrokenInvariant("Verify", "\(lane.region) is down at rest") }
                        let answer = try World.answer(question, view.catalog, view.store)
                        events.append(.answered(lane.region, answer))
                    case .report(let finding):
                        try check(finding)
                        throw BrokenInvariant("Verify", "undecided at rest: \(finding.kind)")
                    case .reportDerived(let region, let finding):
                        throw BrokenInvariant(
                            "Verify",
                            "\(region): \(finding.subject) \(finding.problem)",
                        )
                    case .reportUnchecked, .finish: break
                    }
                }
                if events.isEmpty { time = machine.nextWakeMilliseconds ?? time }
            }
            if let failure = machine.outcome?.failure {
                throw BrokenInvariant("Verify", "\(failure.region): \(failure.reason)")
            }
        }
    }
}
