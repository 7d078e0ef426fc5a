import Changes
import Engine
import Replication

/// Links' effects as messages, and regions' answers.
extension World {
    /// Hands an event to a link and carries out what it wants.
    func feed(_ event: Link.Event, to index: Int) {
        let effects = links[index].machine.handle(
            event,
            nowMilliseconds: now,
            jitterBits: random.bits(),
        )
        movedLinks.append(index)
        for effect in effects { carryOut(effect, index) }
    }

    private func carryOut(_ effect: Link.Effect, _ index: Int) {
        let link = links[index]
        switch effect {
        case .readPosition(let id):
            let source = World.regionNames[link.source]
            send(.position(source: source), id, to: link.target, link)
        case .fetch(let id, let request):
            send(.feed(request.encoded()), id, to: link.source, link)
        case .apply(let id, _, let bytes):
            send(.apply(bytes), id, to: link.target, link)
            // The next follows: at once, or late enough to come behind it for the most part.
            let delay = id.number % World.sentMillisecondsMax
            queue.schedule(.sent(link: index, life: link.life, id), at: now + delay)
        case .fetchChunk(let id, let request):
            send(.snapshot(request.encoded()), id, to: link.source, link)
        case .applyChunk(let id, let bytes): send(.copy(bytes), id, to: link.target, link)
        case .wait(let id, let milliseconds):
            queue.schedule(.timer(link: index, life: link.life, id), at: now + milliseconds)
        case .abandon(let id):
            // Its connection is closed; what answer is under way, nobody waits for.
            regions[link.source].parked.removeAll {
                $0.request.link == index && $0.request.id == id
            }
        }
    }

    private func send(
        _ kind: PeerRequest.Kind,
        _ id: Link.WorkID,
        to region: Int,
        _ link: SimulatedLink,
    ) {
        let request = PeerRequest(
            link: link.index,
            life: link.life,
            id: id,
            region: region,
            kind: kind,
        )
        let deliveries = network.deliveries(from: link.place, to: region, plan, &random)
        if deliveries.isEmpty { noteLost(request) }
        for delivery in deliveries {
            let sent = delivery.isTruncated ? request.truncated(&random) : request
            queue.schedule(.request(sent), at: now + delivery.delayMilliseconds)
        }
        guard !deliveries.isEmpty else { return }
        var limit = World.requestTimeoutMilliseconds
        if case .feed = kind { limit += plan.pollMilliseconds }
        queue.schedule(
            .requestTimeout(link: link.index, life: link.life, id),
            at: now + limit,
        )
    }

    /// A request, its answer, or the region that holds it is gone: the link learns of it after a while.
    func noteLost(_ request: PeerRequest) {
        queue.schedule(
            .requestTimeout(link: request.link, life: request.life, request.id),
            at: now + World.requestTimeoutMilliseconds,
        )
    }

    func respond(_ request: PeerRequest, _ result: PeerResult) {
        let place = links[request.link].place
        let deliveries = network.deliveries(from: request.region, to: place, plan, &random)
        if deliveries.isEmpty { noteLost(request) }
        for delivery in deliveries {
            let sent = delivery.isTruncated ? result.truncated(&random) : result
            queue.schedule(.answer(request, sent), at: now + delivery.delayMilliseconds)
        }
    }

    func answered(_ request: PeerRequest, _ result: PeerResult) {
        guard links[request.link].life == request.life else { return }
        let event = result.event(for: request)
        note("link \(linkName(request.link)) \(World.brief(event))")
        feed(event, to: request.link)
    }

    func linkName(_ index: Int) -> String {
        let link = links[index]
        return "\(link.daemon):\(World.regionNames[link.source])>\(World.regionNames[link.target])"
    }

    /// A request arrives at its region.
    func receive(_ request: PeerRequest) {
        let region = regions[request.region]
        guard region.engine != nil else { return respond(request, .unreachable) }
        do {
            switch request.kind {
            case .position, .apply, .copy: submit(.peer(request), to: region)
            case .feed(let bytes): try park(request, FeedRequest(decoding: bytes), region)
            case .snapshot(let bytes):
                try serve(request, SnapshotRequest(decoding: bytes), region)
            }
        } catch {
            respond(request, refusal(error))
        }
    }

    private func refusal(_ error: any Error) -> PeerResult {
        if let refusal = error as? PeerRefusal {
            return .refused(code: refusal.code.rawValue, message: refusal.message)
        }
        return .refused(code: "BAD_REQUEST", message: "\(error)")
    }

    private func serve(
        _ request: PeerRequest,
        _ snapshot: SnapshotRequest,
        _ region: SimulatedRegion,
    ) throws {
        guard let view = region.currentView() else { return }
        let chunk = try feed(of: region, view).chunk(
            snapshot,
            allowsJoining: bugs.contains(.snapshotFromJoiningMember),
        )
        let bytes = chunk.encoded()
        // The model is the region's after its last commit; a view from before a commit under way
        // would need the one before, so such a question waits its turn instead.
        guard region.pending == nil else { return respond(request, .unreachable) }
        chunkModels[bytes] =
            region.model.tables[chunk.table] ?? RegionModel.TableModel(number: 0)
        respond(request, .bytes(bytes))
    }

    /// One reading of the store serves until it changes.
    private func feed(of region: SimulatedRegion, _ view: SimulatedRegion.View) throws -> Feed {
        let wall = region.wallMilliseconds(at: now)
        if let feed = region.feed { return feed.at(wallMilliseconds: wall) }
        let feed = try Feed(
            catalog: view.catalog,
            store: view.store,
            wallMilliseconds: wall,
            ownInMemory: view.ownInMemory,
            bugs: bugs,
        )
        region.feed = feed
        return feed
    }

    private func park(
        _ request: PeerRequest,
        _ feed: FeedRequest,
        _ region: SimulatedRegion,
    ) {
        if region.engine?.catalog.servesPresent == false {
            submit(.heard(feed.position), to: region)
        }
        let wait = UInt64(min(max(0, feed.waitMilliseconds), 60_000))
        region.parked.append(
            SimulatedRegion.Parked(
                request: request,
                feed: feed,
                deadline: now + wait,
                heartbeats: region.heartbeats,
            )
        )
        if wait > 0 {
            queue.schedule(.pollEnd(region: region.index, life: region.life), at: now + wait)
        }
        serveParked(region, from: region.parked.count - 1)
    }

    /// Answers the feeds whose time is up.
    func endPolls(_ region: SimulatedRegion) {
        let due = region.parked.filter { now >= $0.deadline }
        guard !due.isEmpty else { return }
        region.parked.removeAll { now >= $0.deadline }
        region.parked += due
        serveParked(region, from: region.parked.count - due.count)
    }

    /// Answers the feeds whose turn it is, of those from a place on; the others stay.
    func serveParked(_ region: SimulatedRegion, from first: Int = 0) {
        guard region.parked.count > first, let view = region.currentView() else { return }
        let waiting = region.parked[first...]
        region.parked.removeSubrange(first...)
        // One reading of the store for all of them.
        let feed = Result { try self.feed(of: region, view) }
        for var parked in waiting {
            do {
                if let result = try answer(&parked, region, view, feed.get()) {
                    respond(parked.request, result)
                } else {
                    region.parked.append(parked)
                }
            } catch {
                respond(parked.request, refusal(error))
            }
        }
    }

    private func answer(
        _ parked: inout SimulatedRegion.Parked,
        _ region: SimulatedRegion,
        _ view: SimulatedRegion.View,
        _ feed: Feed,
    ) throws -> PeerResult? {
        let batch = try feed.batch(
            after: parked.feed.position,
            bytesMax: parked.feed.bytesMax,
            goingOnFrom: parked.unsent,
            splitsTimes: bugs.contains(.transactionSplit),
        )
        let isPast = now >= parked.deadline
        let isDue = region.heartbeats != parked.heartbeats || isPast || view.ownInMemory != nil
        if let batch, batch.header.changes > 0 || !batch.header.isComplete || isDue {
            asked.note(parked.feed.position, of: batch.header, givenBy: view.catalog)
            return .bytes(batch.encoded())
        }
        parked.unsent = batch?.header
        return isPast ? .nothing : nil
    }

    private static func brief(_ event: Link.Event) -> String {
        switch event {
        case .started: "started"
        case .positionRead(let id, _): "\(id) position read"
        case .fetched(let id, let header, _):
            "\(id) fetched \(header.changes) of \(header.origin) \(header.after)...\(header.through)"
        case .nothingFetched(let id): "\(id) nothing fetched"
        case .sent(let id): "\(id) sent"
        case .applied(let id, let reply): "\(id) applied: \(reply.outcome) \(reply.tally.received)"
        case .chunkFetched(let id, let bytes): "\(id) chunk of \(bytes.count) bytes"
        case .chunkApplied(let id, let reply): "\(id) chunk applied: \(reply.outcome)"
        case .failed(let id, let failure): "\(id) failed: \(failure.text)"
        case .timerFired(let id): "\(id) timer"
        case .pauseRequested: "paused"
        case .othersPaused(let regions): "others paused: \(regions)"
        case .resumeRequested: "resumed"
        }
    }
}
