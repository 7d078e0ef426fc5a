import Testing

@testable import Engine
@testable import RegionService

/// The roles of the writer's threads.
struct WriterTurnsTests {
    private static let none = WriterTurns.Waiting(jobs: 0, arePeers: false)
    private static let peers = WriterTurns.Waiting(jobs: 0, arePeers: true)

    private static func jobs(_ count: Int) -> WriterTurns.Waiting {
        WriterTurns.Waiting(jobs: count, arePeers: false)
    }

    /// Both threads wait, and one syncs a group then.
    private func syncing() -> Turns {
        let turns = Turns()
        for thread in 0..<WriterTurns.threads { #expect(!turns.begin(thread, Self.none)) }
        let called = turns.call(Self.jobs(1))
        #expect(called == 0)
        #expect(turns.begin(0, Self.jobs(1)))
        #expect(turns.step(Self.none) == .sync)
        turns.appended(hasJobs: false)
        return turns
    }

    @Test
    func `while the disk is busy, a thread is called for what is worth it`() {
        let turns = syncing()
        #expect(turns.call(Self.jobs(19)) == nil)
        #expect(turns.call(Self.jobs(20)) == 1)
        // Once.
        #expect(turns.call(Self.jobs(21)) == nil)
        #expect(turns.begin(1, Self.jobs(22)))
        // It takes more while there is more, and gives the role back when there is not.
        #expect(turns.step(Self.jobs(20)) == .judge)
        #expect(turns.step(Self.jobs(3)) == .leave)
        // Whoever syncs takes the group on.
        #expect(turns.synced(Self.jobs(3)))
        #expect(turns.step(Self.jobs(30)) == .sync)
    }

    @Test
    func `who judges when the disk is free syncs, and who synced rests`() {
        let turns = syncing()
        #expect(turns.call(Self.peers) == 1)
        #expect(turns.begin(1, Self.peers))
        #expect(!turns.synced(Self.jobs(5)))
        #expect(!turns.begin(0, Self.jobs(5)))
        #expect(turns.step(Self.jobs(5)) == .sync)
        turns.appended(hasJobs: false)
        #expect(turns.call(Self.jobs(5)) == nil)
        #expect(turns.synced(Self.jobs(5)))
    }

    @Test
    func `a full group waits for the disk, and jobs that were taken for no group do not`() {
        let turns = syncing()
        #expect(turns.call(Self.jobs(100)) == 1)
        #expect(turns.begin(1, Self.jobs(100)))
        #expect(turns.step(isFull: true, Self.jobs(100)) == .leave)
        #expect(!turns.begin(1, Self.jobs(100)))
        #expect(turns.call(Self.jobs(101)) == nil)
        #expect(turns.synced(Self.jobs(101)))
        #expect(turns.step(isFull: true, Self.jobs(101)) == .sync)
        turns.appended(hasJobs: true)
        #expect(turns.call(Self.none) == 1)
        #expect(turns.begin(1, Self.none))
    }

    @Test
    func `a group that peers have had enough of calls nobody for more of them`() {
        let turns = syncing()
        #expect(turns.call(Self.peers) == 1)
        #expect(turns.begin(1, Self.peers))
        #expect(turns.step(isClosedToPeers: true, Self.peers) == .leave)
        #expect(!turns.begin(1, Self.peers))
        #expect(turns.call(Self.peers) == nil)
        // The next group takes them.
        #expect(turns.synced(Self.peers))
        #expect(turns.step(isClosedToPeers: true, Self.peers) == .sync)
        turns.appended(hasJobs: false)
        #expect(turns.call(Self.peers) == 1)
    }

    @Test
    func `fewer jobs are worth it where each takes longer`() {
        let turns = syncing()
        for _ in 0..<20 { turns.judged(10, nanoseconds: 10 * 50_000) }
        #expect(turns.call(Self.jobs(3)) == nil)
        #expect(turns.call(Self.jobs(5)) == 1)
        turns.judged(0, nanoseconds: 1_000_000)
    }

    /// Two threads as the region's writer has them, in every order that a seed makes of their steps.
    @Test(arguments: 1...200)
    func `nothing is left, whatever comes between`(seed: UInt64) {
        var run = TurnsRun(seed: seed)
        for _ in 0..<2_000 { run.step(arrives: true) }
        for _ in 0..<2_000 { run.step(arrives: false) }
        #expect(run.waiting == 0 && run.taken == 0 && run.grouped == 0)
        #expect(run.answered == run.arrived)
        #expect(run.turns.isAtRest)
    }
}

/// The turns, to be changed where an expectation asks them.
private final class Turns {
    private var value = WriterTurns()

    func begin(_ thread: Int, _ waiting: WriterTurns.Waiting) -> Bool {
        value.begin(thread, waiting)
    }

    func call(_ waiting: WriterTurns.Waiting) -> Int? { value.call(waiting) }

    func step(
        isFull: Bool = false,
        isClosedToPeers: Bool = false,
        _ waiting: WriterTurns.Waiting
    ) -> WriterTurns.Step {
        value.step(isFull: isFull, isClosedToPeers: isClosedToPeers, waiting)
    }

    func appended(hasJobs: Bool) { value.appended(hasJobs: hasJobs) }
    func synced(_ waiting: WriterTurns.Waiting) -> Bool { value.synced(waiting) }
    func judged(_ jobs: Int, nanoseconds: Int) { value.judged(jobs, nanoseconds: nanoseconds) }
}

/// What the threads do with jobs, without any of the rest.
private struct TurnsRun {
    private enum Place {
        case outside, waiting, called, judging, appending, syncing, telling, taking
    }

    private(set) var turns = WriterTurns()
    private(set) var arrived = 0
    private(set) var answered = 0
    /// In the queue, in the hands of who judges, in the open group, in the log.
    private(set) var waiting = 0
    private(set) var taken = 0
    private(set) var grouped = 0
    private var appended = 0
    /// Of what waits, how many are of peers; and whether the open group takes more of them.
    private var waitingPeers = 0
    private var isClosedToPeers = false
    private var places = Array(repeating: Place.outside, count: WriterTurns.threads)
    private var random: RandomBits

    init(seed: UInt64) {
        random = RandomBits(seed: seed)
    }

    private var queue: WriterTurns.Waiting {
        .init(jobs: waiting - waitingPeers, arePeers: waitingPeers > 0)
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    private mutating func take() {
        guard taken == 0 else { return }
        let peers = isClosedToPeers ? 0 : min(4, waitingPeers)
        taken = waiting - waitingPeers + peers
        waitingPeers -= peers
        waiting = waitingPeers
    }

    private mutating func call() {
        guard let thread = turns.call(queue) else { return }
        #expect(places[thread] == .waiting)
        places[thread] = .called
    }

    mutating func step(arrives: Bool) {
        if arrives, below(3) == 0 {
            let count = 1 + below(below(8) == 0 ? 40 : 3)
            arrived += count
            waiting += count
            if below(4) == 0 { waitingPeers += count }
            call()
            return
        }
        let thread = below(WriterTurns.threads)
        switch places[thread] {
        case .waiting: break
        case .outside, .called:
            if turns.begin(thread, queue) {
                take()
                places[thread] = .judging
            } else {
                places[thread] = .waiting
            }
        case .judging:
            let judges: [Place] = [.judging, .appending, .telling, .taking]
            #expect(places.filter(judges.contains).count == 1)
            let isFull = below(5) == 0
            let judged = isFull ? below(taken + 1) : taken
            taken -= judged
            grouped += judged
            turns.judged(judged, nanoseconds: judged * below(60_000))
            if grouped > 0, below(3) == 0 { isClosedToPeers = true }
            switch turns.step(isFull: isFull, isClosedToPeers: isClosedToPeers, queue) {
            case .judge: take()
            case .leave: places[thread] = .outside
            case .sync: places[thread] = .appending
            }
        case .appending:
            #expect(!places.contains(.syncing) && appended == 0)
            appended = grouped
            grouped = 0
            isClosedToPeers = false
            turns.appended(hasJobs: taken > 0)
            call()
            places[thread] = .syncing
        case .syncing:
            answered += appended
            appended = 0
            places[thread] = turns.synced(queue) ? .telling : .outside
        case .telling: places[thread] = .taking
        case .taking:
            take()
            places[thread] = .judging
        }
    }
}
