import Causality
import Changes

/// Beginning work: what goes into each free slot.
extension Link {
    mutating func startWork(_ turn: inout Turn) {
        guard isStarted, !isPaused, linkHold.timer == nil else { return }
        let isTargetFree = reading == nil && applying.isEmpty
        if position == nil || isPositionOld && isTargetFree && queue.isEmpty {
            if isTargetFree { startReading(&turn) }
            return
        }
        if reading == nil { startApplying(&turn) }
        startFetching(&turn)
        startCopying(&turn)
    }

    private mutating func startReading(_ turn: inout Turn) {
        let id = newID()
        reading = id
        turn.effects.append(.readPosition(id))
    }

    // MARK: The target slot

    private mutating func startApplying(_ turn: inout Turn) {
        if case .ready(let join, let bytes) = copy, queue.isEmpty || lastAppliedWasBatch {
            guard applying.isEmpty else { return }
            let id = newID()
            copy = .none
            applying = [Applying(id: id, work: .chunk(join))]
            lastAppliedWasBatch = false
            turn.effects.append(.applyChunk(id, bytes))
        } else if !queue.isEmpty, mayApply {
            let id = newID()
            let next = queue.removeFirst()
            let work = Applying.Work.batch(next.header, bytes: next.bytes.count)
            applying.append(Applying(id: id, work: work, isBehind: !applying.isEmpty))
            lastAppliedWasBatch = true
            turn.effects.append(.apply(id, next.header, next.bytes))
        }
    }

    private var mayApply: Bool {
        applying.count < Link.appliesMax && applying.allSatisfy { $0.batch != nil && $0.isSent }
    }

    mutating func sent(_ id: WorkID) {
        guard let index = applying.firstIndex(where: { $0.id == id }) else { return }
        applying[index].isSent = true
    }

    // MARK: The feed slot

    private mutating func startFetching(_ turn: inout Turn) {
        guard fetching == nil, feedHold.timer == nil, !wantsSystem, !isPositionOld,
            hasRoom, let ahead
        else { return }
        let id = newID()
        let wait = expectsMore ? 0 : settings.pollMilliseconds
        fetching = Fetching(
            id: id,
            waitMilliseconds: wait,
            since: turn.now,
            inStep: ahead.inStep,
        )
        let request = FeedRequest(
            position: ahead.withholding(withheld),
            bytesMax: settings.batchBytesMax,
            waitMilliseconds: Int(clamping: wait),
        )
        turn.effects.append(.fetch(id, request))
    }

    private var hasRoom: Bool {
        var batches = queue.count
        var bytes = queue.reduce(0) { $0 + $1.bytes.count }
        for batch in applying.compactMap(\.batch) {
            batches += 1
            bytes += batch.bytes
        }
        return batches < settings.inFlightMax && bytes < settings.inFlightBytesMax
    }

    // MARK: The copy slot

    private mutating func startCopying(_ turn: inout Turn) {
        guard case .none = copy, copyHold.timer == nil, let join = nextJoin else { return }
        if applying.contains(where: { $0.chunk != nil }) { return }
        let id = newID()
        copy = .fetching(id, join)
        let request = SnapshotRequest(
            target: target,
            join: join,
            bytesMax: settings.chunkBytesMax,
        )
        turn.effects.append(.fetchChunk(id, request))
    }

    /// The table to go on with: one table is copied to its end before the next begins, unless its
    /// copy failed.
    private var nextJoin: LinkPosition.Join? {
        if wantsSystem { return LinkPosition.Join(table: .system, after: nil) }
        guard let joins = position?.joins else { return nil }
        guard let failed = copyFailed else { return joins.first }
        return joins.first { $0.table > failed } ?? joins.first
    }

    // MARK: Giving up

    /// Gives up all work under way; timers stay.
    mutating func dropAll(_ turn: inout Turn) {
        if let reading { turn.effects.append(.abandon(reading)) }
        reading = nil
        dropApplying(&turn)
        position = nil
        ahead = nil
        isPositionOld = false
        dropQueue()
        wantsSystem = false
        lacking = []
        expectsMore = true
        dropFetch(&turn)
        dropCopy(&turn)
    }

    /// Nobody waits for the target's answers any more, and nobody knows whether it has merged.
    mutating func dropApplying(_ turn: inout Turn) {
        for work in applying {
            turn.effects.append(.abandon(work.id))
            if let batch = work.batch { progress.gaveUp(batch.header) }
        }
        applying = []
    }

    mutating func dropQueue() {
        for fetched in queue { progress.gaveUp(fetched.header) }
        queue = []
    }

    mutating func dropFetch(_ turn: inout Turn) {
        if let fetching { turn.effects.append(.abandon(fetching.id)) }
        fetching = nil
    }

    mutating func dropCopy(_ turn: inout Turn) {
        if case .fetching(let id, _) = copy { turn.effects.append(.abandon(id)) }
        copy = .none
    }

    mutating func dropTimers(_ turn: inout Turn) {
        for timer in [linkHold.timer, feedHold.timer, copyHold.timer] {
            if let timer { turn.effects.append(.abandon(timer)) }
        }
        linkHold.timer = nil
        feedHold.timer = nil
        copyHold.timer = nil
    }

    // MARK: Holds

    /// Gives up all work and waits; then the position is read anew.
    mutating func holdLink(_ trouble: LinkState?, _ text: String, _ turn: inout Turn) {
        dropAll(&turn)
        if let trouble { targetTrouble = trouble }
        progress.lastTrouble = text
        progress.restarts += 1
        let id = newID()
        linkHold.timer = id
        let delay = linkHold.backoff.next(jitterBits: turn.jitterBits)
        turn.effects.append(.wait(id, milliseconds: delay))
    }

    /// Asks for no changes for a while; then the position is read anew if nothing else tells it.
    mutating func holdFeed(_ trouble: LinkState, _ text: String, _ turn: inout Turn) {
        sourceTrouble = trouble
        progress.lastTrouble = text
        let delay = feedHold.backoff.next(jitterBits: turn.jitterBits)
        restFeed(delay, &turn)
    }

    mutating func restFeed(_ milliseconds: UInt64, _ turn: inout Turn) {
        guard feedHold.timer == nil else { return }
        let id = newID()
        feedHold.timer = id
        turn.effects.append(.wait(id, milliseconds: milliseconds))
    }

    mutating func holdCopy(_ text: String, _ turn: inout Turn) {
        progress.lastTrouble = text
        let id = newID()
        copyHold.timer = id
        let delay = copyHold.backoff.next(jitterBits: turn.jitterBits)
        turn.effects.append(.wait(id, milliseconds: delay))
    }

    mutating func timerFired(_ id: WorkID) {
        switch id {
        case linkHold.timer:
            linkHold.timer = nil
        case feedHold.timer:
            feedHold.timer = nil
            isPositionOld = true
            hasCopiedSystem = false
        case copyHold.timer:
            copyHold.timer = nil
        default:
            break  // Fired for a hold that is over.
        }
    }
}
