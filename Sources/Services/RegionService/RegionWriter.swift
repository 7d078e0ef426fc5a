import Changes
import Engine
import Foundation
import HTTPServer
import Items
import Logging
import SQLiteStore
import Wire

/// The one writer of a region: queued work runs in groups, one engine transaction each, and is answered
/// after the commit.
///
/// Groups form by themselves: what arrives while one commit waits for the disk is the next group. Two
/// threads take turns (`WriterTurns`), so that it is judged meanwhile. A store that fails leaves unknown
/// what is durable, so the process stops rather than answer.
///
/// `@unchecked Sendable`: `engine` and what is marked so are touched by the thread that judges alone; the
/// rest is guarded.
final class RegionWriter: @unchecked Sendable {
    private struct Queue {
        var jobs: [Job] = []
        /// Of the jobs' requests together.
        var bytes = 0
        var isStopping = false
        var turns = WriterTurns()
    }

    /// A group that is being judged.
    private struct Group {
        let transaction: SQLiteStore.OpenTransaction
        let writes: WriteGroup
        var bytes = 0
        var jobs = 0
        var peerJobs = 0
        var peerBytes = 0
        /// How much time the peers' jobs have taken.
        var peerNanoseconds: UInt64 = 0

        var hasApplications: Bool { jobs > peerJobs }
    }

    /// Most jobs in one engine transaction.
    private static let groupJobsMax = 1_024
    /// Bytes of requests that may wait; a job that finds an empty queue is always taken.
    private static let queueBytesMax = 256 << 20
    /// Bytes of history, or of jobs, in one engine transaction past which it takes no further job.
    private static let groupBytesMax = 4 << 20
    /// Work of peers comes in large pieces; so many of them join one group, and beside jobs of applications
    /// so many bytes of them, and what is left of one.
    private static let peerJobsMax = 4
    private static let groupPeerBytesMax = 512 << 10
    /// When they have taken so much time, no further one of them joins: each group waits for the disk once,
    /// and who writes meanwhile waits for the group.
    private static let peerNanosecondsMax: UInt64 = 25_000_000
    /// The same where an application waits.
    private static let awaitedNanosecondsMax: UInt64 = 5_000_000
    /// Work of peers that may wait: each link has a few pieces under way at most (`Link.appliesMax`).
    private static let peerQueueMax = 1_024

    private let queue = Guarded(Queue(), places: WriterTurns.threads)
    /// How many threads have ended.
    private let ended = Guarded(0)
    private let hasFailed = Guarded(false)
    private let peerQueue = Guarded([Job]())
    private let store: SQLiteStore
    private let engine: RegionEngine
    private let published: PublishedCatalog
    private let signal: CommitSignal
    private let waits: CausalWaits
    private let queueMax: Int
    private let log: Logger
    /// Called after a group that leaves chores to be done at once.
    private let onChores = Guarded<(@Sendable () -> Void)?>(nil)
    // What follows is touched by the thread that judges alone, and nothing that is called meanwhile comes back here.
    private var publishedVersion: UInt64 = 0
    /// The jobs that were taken; between groups none, with room for the next to gather in.
    ///
    /// The queue's array and this one take turns, so that no job is copied on its way.
    @exclusivity(unchecked) private var jobs: [Job] = []
    /// Of these the first that is not judged yet.
    @exclusivity(unchecked) private var next = 0
    @exclusivity(unchecked) private var group: Group?
    @exclusivity(unchecked) private var outcome = GroupOutcome()

    init(
        store: SQLiteStore,
        engine: RegionEngine,
        published: PublishedCatalog,
        signal: CommitSignal,
        waits: CausalWaits,
        queueMax: Int,
        log: Logger,
    ) {
        self.waits = waits
        self.store = store
        self.engine = engine
        self.published = published
        self.signal = signal
        self.queueMax = queueMax
        self.log = log
        publishedVersion = engine.catalogVersion
        published.set(engine.catalog)
    }

    func start() {
        for thread in 0..<WriterTurns.threads { startThread("writer") { self.run(thread) } }
    }

    /// Sets what is called, on one of the writer's threads or both, when there are chores to be done at once.
    func whenChores(_ body: @escaping @Sendable () -> Void) {
        onChores.change { $0 = body }
    }

    /// Queues a job of an application, or an operator's that is to come after all that applications
    /// have queued: one of these finds room in a full queue too.
    /// - Returns: false if the queue is full or the region is stopping.
    func submit(_ job: Job, isOrder: Bool = false) -> Bool {
        queue.changeCalling { queue in
            let bytes = queue.bytes + job.bytes
            let hasRoom =
                queue.jobs.count < queueMax
                && (bytes <= RegionWriter.queueBytesMax || queue.jobs.isEmpty)
            guard hasRoom || isOrder, !queue.isStopping else { return (false, nil) }
            queue.jobs.append(job)
            queue.bytes = bytes
            return (true, queue.turns.call(waiting(in: queue)))
        }
    }

    /// Queues a job of a peer.
    ///
    /// These take turns with applications: a few beside each group of theirs, so that neither
    /// starves the other.
    func submitPeer(_ peerJob: Job) -> Bool {
        var job = peerJob
        job.isOfPeer = true
        let submitted = job
        let isTaken = peerQueue.change { jobs in
            let bytes = jobs.reduce(submitted.bytes) { $0 + $1.bytes }
            guard jobs.count < RegionWriter.peerQueueMax,
                bytes <= RegionWriter.queueBytesMax || jobs.isEmpty
            else { return false }
            jobs.append(submitted)
            return true
        }
        if isTaken { call() }
        return isTaken
    }

    /// Finishes what is queued, then ends the threads.
    func stop() {
        queue.change { $0.isStopping = true }
        _ = ended.wait { $0 == WriterTurns.threads ? true : nil }
    }

    private func run(_ thread: Int) {
        var outcome = GroupOutcome()
        do {
            while beginTurn(thread) {
                while try judge() {
                    try close(&outcome)
                    leaveTurn()
                    try sync(outcome)
                    let judgesOn = endSync()
                    tell(&outcome)
                    guard judgesOn else { break }
                    queue.with { take(from: &$0) }
                }
            }
        } catch {
            stopProcess(error)
        }
        // The others may have been called before it was at rest.
        queue.change { _ in }
        ended.change { $0 += 1 }
    }

    /// Once: the other thread fails too, when it finds the store broken.
    private func stopProcess(_ error: any Error) -> Never {
        let isFirst = hasFailed.with { hasFailed in
            defer { hasFailed = true }
            return !hasFailed
        }
        guard isFirst else { while true { pause() } }
        log.critical("the store failed; stopping", metadata: ["error": "\(error)"])
        exit(EX_IOERR)
    }

    /// As many as a group has room for: at least one, if there is any.
    private static func takePeers(_ jobs: inout [Job], _ room: PeerRoom) -> [Job] {
        guard !jobs.isEmpty else { return [] }
        var taken: [Job] = []
        var bytes = 0
        for job in jobs.prefix(room.jobs) {
            bytes += job.bytes
            if bytes > room.bytes, !taken.isEmpty { break }
            taken.append(job)
        }
        jobs.removeFirst(taken.count)
        return taken
    }

    /// Waits until there is something to judge and takes it; false when there will be nothing any more.
    private func beginTurn(_ thread: Int) -> Bool {
        let hasTurn: Bool? = queue.wait(at: thread) { queue in
            if queue.turns.begin(thread, waiting(in: queue)) {
                take(from: &queue)
                return true
            }
            return queue.isStopping && queue.turns.isAtRest ? false : nil
        }
        return hasTurn ?? false
    }

    private func waiting(in queue: Queue) -> WriterTurns.Waiting {
        WriterTurns.Waiting(jobs: queue.jobs.count, arePeers: peerQueue.with { !$0.isEmpty })
    }

    /// Calls a thread, if none sees by itself what has come.
    private func call() {
        queue.changeCalling { queue in ((), queue.turns.call(waiting(in: queue))) }
    }

    /// Takes jobs, unless some are left of those before.
    private func take(from queue: inout Queue) {
        guard next == jobs.count else { return }
        jobs.removeAll(keepingCapacity: true)
        next = 0
        var peers: [Job] = []
        if let room = peerRoom(beside: !queue.jobs.isEmpty) {
            peers = peerQueue.with { RegionWriter.takePeers(&$0, room) }
        }
        if queue.jobs.count <= RegionWriter.groupJobsMax {
            swap(&queue.jobs, &jobs)
            queue.bytes = 0
        } else {
            jobs.append(contentsOf: queue.jobs.prefix(RegionWriter.groupJobsMax))
            queue.jobs.removeFirst(jobs.count)
            queue.bytes -= jobs.reduce(0) { $0 + $1.bytes }
        }
        jobs.append(contentsOf: peers)
    }

    /// Judges what was taken and, while the disk is busy, what comes meanwhile.
    /// - Returns: whether the group is to go to the disk now; if not, the thread has left its turn.
    private func judge() throws -> Bool {
        while true {
            let judged = try judgeTaken()
            guard let group else { return false }
            let isFull = isFull(group)
            let step = queue.with { queue in
                queue.turns.judged(judged.jobs, nanoseconds: judged.nanoseconds)
                let step = queue.turns.step(
                    isFull: isFull,
                    isClosedToPeers: peerRoom(beside: !queue.jobs.isEmpty) == nil,
                    waiting(in: queue)
                )
                if step == .judge { take(from: &queue) }
                return step
            }
            switch step {
            case .judge: continue
            case .sync: return true
            case .leave: return false
            }
        }
    }

    /// - Returns: how many jobs of applications it judged, and how much of the processor they took.
    private func judgeTaken() throws -> (jobs: Int, nanoseconds: Int) {
        var group = try group ?? begin()
        // It may have been open for as long as the disk took.
        group.writes.advance(to: WallClock.milliseconds())
        defer { self.group = group }
        let began = ThreadClock.nanoseconds()
        var applications = (jobs: 0, nanoseconds: 0)
        while next < jobs.count, !isFull(group) {
            let index = next
            next += 1
            // Those of peers come last.
            if jobs[index].isOfPeer, applications.nanoseconds == 0 {
                applications.nanoseconds = ThreadClock.nanoseconds() - began
            }
            let since = jobs[index].isOfPeer ? MonotonicClock.nanoseconds() : 0
            let response = try answer(jobs[index], in: group.writes)
            if let reply = jobs[index].reply {
                outcome.add(response, to: reply, jobs[index].token)
            }
            if let afterCommit = jobs[index].afterCommit { outcome.completions.append(afterCommit) }
            group.bytes += jobs[index].bytes
            group.jobs += 1
            guard jobs[index].isOfPeer else {
                applications.jobs += 1
                continue
            }
            group.peerJobs += 1
            group.peerBytes += jobs[index].bytes
            group.peerNanoseconds += MonotonicClock.nanoseconds() - since
            guard next < jobs.count else { break }
            let areApplications = queue.with { !$0.jobs.isEmpty }
            if isFull(group) || isLate(group, beside: areApplications) { giveBack() }
        }
        if applications.nanoseconds == 0 {
            applications.nanoseconds = ThreadClock.nanoseconds() - began
        }
        return applications
    }

    private func begin() throws -> Group {
        let transaction = try store.begin()
        let wall = WallClock.milliseconds()
        return Group(
            transaction: transaction,
            writes: engine.group(in: transaction.operations, wallMilliseconds: wall),
        )
    }

    private func isFull(_ group: Group) -> Bool {
        group.jobs >= RegionWriter.groupJobsMax
            || max(group.bytes, group.writes.size.bytes) > RegionWriter.groupBytesMax
    }

    /// How much work of peers a group takes.
    private struct PeerRoom {
        let jobs: Int
        let bytes: Int
    }

    /// The room of the group that is open, or of one to come; nil for none.
    private func peerRoom(beside areApplications: Bool) -> PeerRoom? {
        let jobs = RegionWriter.peerJobsMax - (group?.peerJobs ?? 0)
        if let group, isLate(group, beside: areApplications) { return nil }
        let isAwaited = areApplications || group?.hasApplications ?? false
        let bytesMax = isAwaited ? RegionWriter.groupPeerBytesMax : RegionWriter.groupBytesMax
        let bytes = bytesMax - (group?.peerBytes ?? 0)
        guard jobs > 0, bytes > 0 else { return nil }
        return PeerRoom(jobs: jobs, bytes: bytes)
    }

    /// Whether peers' work has taken so much of a group's time that no further piece of it is to join.
    private func isLate(_ group: Group, beside areApplications: Bool) -> Bool {
        let isAwaited = areApplications || group.hasApplications
        let time = isAwaited ? RegionWriter.awaitedNanosecondsMax : RegionWriter.peerNanosecondsMax
        return group.peerNanoseconds > time
    }

    /// Has the jobs that are left, all of them peers', wait for another group.
    private func giveBack() {
        peerQueue.with { $0.insert(contentsOf: jobs[next...], at: 0) }
        jobs.removeSubrange(next...)
    }

    /// Puts the group into the log, with what is to be told of it once it is durable.
    private func close(_ closed: inout GroupOutcome) throws {
        guard let group else { return }
        self.group = nil
        // The other is empty, with its memory.
        swap(&closed, &outcome)
        // What was judged is not held while nothing comes.
        if next == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            next = 0
        }
        closed.isForFeeds = try group.writes.finish()
        closed.commit = try store.append(group.transaction)
        if closed.wantsToken { closed.share(engine.causalToken()) }
        if engine.catalogVersion != publishedVersion {
            publishedVersion = engine.catalogVersion
            closed.catalog = engine.catalog
        }
        if waits.isAwaited { closed.reach = engine.reach }
        closed.hasIndexWork = engine.hasIndexWork
        if !engine.alarms.isEmpty { swap(&closed.alarms, &engine.alarms) }
        if !engine.notices.isEmpty { swap(&closed.notices, &engine.notices) }
    }

    /// Lets others judge while this thread waits for the disk.
    private func leaveTurn() {
        queue.changeCalling { queue in
            queue.turns.appended(hasJobs: next < jobs.count)
            return ((), queue.turns.call(waiting(in: queue)))
        }
    }

    /// Makes the group durable, and shows it.
    private func sync(_ closed: GroupOutcome) throws {
        if let commit = closed.commit { try store.sync(commit) }
        // In the order of the groups: the next is synced only after this.
        if let catalog = closed.catalog { published.set(catalog) }
    }

    /// - Returns: whether the thread judges on.
    private func endSync() -> Bool {
        queue.with { queue in
            queue.turns.synced(waiting(in: queue))
        }
    }

    /// Answers, and tells those who wait for a commit.
    private func tell(_ closed: inout GroupOutcome) {
        closed.replies.send(sharing: closed.header)
        // Whoever begins to wait after this look finds all that the group has shown.
        if waits.isAwaited, let reach = closed.reach ?? presentReach() { waits.wake(reach) }
        if closed.isForFeeds { signal.committed() }
        for completion in closed.completions { completion() }
        if closed.hasIndexWork { onChores.with { $0 }?() }
        for alarm in closed.alarms { log.critical("alarm", metadata: ["what": "\(alarm)"]) }
        for notice in closed.notices { log.notice("\(notice)") }
        closed.clear()
    }

    /// For those who began to wait after the group was put into the log, and looked before it was shown.
    private func presentReach() -> Reach? {
        let catalog = published.current
        do {
            return try store.read { try Reach(catalog: catalog, reading: $0) }
        } catch {
            // They are looked at after the next group.
            log.error("how far the region is cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Errors of the caller are answers; errors of the store end the group.
    private func answer(_ job: Job, in group: WriteGroup) throws -> HTTPResponse {
        do {
            return try job.run(group)
        } catch let error as ServiceError {
            return APIResponse.error(error)
        } catch let refusal as PeerRefusal {
            return PeerResponse.refusal(refusal)
        } catch let malformed as MalformedBytes where job.isOfPeer {
            if job.reply == nil {
                log.error("work of this region's own failed", metadata: ["error": "\(malformed)"])
            }
            return PeerResponse.refusal(PeerRefusal(.badRequest, malformed.description))
        } catch let damaged as MalformedBytes {
            return unreadable(damaged)
        } catch let damaged as StoredFormError {
            return unreadable(damaged)
        }
    }

    /// Each write is judged and read for before any of it is written; of a batch, others may be in the group.
    private func unreadable(_ damaged: any Error) -> HTTPResponse {
        log.error("what is stored cannot be read", metadata: ["error": "\(damaged)"])
        return APIResponse.error(.internalFailure("Internal server error"))
    }
}
