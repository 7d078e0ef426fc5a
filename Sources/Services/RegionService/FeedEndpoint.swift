import Causality
import Changes
import Engine
import Foundation
import HTTPServer
import Logging
import SQLiteStore

/// Answers feeds and snapshots on a thread of its own, with long poll.
///
/// A feed with nothing to send is kept until a commit brings something for it, until a heartbeat
/// (so that peers hear that nothing is missing), or until its time is up.
///
/// `@unchecked Sendable`: `reader` and `parked` are touched by the feed's thread alone.
final class FeedEndpoint: @unchecked Sendable {
    private struct Parked {
        let request: FeedRequest
        let reply: ResponseWriter
        /// By `MonotonicClock`.
        let deadline: UInt64
        /// How many heartbeats there had been when it came.
        var heartbeats: UInt64
        /// What there was for it when that was looked for last, and was not worth sending.
        var unsent: ChangeBatch.Header?
    }

    private enum Arrival: Sendable {
        case feed(FeedRequest, ResponseWriter)
        case snapshot(SnapshotRequest, ResponseWriter)
    }

    private struct Arrivals: Sendable {
        var waiting: [Arrival] = []
        /// Nobody takes arrivals any more.
        var isOver = false
    }

    /// Requests that may wait at one time; each peer's link holds one.
    private static let parkedMax = 1_024
    /// Longest a feed is held, whatever it asks.
    private static let waitMillisecondsMax = 60_000

    private let catalog: PublishedCatalog
    private let reader: SQLiteReader
    private let signal: CommitSignal
    private let writer: RegionWriter
    private let feedBytesMax: Int
    private let log: Logger
    private let arrivals = Guarded(Arrivals())
    private var parked: [Parked] = []
    private var pace = FeedPace()

    init(
        catalog: PublishedCatalog,
        reader: SQLiteReader,
        signal: CommitSignal,
        writer: RegionWriter,
        feedBytesMax: Int,
        log: Logger,
    ) {
        self.catalog = catalog
        self.reader = reader
        self.signal = signal
        self.writer = writer
        self.feedBytesMax = feedBytesMax
        self.log = log
    }

    func start() {
        startThread("feed") { self.run() }
    }

    func feed(_ request: FeedRequest, _ reply: ResponseWriter) {
        if !catalog.current.servesPresent { tellWriter(request.position) }
        accept(.feed(request, reply), reply)
    }

    /// Lets the writer know what a target holds, while that matters; a question that finds its queue
    /// full is asked again.
    private func tellWriter(_ position: LinkPosition) {
        let job = RegionWriter.Job(reply: nil) { group in
            group.heard(position)
            return PeerResponse.nothing
        }
        _ = writer.submitPeer(job)
    }

    func snapshot(_ request: SnapshotRequest, _ reply: ResponseWriter) {
        accept(.snapshot(request, reply), reply)
    }

    private func accept(_ arrival: Arrival, _ reply: ResponseWriter) {
        let refusal: String? = arrivals.with { arrivals in
            if arrivals.isOver { return "the region is stopping" }
            if arrivals.waiting.count >= FeedEndpoint.parkedMax { return "too many feeds" }
            arrivals.waiting.append(arrival)
            return nil
        }
        if let refusal {
            reply.respond(PeerResponse.failure("UNAVAILABLE", refusal, status: 503))
        } else {
            signal.requested()
        }
    }

    private func run() {
        var seen = CommitSignal.Counts()
        while !seen.isStopping {
            let before = seen
            let now = signal.counts.wait(untilMilliseconds: nextDeadline()) {
                $0.areCommitsAwaited = !parked.isEmpty
                return $0.isNews(since: before) ? $0 : nil
            }
            seen = now ?? before
            // Whatever woke it: a commit, or the request for what was committed meanwhile.
            let areCommits = seen.commits != before.commits
            if areCommits { linger(for: &seen, since: before) }
            takeArrivals(heartbeats: seen.heartbeats)
            guard !parked.isEmpty else { continue }
            let began = MonotonicClock.nanoseconds()
            serve(heartbeats: seen.heartbeats)
            let ended = MonotonicClock.nanoseconds()
            pace.looked(from: began, to: ended, atCommits: areCommits)
        }
        // What comes from here on is refused; what came before is answered.
        arrivals.with { $0.isOver = true }
        takeArrivals(heartbeats: seen.heartbeats)
        for waiting in parked { waiting.reply.respond(PeerResponse.nothing) }
    }

    /// Waits until commits may be looked at, on the feed's own thread, which has nothing else to do; for who
    /// asks meanwhile until another batch may go, and not at all for a target that is behind.
    private func linger(for seen: inout CommitSignal.Counts, since before: CommitSignal.Counts) {
        let millisecond: UInt64 = 1_000_000
        while !seen.isStopping {
            let isAsked = seen.isMore(than: before)
            let due = !isAsked ? pace.next : isAskedBehind ? 0 : pace.nextBatch
            let now = MonotonicClock.nanoseconds()
            guard now < due else { return }
            if due - now > millisecond {
                let known = seen
                _ = signal.counts.wait(untilMilliseconds: due / millisecond) {
                    $0.areCommitsAwaited = false
                    return $0.isMore(than: known) ? true : nil
                }
            } else {
                // The last part of a millisecond, in which a wait cannot end: changes gather meanwhile.
                Thread.sleep(forTimeInterval: Double(due - now) / 1e9)
            }
            seen = signal.counts.with { $0 }
        }
    }

    /// Whether one of those who have just asked is behind, or copies a table.
    private var isAskedBehind: Bool {
        arrivals.with { arrivals in
            arrivals.waiting.contains { arrival in
                guard case .feed(let request, _) = arrival else { return true }
                return pace.isBehind(request.position.target.region)
            }
        }
    }

    private func nextDeadline() -> UInt64 {
        parked.map(\.deadline).min()
            ?? MonotonicClock.milliseconds() + UInt64(FeedEndpoint.waitMillisecondsMax)
    }

    private func takeArrivals(heartbeats: UInt64) {
        let new = arrivals.with { arrivals in
            defer { arrivals.waiting.removeAll() }
            return arrivals.waiting
        }
        for arrival in new {
            switch arrival {
            case .feed(_, let reply) where parked.count >= FeedEndpoint.parkedMax:
                reply.respond(PeerResponse.failure("UNAVAILABLE", "too many feeds", status: 503))
            case .feed(let request, let reply):
                let wait = min(request.waitMilliseconds, FeedEndpoint.waitMillisecondsMax)
                parked.append(
                    Parked(
                        request: request,
                        reply: reply,
                        deadline: MonotonicClock.milliseconds() + UInt64(wait),
                        heartbeats: heartbeats,
                    )
                )
            case .snapshot(let request, let reply):
                answer(reply) { try self.chunk(request) }
            }
        }
    }

    private func chunk(_ request: SnapshotRequest) throws -> HTTPResponse {
        var bounded = request
        bounded.bytesMax = min(request.bytesMax, feedBytesMax)
        let catalog = catalog.current
        let chunk = try reader.read { store in
            try Feed(
                catalog: catalog,
                store: store,
                wallMilliseconds: WallClock.milliseconds(),
            ).chunk(bounded)
        }
        return PeerResponse.bytes(chunk.encoded())
    }

    /// Answers those whose turn it is; the others stay.
    ///
    /// All of them from one snapshot, of which most of what each is asked is read once.
    private func serve(heartbeats: UInt64) {
        var waiting = parked.filter { !$0.reply.isClosed }[...]
        parked.removeAll(keepingCapacity: true)
        let catalog = catalog.current
        do {
            try reader.read { store in
                let feed = try Feed(
                    catalog: catalog,
                    store: store,
                    wallMilliseconds: WallClock.milliseconds(),
                )
                while var next = waiting.popFirst() {
                    serve(&next, from: feed, heartbeats: heartbeats)
                }
            }
        } catch {
            // It came to none of these.
            for left in waiting { answer(left.reply) { throw error } }
        }
    }

    private func serve(_ link: inout Parked, from feed: Feed, heartbeats: UInt64) {
        do {
            switch try turn(of: &link, from: feed, heartbeats: heartbeats) {
            case .send(let batch):
                let response = batch.map { PeerResponse.bytes($0.encoded()) }
                link.reply.respond(response ?? PeerResponse.nothing)
                let target = link.request.position.target.region
                pace.gave(batch?.header, to: target, at: MonotonicClock.nanoseconds())
            case .wait: parked.append(link)
            }
        } catch {
            answer(link.reply) { throw error }
        }
    }

    private enum Turn {
        /// Nil where the source has nothing that the target needs.
        case send(ChangeBatch?)
        case wait
    }

    private func turn(
        of link: inout Parked,
        from feed: Feed,
        heartbeats: UInt64,
    ) throws -> Turn {
        let batch = try feed.batch(
            after: link.request.position,
            bytesMax: min(link.request.bytesMax, feedBytesMax),
            goingOnFrom: link.unsent,
        )
        let isOver = MonotonicClock.milliseconds() >= link.deadline
        let isDue = heartbeats != link.heartbeats || isOver
        if let batch, batch.header.changes > 0 || !batch.header.isComplete || isDue {
            return .send(batch)
        }
        link.unsent = batch?.header
        return isOver ? .send(nil) : .wait
    }

    private func answer(_ reply: ResponseWriter, _ make: () throws -> HTTPResponse) {
        do {
            reply.respond(try make())
        } catch let refusal as PeerRefusal {
            reply.respond(PeerResponse.refusal(refusal))
        } catch {
            log.error("a feed failed", metadata: ["error": "\(error)"])
            reply.respond(PeerResponse.failure("UNAVAILABLE", "\(error)", status: 503))
        }
    }
}
