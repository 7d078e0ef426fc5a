import Changes
import Engine
import Foundation
import HTTPServer
import Items
import Logging
import SQLiteStore
import Wire

/// The one writer of a region: a thread that runs queued work in groups, one engine transaction
/// each, and answers after the commit.
///
/// Groups form by themselves: what arrives while one commit waits for the disk is the next group.
/// A store that fails leaves unknown what is durable, so the process stops rather than answer.
///
/// `@unchecked Sendable`: `engine`, `jobs` and `replies` are touched by the writer's thread alone; the rest is
/// guarded.
final class RegionWriter: @unchecked Sendable {
    /// One piece of work.
    ///
    /// It answers with a response; what it throws becomes one.
    struct Job: Sendable {
        let reply: ResponseWriter?
        /// What the request that asked for it holds in memory, for the queue's bound.
        let bytes: Int
        let run: @Sendable (WriteGroup) throws -> HTTPResponse
        /// Whether and how the reply carries a causal token.
        let token: ReplyToken
        /// Whether a peer sent it (`submitPeer`).
        fileprivate(set) var isOfPeer = false
        /// Called once the group is durable.
        let afterCommit: (@Sendable () -> Void)?

        init(
            reply: ResponseWriter?,
            bytes: Int = 0,
            token: ReplyToken = .absent,
            afterCommit: (@Sendable () -> Void)? = nil,
            run: @escaping @Sendable (WriteGroup) throws -> HTTPResponse,
        ) {
            self.reply = reply
            self.bytes = bytes
            self.token = token
            self.afterCommit = afterCommit
            self.run = run
        }
    }

    private struct Queue {
        var jobs: [Job] = []
        /// Of the jobs' requests together.
        var bytes = 0
        var isStopping = false
        var isStopped = false
    }

    /// Most jobs in one engine transaction.
    private static let groupJobsMax = 1_024
    /// Bytes of requests that may wait; a job that finds an empty queue is always taken.
    private static let queueBytesMax = 256 << 20
    /// Bytes of history, or of jobs, in one engine transaction past which it takes no further job.
    private static let groupBytesMax = 4 << 20
    /// Work of peers comes in large pieces; so many of them join one group, beside jobs of applications
    /// with so many bytes.
    private static let peerJobsMax = 4
    private static let groupPeerBytesMax = 512 << 10
    /// When they have taken so much time, no further one of them joins: each group waits for the disk once,
    /// and who writes meanwhile waits for the group.
    private static let peerNanosecondsMax: UInt64 = 25_000_000
    /// The same where an application waits.
    private static let awaitedNanosecondsMax: UInt64 = 5_000_000
    /// Work of peers that may wait: each link has a few pieces under way at most (`Link.appliesMax`).
    private static let peerQueueMax = 1_024

    private let queue = Guarded(Queue())
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
    private var publishedVersion: UInt64 = 0
    /// The jobs of the present group; between groups none, with room for the next to gather in.
    ///
    /// The queue's array and this one take turns, so that no job is copied on its way.
    // The writer's thread alone touches these two, and nothing that is called meanwhile comes back here.
    @exclusivity(unchecked) private var jobs: [Job] = []
    @exclusivity(unchecked) private var replies = ReplyBatch()

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
        publishIfChanged()
    }

    func start() {
        startThread("writer") { self.run() }
    }

    /// Sets what is called, on the writer's thread, when there are chores to be done at once.
    func whenChores(_ body: @escaping @Sendable () -> Void) {
        onChores.change { $0 = body }
    }

    /// Queues a job of an application, or an operator's that is to come after all that applications
    /// have queued: one of these finds room in a full queue too.
    /// - Returns: false if the queue is full or the region is stopping.
    func submit(_ job: Job, isOrder: Bool = false) -> Bool {
        queue.change { queue in
            let bytes = queue.bytes + job.bytes
            let hasRoom =
                queue.jobs.count < queueMax
                && (bytes <= RegionWriter.queueBytesMax || queue.jobs.isEmpty)
            guard hasRoom || isOrder, !queue.isStopping else { return false }
            queue.jobs.append(job)
            queue.bytes = bytes
            return true
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
        if isTaken { queue.change { _ in } }
        return isTaken
    }

    /// Finishes what is queued, then ends the thread.
    func stop() {
        queue.change { $0.isStopping = true }
        _ = queue.wait { $0.isStopped ? true : nil }
    }

    private func run() {
        while takeGroup() {
            do {
                try perform()
            } catch {
                log.critical("the store failed; stopping", metadata: ["error": "\(error)"])
                exit(EX_IOERR)
            }
        }
        queue.change { $0.isStopped = true }
    }

    /// Waits for jobs and takes them; false when there will be none any more.
    private func takeGroup() -> Bool {
        jobs.removeAll(keepingCapacity: true)
        let isTaken: Bool? = queue.wait { queue in
            let bytesMax =
                queue.jobs.isEmpty ? RegionWriter.groupBytesMax : RegionWriter.groupPeerBytesMax
            let peers = self.peerQueue.with { RegionWriter.takePeers(&$0, bytesMax) }
            if queue.jobs.isEmpty, peers.isEmpty { return queue.isStopping ? false : nil }
            if queue.jobs.count <= RegionWriter.groupJobsMax {
                swap(&queue.jobs, &jobs)
                queue.bytes = 0
            } else {
                jobs.append(contentsOf: queue.jobs.prefix(RegionWriter.groupJobsMax))
                queue.jobs.removeFirst(jobs.count)
                queue.bytes -= jobs.reduce(0) { $0 + $1.bytes }
            }
            jobs.append(contentsOf: peers)
            return true
        }
        return isTaken ?? false
    }

    /// At least one, if there is any.
    private static func takePeers(_ jobs: inout [Job], _ bytesMax: Int) -> [Job] {
        guard !jobs.isEmpty else { return [] }
        var taken: [Job] = []
        var bytes = 0
        for job in jobs.prefix(peerJobsMax) {
            bytes += job.bytes
            if bytes > bytesMax, !taken.isEmpty { break }
            taken.append(job)
        }
        jobs.removeFirst(taken.count)
        return taken
    }

    private func perform() throws {
        var next = 0
        while next < jobs.count {
            // Replies that have more to say than what the group's have in common.
            var joined: [(ResponseWriter, HTTPResponse, ReplyToken)] = []
            var completions: [@Sendable () -> Void] = []
            let wall = WallClock.milliseconds()
            // When the first of the peers' jobs began.
            var peersSince: UInt64?
            let hasChanges = try store.write { transaction in
                let group = engine.group(in: transaction, wallMilliseconds: wall)
                var bytes = 0
                while next < jobs.count {
                    let index = next
                    next += 1
                    if jobs[index].isOfPeer, peersSince == nil {
                        peersSince = MonotonicClock.nanoseconds()
                    }
                    let response = try answer(jobs[index].run, in: group)
                    if let reply = jobs[index].reply {
                        switch jobs[index].token {
                        case .absent: replies.append(response, to: reply, isSharing: false)
                        case .plain: replies.append(response, to: reply, isSharing: true)
                        case .joined: joined.append((reply, response, jobs[index].token))
                        }
                    }
                    if let afterCommit = jobs[index].afterCommit { completions.append(afterCommit) }
                    bytes += jobs[index].bytes
                    let isFull = max(bytes, group.size.bytes) > RegionWriter.groupBytesMax
                    if let peersSince, next < jobs.count, isFull || isLate(since: peersSince) {
                        giveBack(from: next)
                    }
                    if isFull { break }
                }
                return try group.finish()
            }
            publishIfChanged()
            send(joined)
            waits.wake { engine.reach }
            if hasChanges { signal.committed() }
            for completion in completions { completion() }
            if engine.hasIndexWork { onChores.with { $0 }?() }
            reportAlarms()
        }
    }

    /// Whether peers' work has taken so much of a group's time that no further piece of it is to join.
    private func isLate(since start: UInt64) -> Bool {
        let isAwaited = queue.with { !$0.jobs.isEmpty }
        let time = isAwaited ? RegionWriter.awaitedNanosecondsMax : RegionWriter.peerNanosecondsMax
        return MonotonicClock.nanoseconds() - start > time
    }

    /// Has the jobs from `next` on, all of them peers', wait for another group.
    private func giveBack(from next: Int) {
        peerQueue.with { $0.insert(contentsOf: jobs[next...], at: 0) }
        jobs.removeSubrange(next...)
    }

    /// Errors of the caller are answers; errors of the store end the group.
    private func answer(
        _ run: (WriteGroup) throws -> HTTPResponse,
        in group: WriteGroup,
    ) throws -> HTTPResponse {
        do {
            return try run(group)
        } catch let error as ServiceError {
            return APIResponse.error(error)
        } catch let refusal as PeerRefusal {
            return PeerResponse.refusal(refusal)
        } catch let malformed as MalformedBytes {
            return PeerResponse.refusal(PeerRefusal(.badRequest, malformed.description))
        } catch let damaged as StoredFormError {
            // Work reads before it writes: nothing of it is in the group.
            log.error("an item cannot be read", metadata: ["error": "\(damaged)"])
            return APIResponse.error(.internalFailure("Internal server error"))
        }
    }

    /// Hands the group's replies back, and `joined` with their own tokens.
    ///
    /// The token is the same for all replies of a group: what they tell is all in the one commit. So its
    /// header is written once for them.
    private func send(_ joined: [(ResponseWriter, HTTPResponse, ReplyToken)]) {
        guard replies.isSharing || !joined.isEmpty else { return replies.send() }
        let token = engine.causalToken()
        let text = token.text
        for (reply, response, wanted) in joined {
            var response = response
            wanted.add(token, text, to: &response)
            replies.append(response, to: reply, isSharing: false)
        }
        let header = text.map { HeaderLines([(CausalHeaders.token, $0)]) }
        replies.send(sharing: header ?? .none)
    }

    private func publishIfChanged() {
        guard engine.catalogVersion != publishedVersion else { return }
        publishedVersion = engine.catalogVersion
        published.set(engine.catalog)
    }

    private func reportAlarms() {
        for alarm in engine.alarms { log.critical("alarm", metadata: ["what": "\(alarm)"]) }
        engine.alarms.removeAll()
        for notice in engine.notices { log.notice("\(notice)") }
        engine.notices.removeAll()
    }
}
