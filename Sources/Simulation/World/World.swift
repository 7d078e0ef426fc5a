import Engine
import Causality
import Changes
import Replication

/// A whole deployment in one thread: real engines and real links over a simulated network, clocks
/// and stores, moved by one queue of events and one stream of chance.
///
/// A run has two parts. First the workload and the faults; then everything is mended, and all must
/// come to rest within a bound and agree. Checkers look at each region after each of its commits.
final class World {
    enum Event {
        case operate(region: Int)
        case administer
        /// A client, or an operator, in quiet.
        case trickle
        case write(region: Int, life: Int)
        case committed(region: Int, life: Int)
        case beat(region: Int, life: Int)
        case request(PeerRequest)
        case answer(PeerRequest, PeerResult)
        case requestTimeout(link: Int, life: Int, Link.WorkID)
        /// A batch is on its way as a whole.
        case sent(link: Int, life: Int, Link.WorkID)
        case pollEnd(region: Int, life: Int)
        case timer(link: Int, life: Int, Link.WorkID)
        case crash
        case start(region: Int)
        case lose
        case copyFiles
        case rollBack(region: Int)
        case restartDaemon
        case cut
        case mend([(from: Int, to: Int)])
        case stepClock
        case renew
        case remove
        case verify
        case verifyAsked(Int, Verification.Lane, Verification.Question)
        case verifyAnswered(Int, Verification.Event)
        case verifyWoken(Int)
        case evacuate
        /// The operator's tool is told something about the evacuation, if it is still at that step.
        case tell(OperatorEvent, step: Int)
        case crashFenced(region: Int)
        case endWorkload
        case checkRest
    }

    let options: SimulationOptions
    let bugs: Set<PlantedBug>
    let plan: FaultPlan
    let tempo: Tempo
    var random: SimulationRandom
    var queue = EventQueue<Event>()
    /// Virtual milliseconds since the start.
    var now: UInt64 = 0
    var network: FaultyNetwork
    var regions: [SimulatedRegion] = []
    var links: [SimulatedLink] = []
    /// Those that the present event was handed to.
    var movedLinks: [Int] = []
    var workload: Workload
    var ledger = Ledger()
    /// Where the targets stood that were given batches, as their links asked.
    var asked = AskedPositions()
    /// What tables were at the source of each chunk, by the chunk's bytes.
    var chunkModels: [[UInt8]: RegionModel.TableModel] = [:]
    /// Whether the workload has ended and all is mended.
    var isEnding = false
    var isAtRest = false
    var replicaChangesLeft: Int
    var tokens = TokenChecker()
    /// The comparison that is under way, or the last one.
    var verification: SimulatedVerification?
    /// A stream of its own; see `SimulatedVerification`.
    var verifyRandom: SimulationRandom
    let evacuationPlan: EvacuationPlan?
    /// Nil before there is one.
    var evacuation: EvacuationRun?
    /// What the evacuation leaves to chance: a stream of its own, which moves nothing else.
    var chance: SimulationRandom
    var statistics = SimulationStatistics()
    var trace: [String] = []

    /// How long a link takes at most to send a batch, whatever becomes of it.
    static let sentMillisecondsMax: UInt64 = 6
    /// A time limit for each request of a link, beside what it is to wait at its source; and how long
    /// it takes until a link learns that a message was lost.
    static let requestTimeoutMilliseconds: UInt64 = 2_000
    /// How long after the end of the workload everything must have come to rest.
    static let restMillisecondsMax: UInt64 = 120_000
    static let regionNames = ["ap-northeast-1", "eu-west-1", "us-east-1", "us-west-2"]

    init(_ options: SimulationOptions) {
        self.options = options
        bugs = Set(options.bug.map { [$0] }?.compactMap(PlantedBug.init(rawValue:)) ?? [])
        random = SimulationRandom(seed: options.seed)
        verifyRandom = SimulationRandom(seed: ~options.seed)
        plan = FaultPlan(&random)
        tempo =
            options.isDense
            ? Tempo(busyMilliseconds: plan.durationMilliseconds)
            : Tempo(&random, busyMilliseconds: plan.durationMilliseconds)
        chance = SimulationRandom(seed: ~options.seed)
        evacuationPlan = EvacuationPlan(
            &chance,
            durationMilliseconds: plan.durationMilliseconds,
        )
        network = FaultyNetwork(placeCount: plan.regionCount + 1)
        workload = Workload(keyCount: plan.keyCount)
        replicaChangesLeft = plan.replicaChangesMax
    }

    /// Runs to the end, or to the first broken invariant.
    func run() throws {
        build()
        while !isAtRest, let (time, event) = queue.next() {
            now = max(now, time)
            statistics.events += 1
            if let most = options.eventsMax, statistics.events > most { return }
            try handle(event)
            try checkMovedLinks()
        }
    }

    private func build() {
        for index in 0..<plan.regionCount {
            let region = SimulatedRegion(index: index, name: World.regionNames[index])
            let spread = plan.clockOffsetMilliseconds
            region.clock.offsetMilliseconds = Int64(random.below(Int(2 * spread + 1))) - spread
            let drift = Int(plan.clockDriftMillionths)
            region.clock.driftMillionths = Int64(random.below(2 * drift + 1) - drift)
            regions.append(region)
            queue.schedule(.start(region: index), at: random.milliseconds(0...50))
            queue.schedule(
                .operate(region: index),
                at: tempo.after(60 + random.bits() % 100, from: 0),
            )
        }
        buildLinks()
        queue.schedule(.administer, at: tempo.after(55, from: 0))
        scheduleTrickle()
        if plan.crashEvery != nil { scheduleChance(.crash, plan.crashEvery) }
        scheduleChance(.restartDaemon, plan.daemonRestartEvery)
        scheduleChance(.cut, plan.partitionEvery)
        scheduleChance(.stepClock, plan.clockStepEvery)
        scheduleChance(.remove, plan.removalEvery)
        if let rollback = plan.rollback {
            queue.schedule(.copyFiles, at: tempo.after(rollback.copyAt, from: 0))
        }
        if let lossAt = plan.lossAt { queue.schedule(.lose, at: tempo.after(lossAt, from: 0)) }
        if let old = plan.old {
            regions[old.region].isOld = true
            if old.renewedAt < plan.durationMilliseconds {
                queue.schedule(.renew, at: tempo.after(old.renewedAt, from: 0))
            }
        }
        if let evacuationPlan {
            queue.schedule(.evacuate, at: tempo.after(evacuationPlan.beginsAt, from: 0))
        }
        queue.schedule(.endWorkload, at: tempo.runMilliseconds)
        scheduleVerification()
    }

    private func buildLinks() {
        for daemon in 0..<plan.daemonCount {
            let place = random.below(network.placeCount)
            for source in 0..<plan.regionCount {
                for target in 0..<plan.regionCount where target != source {
                    let link = SimulatedLink(
                        index: links.count,
                        source: source,
                        target: target,
                        place: place,
                        daemon: daemon,
                        machine: newLink(source, target),
                    )
                    links.append(link)
                }
            }
        }
        for index in links.indices { feed(.started, to: index) }
    }

    func newLink(_ source: Int, _ target: Int) -> Link {
        let settings = LinkSettings(
            batchBytesMax: plan.batchBytesMax,
            chunkBytesMax: plan.chunkBytesMax,
            inFlightMax: plan.inFlightMax,
            pollMilliseconds: plan.pollMilliseconds,
            backoffMinMilliseconds: 20,
            backoffMaxMilliseconds: plan.backoffMaxMilliseconds,
        )
        return Link(
            source: World.regionNames[source],
            target: World.regionNames[target],
            settings: settings,
        )
    }

    private func handle(_ event: Event) throws {
        switch event {
        case .operate(let region): operate(regions[region])
        case .administer: administer()
        case .trickle: trickle()
        case .write(let region, let life): try write(regions[region], life)
        case .committed(let region, let life): committed(regions[region], life)
        case .beat(let region, let life): beat(regions[region], life)
        case .request(let request): receive(request)
        case .answer(let request, let result): answered(request, result)
        case .requestTimeout(let link, let life, let id):
            if links[link].life == life { feed(.failed(id, .unreachable("time out")), to: link) }
        case .sent(let link, let life, let id):
            if links[link].life == life { feed(.sent(id), to: link) }
        case .pollEnd(let region, let life):
            if regions[region].life == life { endPolls(regions[region]) }
        case .timer(let link, let life, let id):
            if links[link].life == life { feed(.timerFired(id), to: link) }
        case .crash: crashSome()
        case .start(let region): try start(regions[region])
        case .lose: loseSome()
        case .copyFiles: copySomeFiles()
        case .rollBack(let region): rollBack(regions[region])
        case .restartDaemon: restartSomeDaemon()
        case .cut: cutSome()
        case .mend(let ways): mend(ways)
        case .stepClock: stepSomeClock()
        case .renew: renewOld()
        case .remove: removeSomeByForce()
        case .verify: try verify()
        case .verifyAsked(let life, let lane, let question): verifyAsked(life, lane, question)
        case .verifyAnswered(let life, let event): try verified(event, life)
        case .verifyWoken(let life): try verified(.woke, life)
        case .evacuate: try beginEvacuation()
        case .tell(let event, let step): try tell(event, step: step)
        case .crashFenced(let region): crashFenced(regions[region])
        case .endWorkload: endWorkload()
        case .checkRest: try checkRest()
        }
    }

    /// Schedules at a random time around `mean` from now, in busy milliseconds; not at all for nil.
    func scheduleChance(_ event: Event, _ mean: UInt64?) {
        guard let mean, !isEnding else { return }
        queue.schedule(event, at: tempo.after(1 + random.bits() % (2 * mean), from: now))
    }

    /// When a fault that lasts so long is over: sometimes the quiet does not count.
    func endOfFault(lasting milliseconds: UInt64) -> UInt64 {
        random.chance(plan.longFaultChance)
            ? tempo.after(milliseconds, from: now) : now + milliseconds
    }

    func note(_ text: @autoclosure () -> String) {
        guard options.isTraced else { return }
        trace.append("\(now) \(text())")
    }

    func scene(_ region: SimulatedRegion) -> Scene? {
        guard let engine = region.engine else { return nil }
        return Scene(
            region: region,
            engine: engine,
            store: region.store.snapshot(),
            ledger: ledger,
        )
    }
}
