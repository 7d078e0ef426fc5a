import Changes

/// One ordered pair of regions: brings what the source accepted to the target.
///
/// **Problem.** Two regions, a link daemon and the wires between them stop, lose, repeat and delay
/// whatever they like; two daemons may run the same link. Still every change of the source has to
/// be merged at the target, in order and without gaps, at the full rate of either.
///
/// **Idea.** A link keeps nothing that matters. The cursor is the target's applied vector, which the
/// target moves in the transaction that merges; each reply of the target tells it. So the link asks
/// the target where it stands, asks the source for what follows, hands the bytes over, and goes on
/// from the reply. Whatever goes wrong, it forgets all and asks again. To keep both ends busy it
/// fetches ahead: the position *after* a batch that waits to be applied is known from its header
/// (`LinkPosition.advanced(past:)`). If that guess was wrong, the target says `outOfStep` and where
/// it stands, and the link starts from there.
///
/// **Slots.** At most one piece of work of each kind is under way:
///
///     target slot   readPosition or applyChunk           alone, so that the last reply is the
///                                                        newest position
///                   apply                                up to four: the next batch follows as soon
///                                                        as all of the one before is sent, and is
///                                                        there when the target has merged that, or
///                                                        is merged with it
///     feed slot     fetch                                runs ahead, up to `inFlightMax` batches
///     copy slot     fetchChunk, then the chunk waits     beside the feed: a table can only be copied
///                                                        once other changes have arrived
///
/// The target slot takes batches strictly in the order fetched, and alternates between a batch and
/// a chunk when both wait. If a batch overtakes the one before on the way, the target finds it out of
/// step; if only its reply does, the one before's, which is older, moves nothing back.
///
/// **Holds.** What fails is tried again after a backoff. A failure at the target, a change from too
/// far ahead (`skewed`), or repeated `outOfStep` hold the whole link: everything in flight is given
/// up, and after the hold the position is read anew. A failure of the feed holds the feed only: what
/// was fetched goes on to the target, which may be all that is left of a lost region. A failure to
/// get rows holds the copy only.
///
/// **States** (`LinkState`), as derived from slots and holds:
///
///     starting ──positionRead──▶ running ◀──▶ idle       (a question held by the source)
///                                  ▲ ▼
///                                copying                  (while the position names joins)
///                                resync                   (the same, of a table that is in step too;
///                                                          or the source left out some)
///     any ──failed at the target──▶ unreachable target, refused, corrupt, quarantine full
///                                                                   ──hold, then applied──▶
///     any ──applied: skewed───────▶ skew                  ──hold, then applied──▶ running
///     any ──failed at the source──▶ unreachable source, refused, resync  ──hold, then fetched──▶
///     any ──pauseRequested────────▶ paused ──resumeRequested──▶ starting
///
/// A feed that answers `RESYNC` is helped by a copy of the system table, which any region may take at
/// any time: a region that comes new has no other way in. If it answers so again, the link says
/// `resync` and tries again later. Other tables in which the target is too far behind are left out of
/// batches that name them; the target then asks for copies of them, as it does of tables that it joins.
///
/// **What breaks without the rules.** Ids: an apply's late reply taken for the reply to the one after
/// it would skip a batch's worth of fetches, and each such step costs an `outOfStep`. The order of the
/// target slot: replies could pass each other and the position go back. None of it could lose a change,
/// because the target refuses what does not begin where it stands; the rules keep a link *moving*.
package struct Link: Sendable {
    /// The names of the regions.
    package let source: String
    package let target: String
    package let settings: LinkSettings

    var isStarted = false
    var isPaused = false
    /// The regions whose links to this target are paused: a relay does not lead around a pause.
    var withheld: [String] = []
    private var lastID: UInt64 = 0

    /// As the target told it last.
    var position: LinkPosition?
    /// The position once everything fetched is applied.
    var ahead: LinkPosition?
    /// Whether to read the position again before the next question for changes.
    var isPositionOld = false

    var reading: WorkID?
    /// In the order sent: one chunk, or batches.
    var applying: [Applying] = []
    /// The work whose reply told the position.
    var positionTold = WorkID(0)
    var fetching: Fetching?
    var queue: [Fetched] = []
    var copy = Copy.none
    /// Whether the next table to copy is the system table; nothing is fetched before.
    var wantsSystem = false
    /// Whether the feed still refused after the system table was copied.
    var hasCopiedSystem = false
    /// The table whose copy failed last: the next try begins with the one after it.
    var copyFailed: TableID?
    /// The tables that the source left out of its last batch: the target is too far behind in them.
    var lacking: [TableID] = []
    var lastAppliedWasBatch = false
    /// Whether the source is known to have more than was fetched.
    var expectsMore = true
    /// Steps in a row that the target found out of step.
    var strikes = 0

    var linkHold: Hold
    var feedHold: Hold
    var copyHold: Hold
    var targetTrouble: LinkState?
    var sourceTrouble: LinkState?
    var progress = LinkProgress()

    /// Most batches that are sent and not answered.
    static let appliesMax = 4
    /// After as many steps out of step in a row the link waits before the next.
    static let strikesMax = 3
    /// The least time between two questions that the source answers with nothing at once.
    static let nothingMillisecondsMin: UInt64 = 250

    package init(source: String, target: String, settings: LinkSettings = LinkSettings()) {
        precondition(source != target, "a link joins two regions")
        self.source = source
        self.target = target
        self.settings = settings
        let backoff = Backoff(
            minMilliseconds: settings.backoffMinMilliseconds,
            maxMilliseconds: settings.backoffMaxMilliseconds,
        )
        linkHold = Hold(backoff: backoff)
        feedHold = Hold(backoff: backoff)
        copyHold = Hold(backoff: backoff)
    }

    /// Takes in what happened and says what to do next, in order.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - now: any clock that does not stand still; only differences count.
    ///   - jitterBits: random bits for the waits that this event may cause.
    /// - Returns: the work to begin.
    package mutating func handle(
        _ event: Event,
        nowMilliseconds now: UInt64,
        jitterBits: UInt64 = 0,
    ) -> [Effect] {
        var turn = Turn(now: now, jitterBits: jitterBits)
        switch event {
        case .started:
            isStarted = true
            progress.beganMilliseconds = now
        case .pauseRequested: pause(&turn)
        case .resumeRequested: resume(&turn)
        case .othersPaused(let regions): withhold(regions, &turn)
        case .positionRead(let id, let reply): positionRead(id, reply, &turn)
        case .fetched(let id, let header, let bytes): fetched(id, header, bytes, &turn)
        case .nothingFetched(let id): nothingFetched(id, &turn)
        case .sent(let id): sent(id)
        case .applied(let id, let reply): applied(id, reply, &turn)
        case .chunkFetched(let id, let bytes): chunkFetched(id, bytes)
        case .chunkApplied(let id, let reply): chunkApplied(id, reply, &turn)
        case .failed(let id, let failure): failed(id, failure, &turn)
        case .timerFired(let id): timerFired(id)
        }
        startWork(&turn)
        return turn.effects
    }

    // MARK: What is under way

    /// One call of `handle`.
    struct Turn {
        let now: UInt64
        let jitterBits: UInt64
        var effects: [Effect] = []
    }

    struct Fetched: Sendable {
        let header: ChangeBatch.Header
        let bytes: [UInt8]
    }

    struct Fetching: Sendable {
        let id: WorkID
        let waitMilliseconds: UInt64
        let since: UInt64
        /// What was asked for.
        let inStep: [LinkPosition.InStep]
    }

    struct Applying: Sendable {
        let id: WorkID
        let work: Work
        /// Whether it was sent while another was not answered, which it may have overtaken.
        var isBehind = false
        /// Whether all of it is on its way.
        var isSent = false

        enum Work: Sendable {
            case batch(ChangeBatch.Header, bytes: Int)
            case chunk(LinkPosition.Join)
        }

        var batch: (header: ChangeBatch.Header, bytes: Int)? {
            if case .batch(let header, let bytes) = work { (header, bytes) } else { nil }
        }

        var chunk: LinkPosition.Join? {
            if case .chunk(let join) = work { join } else { nil }
        }
    }

    enum Copy: Sendable {
        case none
        case fetching(WorkID, LinkPosition.Join)
        /// Waits for the target slot.
        case ready(LinkPosition.Join, [UInt8])

        var join: LinkPosition.Join? {
            switch self {
            case .none: nil
            case .fetching(_, let join), .ready(let join, _): join
            }
        }
    }

    struct Hold: Sendable {
        var backoff: Backoff
        var timer: WorkID?
    }

    mutating func newID() -> WorkID {
        lastID += 1
        return WorkID(lastID)
    }

    // MARK: The operator

    private mutating func pause(_ turn: inout Turn) {
        guard !isPaused else { return }
        isPaused = true
        dropAll(&turn)
        dropTimers(&turn)
    }

    private mutating func resume(_ turn: inout Turn) {
        guard isPaused else { return }
        isPaused = false
        progress.beganMilliseconds = turn.now
        targetTrouble = nil
        sourceTrouble = nil
        strikes = 0
        linkHold.backoff.reset()
        feedHold.backoff.reset()
        copyHold.backoff.reset()
    }

    /// Asks anew if a question is under way: its answer might hold what is withheld from now on.
    private mutating func withhold(_ regions: [String], _ turn: inout Turn) {
        guard regions != withheld else { return }
        withheld = regions
        dropFetch(&turn)
    }
}
