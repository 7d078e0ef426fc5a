import Changes
import Engine
import Replication

/// An operator who evacuates a region, with the tool's own machines, and what becomes of the region.
extension World {
    /// What is known of the one evacuation of a run.
    struct EvacuationRun {
        let plan: EvacuationPlan
        let region: Int
        var machine: Evacuation
        var homecoming: Homecoming
        /// Counts what was asked for: an answer that comes too late is told by it.
        var step = 0
        /// What the region had at its fence; nil before.
        var truth: FenceChecker.Truth?
        var isSafe = false
    }

    /// What the operator's tool is told, by the step that it belongs to.
    enum OperatorEvent {
        case evacuation(Evacuation.Event)
        case homecoming(Homecoming.Event)
        /// The pause after the region was safe is over.
        case end
    }

    /// Without an answer for so long a request has failed.
    private static let orderTimeoutMilliseconds: UInt64 = 400
    /// Long enough that what is down, or cut off, comes back.
    private static let evacuationMillisecondsMax: UInt64 = 20_000

    func beginEvacuation() throws {
        guard !isEnding, let plan = evacuationPlan else { return }
        let running = regions.filter { $0.engine != nil }
        guard !running.isEmpty else { return }
        let region = chance.pick(running)
        // One disk a run is what the others are prepared to lose.
        let losesAnother = self.plan.lossAt != nil || self.plan.rollback != nil
        if plan.ending == .loss, losesAnother { return }
        let lost = Set(regions.filter(\.isLost).map(\.name))
        let alone = region.engine?.catalog.named.filter { $0.description.members == [region.name] }
        let deadline = now + World.evacuationMillisecondsMax
        evacuation = EvacuationRun(
            plan: plan,
            region: region.index,
            machine: Evacuation(
                region.name,
                without: lost,
                givenUp: Set((alone ?? []).map(\.name)),
                deadlineMilliseconds: deadline,
            ),
            homecoming: Homecoming(region.name, without: lost, deadlineMilliseconds: deadline),
        )
        note("an operator evacuates \(region.name)")
        try tell(.evacuation(.started), step: 0)
    }

    func tell(_ event: OperatorEvent, step: Int) throws {
        guard let run = evacuation, run.step == step else { return }
        evacuation?.step += 1
        switch event {
        case .evacuation(let event):
            guard let effect = evacuation?.machine.handle(event, nowMilliseconds: now) else {
                return
            }
            try carryOut(effect)
        case .homecoming(let event):
            guard let effect = evacuation?.homecoming.handle(event, nowMilliseconds: now) else {
                return
            }
            carryOut(effect)
        case .end: endEvacuation(run)
        }
    }

    private func carryOut(_ effect: Evacuation.Effect) throws {
        guard let run = evacuation else { return }
        switch effect {
        case .setFence:
            order(.fence(step: run.step), of: regions[run.region])
            schedule(.evacuation(.fenceFailed("no answer")), after: World.orderTimeoutMilliseconds)
        case .ask: schedule(.evacuation(.answered(try answers())), after: 1 + chance.bits() % 40)
        case .wait(let milliseconds): schedule(.evacuation(.waited), after: milliseconds)
        case .finish(.safe): try noteSafe()
        // The whole of it has a dictionary in it, which is shown in another order each time.
        case .finish(.late(let drain)):
            note("the evacuation of \(World.regionNames[run.region]) is late: \(drain.lacks)")
        case .finish(let outcome):
            note("the evacuation of \(World.regionNames[run.region]) ends: \(outcome)")
        }
    }

    private func carryOut(_ effect: Homecoming.Effect) {
        guard let run = evacuation else { return }
        switch effect {
        case .ask:
            guard let answers = try? answers() else { return }
            schedule(.homecoming(.answered(answers)), after: 1 + chance.bits() % 40)
        case .lift:
            order(.liftFence(step: run.step), of: regions[run.region])
            schedule(.homecoming(.liftFailed("no answer")), after: World.orderTimeoutMilliseconds)
        case .wait(let milliseconds): schedule(.homecoming(.waited), after: milliseconds)
        case .finish(let outcome):
            note("the return of \(World.regionNames[run.region]) ends: \(outcome)")
            if case .returned = outcome { statistics.homecomings += 1 }
        }
    }

    private func order(_ job: SimulatedRegion.Job, of region: SimulatedRegion) {
        if region.engine != nil { submit(job, to: region) }
    }

    private func schedule(_ event: OperatorEvent, after milliseconds: UInt64) {
        guard let run = evacuation else { return }
        queue.schedule(.tell(event, step: run.step), at: now + milliseconds)
    }

    /// What each region answers now, from what its readers see.
    private func answers() throws -> RegionAnswers {
        var answers: RegionAnswers = [:]
        for region in regions {
            guard let view = region.currentView() else {
                answers[region.name] = .silent("down")
                continue
            }
            answers[region.name] = .report(
                try FenceReport(
                    catalog: view.catalog,
                    reading: view.store,
                    wallMilliseconds: region.wallMilliseconds(at: now),
                )
            )
        }
        return answers
    }

    // MARK: What becomes of it

    /// A fence was set, or renewed, in a commit of its region.
    func noteFence(of region: SimulatedRegion, _ truth: FenceChecker.Truth) {
        guard let run = evacuation, run.region == region.index else { return }
        if run.truth == nil, let delay = run.plan.crashAfterMilliseconds {
            queue.schedule(.crashFenced(region: region.index), at: now + delay)
        }
        evacuation?.truth = truth
    }

    func crashFenced(_ region: SimulatedRegion) {
        guard !isEnding, !region.isLost else { return }
        crash(region)
    }

    private func noteSafe() throws {
        guard let run = evacuation else { return }
        evacuation?.isSafe = true
        statistics.evacuations += 1
        note("\(World.regionNames[run.region]) is safe to take away")
        try checkEvacuated()
        schedule(.end, after: run.plan.pauseMilliseconds)
    }

    /// All that was there when it was said that the region is safe is in the others, now and later.
    func checkEvacuated() throws {
        guard let run = evacuation, run.isSafe, let truth = run.truth else { return }
        // Who lost it with files of its own may have no one left to get it from.
        if regions[run.region].isLost, statistics.rollbacks > 0 { return }
        for region in regions {
            if let scene = scene(region) { try FenceChecker.checkSafe(truth, scene) }
        }
    }

    private func endEvacuation(_ run: EvacuationRun) {
        let region = regions[run.region]
        switch run.plan.ending {
        case .loss: lose(region)
        case .abort: order(.liftFence(step: run.step), of: region)
        case .homecoming:
            guard let effect = evacuation?.homecoming.handle(.started, nowMilliseconds: now) else {
                return
            }
            carryOut(effect)
        }
    }
}
