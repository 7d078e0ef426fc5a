import Causality
import Changes

/// Taking in answers. One whose work was given up is recognised by its id and dropped.
extension Link {
    // MARK: From the target

    mutating func positionRead(_ id: WorkID, _ reply: ApplyReply, _ turn: inout Turn) {
        guard reading == id else { return }
        reading = nil
        guard take(reply.position, toldBy: id, &turn) else { return }
        if case .unreachable? = targetTrouble { targetTrouble = nil }
    }

    mutating func applied(_ id: WorkID, _ reply: ApplyReply, _ turn: inout Turn) {
        guard let index = applying.firstIndex(where: { $0.id == id }),
            let header = applying[index].batch?.header
        else { return }
        let isBehind = applying.remove(at: index).isBehind
        switch reply.outcome {
        case .applied:
            guard take(reply.position, toldBy: id, &turn) else { return progress.gaveUp(header) }
            targetSucceeded()
            progress.applied(header, reply.tally, now: turn.now)
        case .outOfStep:
            progress.gaveUp(header)
            // It may have overtaken the one before: then the target has moved on since.
            guard !isBehind else { return askAgain(&turn) }
            // What another daemon has brought meanwhile is progress, not disagreement.
            let isStrike = !reply.position.isPast(header)
            let text = "a batch did not begin where the target stands"
            startOver(from: reply.position, toldBy: id, isStrike: isStrike, text, &turn)
        case .skewed:
            progress.applied(reply.tally, thenCut: header)
            holdLink(.skew, Link.skewText(reply), &turn)
        }
    }

    mutating func chunkApplied(_ id: WorkID, _ reply: ApplyReply, _ turn: inout Turn) {
        guard let work = applying.first, work.id == id, let join = work.chunk else { return }
        applying = []
        switch reply.outcome {
        case .applied:
            if join.table == .system {
                wantsSystem = false
                hasCopiedSystem = true
            }
            guard take(reply.position, toldBy: id, &turn) else { return }
            targetSucceeded()
            copyFailed = nil
            copyHold.backoff.reset()
            progress.chunkApplied(now: turn.now)
        case .outOfStep:
            let text = "the target copies from another row on"
            startOver(from: reply.position, toldBy: id, isStrike: true, text, &turn)
        case .skewed:
            holdLink(.skew, Link.skewText(reply), &turn)
        }
    }

    private static func skewText(_ reply: ApplyReply) -> String {
        let what = "from too far ahead of the target's clock"
        guard reply.aheadMilliseconds > 0 else { return "changes \(what)" }
        return "changes \(what): \(reply.aheadMilliseconds) ms"
    }

    private mutating func targetSucceeded() {
        targetTrouble = nil
        strikes = 0
        linkHold.backoff.reset()
    }

    /// Makes the target's word the position, and what is fetched and fits the way ahead of it.
    ///
    /// The word of a reply that was overtaken by a later one is old, and taken for nothing.
    /// - Returns: false if the target is another region: the link is held then.
    private mutating func take(
        _ told: LinkPosition,
        toldBy id: WorkID,
        _ turn: inout Turn,
    ) -> Bool {
        guard told.target.region == target else {
            let text = "\(told.target.region) answers at the address of \(target)"
            holdLink(.refused(text), text, &turn)
            return false
        }
        guard position == nil || id > positionTold else { return true }
        positionTold = id
        position = told
        isPositionOld = false
        let sent = applying.filter { $0.id > id }.compactMap(\.batch?.header)
        let ahead = (sent + queue.map(\.header)).reduce(told) { $0.advanced(past: $1) }
        self.ahead = ahead
        if let join = copy.join, join.table != .system, !told.joins.contains(join) {
            dropCopy(&turn)
        }
        // A question that waits for changes does not ask for tables that came meanwhile.
        if let fetching, fetching.waitMilliseconds > 0, fetching.inStep != ahead.inStep {
            dropFetch(&turn)
        }
        return true
    }

    /// Forgets what was fetched and where the target stands, until a batch on its way tells, or the
    /// target when it is asked.
    private mutating func askAgain(_ turn: inout Turn) {
        progress.restarts += 1
        dropQueue()
        dropFetch(&turn)
        expectsMore = true
        position = nil
        ahead = nil
    }

    /// Forgets what was fetched and goes on from where the target stands; waits first if that
    /// happens again and again, so that two ends that disagree do not spin.
    private mutating func startOver(
        from told: LinkPosition,
        toldBy id: WorkID,
        isStrike: Bool,
        _ text: String,
        _ turn: inout Turn,
    ) {
        if isStrike { strikes += 1 }
        guard strikes < Link.strikesMax else { return holdLink(nil, text, &turn) }
        progress.restarts += 1
        dropApplying(&turn)
        dropQueue()
        dropFetch(&turn)
        expectsMore = true
        // Where a later reply has told more, that holds.
        ahead = position
        _ = take(told, toldBy: id, &turn)
    }

    // MARK: From the source

    mutating func fetched(
        _ id: WorkID,
        _ header: ChangeBatch.Header,
        _ bytes: [UInt8],
        _ turn: inout Turn,
    ) {
        guard let asked = fetching, asked.id == id else { return }
        guard header.source.region == source else {
            fetching = nil
            let text = "\(header.source.region) answers at the address of \(source)"
            return holdFeed(.refused(text), text, &turn)
        }
        guard header.through > header.after else { return nothingFetched(id, &turn) }
        fetching = nil
        feedSucceeded()
        guard let ahead, ahead.stands(at: header) else {
            strikes += 1
            isPositionOld = true
            if strikes >= Link.strikesMax {
                holdLink(nil, "the source sends what was not asked for", &turn)
            }
            return
        }
        progress.fetched(
            header,
            afterWaiting: asked.waitMilliseconds > 0 && queue.isEmpty && applying.isEmpty,
            now: turn.now,
        )
        expectsMore = !header.isComplete
        noteLacks(header)
        queue.append(Fetched(header: header, bytes: bytes))
        self.ahead = ahead.advanced(past: header)
    }

    /// The source holds such a question for as long as it was allowed to; one that does not is not
    /// asked again at once.
    mutating func nothingFetched(_ id: WorkID, _ turn: inout Turn) {
        guard let asked = fetching, asked.id == id else { return }
        fetching = nil
        feedSucceeded()
        progress.pendingAtSource = 0
        expectsMore = false
        isPositionOld = true
        let elapsed = turn.now >= asked.since ? turn.now - asked.since : 0
        let pause = min(Link.nothingMillisecondsMin, asked.waitMilliseconds)
        if elapsed < pause { restFeed(pause - elapsed, &turn) }
    }

    private mutating func noteLacks(_ header: ChangeBatch.Header) {
        lacking = Set(header.lacks.map(\.table)).sorted()
        guard !lacking.isEmpty else { return }
        let tables = lacking.map(\.description).joined(separator: ", ")
        progress.lastTrouble = "too far behind for the history of \(tables): copied instead"
    }

    private mutating func feedSucceeded() {
        sourceTrouble = nil
        hasCopiedSystem = false
        feedHold.backoff.reset()
    }

    mutating func chunkFetched(_ id: WorkID, _ bytes: [UInt8]) {
        guard case .fetching(id, let join) = copy else { return }
        copy = .ready(join, bytes)
    }

    // MARK: Failures

    mutating func failed(_ id: WorkID, _ failure: Failure, _ turn: inout Turn) {
        if id == reading || applying.contains(where: { $0.id == id }) {
            if id == reading { reading = nil }
            if let index = applying.firstIndex(where: { $0.id == id }) {
                let ended = applying.remove(at: index)
                if let batch = ended.batch { progress.gaveUp(batch.header) }
            }
            holdLink(trouble(failure, at: .target), failure.text, &turn)
        } else if id == fetching?.id {
            fetching = nil
            fetchFailed(failure, &turn)
        } else if case .fetching(id, let join) = copy {
            copy = .none
            copyFailed = join.table
            if wantsSystem { sourceTrouble = trouble(failure, at: .source) }
            holdCopy(failure.text, &turn)
        }
    }

    private mutating func fetchFailed(_ failure: Failure, _ turn: inout Turn) {
        if case .refused(Code.resync, _) = failure, !hasCopiedSystem {
            // Ahead of what is applied the refusal is no surprise; still no harm in a copy.
            wantsSystem = true
            progress.lastTrouble = failure.text
            dropCopy(&turn)
            return
        }
        holdFeed(trouble(failure, at: .source), failure.text, &turn)
    }

    private func trouble(_ failure: Failure, at side: LinkState.Side) -> LinkState {
        switch failure {
        case .unreachable, .refused(Code.unavailable, _): .unreachable(side)
        case .refused(Code.resync, _): .resync
        case .refused(Code.corrupt, let message): .corrupt(message)
        case .refused(Code.quarantineFull, let message): .quarantineFull(message)
        case .refused, .malformed: .refused(failure.text)
        }
    }
}

extension LinkPosition {
    /// Whether all that a batch brings is behind this position.
    fileprivate func isPast(_ header: ChangeBatch.Header) -> Bool {
        let tables = Set(header.tables)
        let groups = inStep.filter { group in group.tables.contains { tables.contains($0) } }
        return !groups.isEmpty
            && groups.allSatisfy { $0.vector[header.origin] >= header.through }
    }

    /// Whether a batch begins exactly where this position stands, in all its tables.
    fileprivate func stands(at header: ChangeBatch.Header) -> Bool {
        let tables = Set(header.tables)
        var found = 0
        for group in inStep {
            let count = group.tables.count { tables.contains($0) }
            guard count == 0 || group.vector[header.origin] == header.after else { return false }
            found += count
        }
        return found == tables.count
    }
}
