import Causality
package import Changes

/// What a link has done since it started, and how far behind the target is.
struct LinkProgress: Sendable {
    var fetchedBatches: UInt64 = 0
    var fetchedChanges: UInt64 = 0
    var appliedBatches: UInt64 = 0
    var appliedChanges: UInt64 = 0
    var appliedChunks: UInt64 = 0
    var restarts: UInt64 = 0
    var tally = Tally()
    var lastTrouble: String?
    var lastProgressMilliseconds: UInt64?
    /// When the link was started, or went on after a pause.
    var beganMilliseconds: UInt64 = 0
    /// When a batch of the source's own changes, or of none, was last applied.
    var lastHeartbeatMilliseconds: UInt64?
    /// Changes fetched of which this link does not know what became.
    ///
    /// They were dropped here, or were on their way to a target that did not answer. They are fetched again unless the target has merged them.
    var givenUpChanges: UInt64 = 0
    /// Changes that remained at the source behind the last batch fetched.
    var pendingAtSource: UInt64 = 0

    /// The source's clock and ours when it last answered with a batch.
    private var sourceWall: UInt64?
    private var sourceWallAt: UInt64 = 0
    /// By the source's clock: the target lacks nothing that was written at or before it.
    private var holdsThrough: UInt64?

    mutating func fetched(_ header: ChangeBatch.Header, afterWaiting: Bool, now: UInt64) {
        fetchedBatches += 1
        fetchedChanges &+= UInt64(clamping: header.changes)
        pendingAtSource = header.pending
        sourceWall = header.wallMilliseconds
        sourceWallAt = now
        // The source held the question until there was something: before, the target had all.
        if afterWaiting, holdsThrough != nil { raise(to: header.wallMilliseconds) }
    }

    mutating func applied(_ header: ChangeBatch.Header, _ merged: Tally, now: UInt64) {
        appliedBatches += 1
        appliedChanges &+= UInt64(clamping: header.changes)
        tally.add(merged)
        lastProgressMilliseconds = now
        if !header.isRelayed { lastHeartbeatMilliseconds = now }
        raise(to: header.isComplete ? header.wallMilliseconds : header.through.milliseconds)
    }

    /// The target took a batch up to a change from too far ahead.
    mutating func applied(_ merged: Tally, thenCut header: ChangeBatch.Header) {
        tally.add(merged)
        let changes = UInt64(clamping: header.changes)
        givenUpChanges &+= changes > merged.received ? changes - merged.received : 0
    }

    mutating func gaveUp(_ header: ChangeBatch.Header) {
        givenUpChanges &+= UInt64(clamping: header.changes)
    }

    mutating func chunkApplied(now: UInt64) {
        appliedChunks += 1
        lastProgressMilliseconds = now
    }

    private mutating func raise(to milliseconds: UInt64) {
        holdsThrough = max(holdsThrough ?? 0, milliseconds)
    }

    /// How long ago, by the source's clock, the target last held everything; nil before the first
    /// batch.
    func lag(now: UInt64) -> UInt64? {
        guard let sourceWall, let holdsThrough else { return nil }
        let elapsed = now >= sourceWallAt ? now - sourceWallAt : 0
        let (wall, overflow) = sourceWall.addingReportingOverflow(elapsed)
        guard !overflow, wall > holdsThrough else { return 0 }
        return wall - holdsThrough
    }
}

/// A link at one moment, for operators.
package struct LinkStatus: Equatable, Sendable {
    package var source: String
    package var target: String
    package var state: LinkState
    package var standing: LinkStanding
    /// How long ago the target last held everything that the source had.
    ///
    /// 0 while the source holds the question for more, growing while the link is held; nil until
    /// the first batch since the link started was applied. Measured on the source's clock alone, which regions need not share.
    package var lagMilliseconds: UInt64?
    /// Changes known to be on their way: those fetched and not applied, and what the source said
    /// remained behind them.
    package var lagChanges: UInt64
    package var fetchedBatches: UInt64
    package var fetchedChanges: UInt64
    package var appliedBatches: UInt64
    package var appliedChanges: UInt64
    package var appliedChunks: UInt64
    /// How often all work under way was given up.
    package var restarts: UInt64
    /// What became of the changes applied.
    package var tally: Tally
    /// Changes fetched and not yet known to be applied.
    package var waitingChanges: UInt64
    /// Changes fetched of which the link does not know what became; they are fetched again unless
    /// the target has merged them.
    package var givenUpChanges: UInt64
    /// How long ago a batch of the source's own, empty or not, was applied; nil for never.
    package var sinceHeartbeatMilliseconds: UInt64?
    /// How long ago something was applied; nil for never.
    package var sinceProgressMilliseconds: UInt64?
    /// Why the link is held, or was the last time; nil if it never was.
    package var lastTrouble: String?
}

extension Link {
    /// Every change fetched is applied, waits, or was given up.
    package var isBalanced: Bool {
        let tally = progress.tally
        let settled = tally.newer + tally.stale + tally.conflicts + tally.quarantined
        return tally.received == settled
            && progress.fetchedChanges == settled + changesFetched + progress.givenUpChanges
    }

    package var state: LinkState {
        if isPaused { return .paused }
        if let trouble = targetTrouble ?? sourceTrouble { return trouble }
        if position == nil { return .starting }
        if isResyncing { return .resync }
        if isCopying { return .copying }
        return isCaughtUp ? .idle : .running
    }

    package func status(nowMilliseconds now: UInt64) -> LinkStatus {
        let state = state
        let since = progress.lastProgressMilliseconds.map { Self.elapsed($0, now) }
        let waiting = changesFetched
        let (changes, overflow) = waiting.addingReportingOverflow(progress.pendingAtSource)
        return LinkStatus(
            source: source,
            target: target,
            state: state,
            standing: standing(nowMilliseconds: now),
            lagMilliseconds: state == .idle ? 0 : progress.lag(now: now),
            lagChanges: overflow ? .max : changes,
            fetchedBatches: progress.fetchedBatches,
            fetchedChanges: progress.fetchedChanges,
            appliedBatches: progress.appliedBatches,
            appliedChanges: progress.appliedChanges,
            appliedChunks: progress.appliedChunks,
            restarts: progress.restarts,
            tally: progress.tally,
            waitingChanges: waiting,
            givenUpChanges: progress.givenUpChanges,
            sinceHeartbeatMilliseconds: progress.lastHeartbeatMilliseconds.map {
                Self.elapsed($0, now)
            },
            sinceProgressMilliseconds: since,
            lastTrouble: progress.lastTrouble,
        )
    }

    /// Whether the link does what it is for at `now`.
    func standing(nowMilliseconds now: UInt64) -> LinkStanding {
        let state = state
        guard state.isHealthy else {
            return .stalled(state == .paused ? "paused" : progress.lastTrouble ?? state.name)
        }
        let heard = progress.lastHeartbeatMilliseconds ?? progress.beganMilliseconds
        let silence = Self.elapsed(max(heard, progress.beganMilliseconds), now)
        if silence > settings.stalledAfterMilliseconds {
            let waiting = changesFetched &+ progress.pendingAtSource
            let what = waiting > 0 ? ", and \(waiting) changes wait" : ""
            return .stalled("no heartbeat of \(source) for \(silence) ms\(what)")
        }
        switch state {
        case .starting: return .starting
        case .idle: return .idle
        default: return .shipping
        }
    }

    private static func elapsed(_ since: UInt64, _ now: UInt64) -> UInt64 {
        now >= since ? now - since : 0
    }

    /// Whether tables that the target has already are too far behind to be fed.
    private var isResyncing: Bool {
        guard lacking.isEmpty, let position else { return true }
        return position.joins.contains { join in
            position.inStep.contains { $0.tables.contains(join.table) }
        }
    }

    private var isCopying: Bool {
        if applying.contains(where: { $0.chunk != nil }) { return true }
        if case .none = copy { return position?.joins.isEmpty == false }
        return true
    }

    /// Nothing to apply but heartbeats, and no more known at the source.
    private var isCaughtUp: Bool {
        changesFetched == 0 && progress.pendingAtSource == 0 && !expectsMore
    }

    /// Changes fetched and not known to be applied.
    private var changesFetched: UInt64 {
        var changes = queue.reduce(UInt64(0)) { $0 &+ UInt64(clamping: $1.header.changes) }
        for case let batch? in applying.lazy.map(\.batch) {
            changes &+= UInt64(clamping: batch.header.changes)
        }
        return changes
    }
}
