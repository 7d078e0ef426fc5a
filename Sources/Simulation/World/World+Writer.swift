import Causality
import Changes
import Engine
import Replication
import Wire

/// A region's one writer: groups of queued work, one transaction each, with crashes at any step.
///
/// One at a time, where `regiond` judges the next group while one is being synced: what is told is the same, since
/// that one is told of first.
extension World {
    static let groupJobsMax = 8
    /// Longer than any partition or pause: what a region shows without having heard a peer is not
    /// promised to be right.
    static let hearingMilliseconds: UInt64 = 40_000
    /// Short enough that several regions expire one item.
    static let expiryGraceMilliseconds: UInt64 = 500
    static let releasedRowsMax = 3
    /// How long after the mend regions still beat fast.
    static let restlessMilliseconds: UInt64 = 10_000

    func submit(_ job: SimulatedRegion.Job, to region: SimulatedRegion) {
        region.jobs.append(job)
        scheduleWriter(region)
    }

    private func scheduleWriter(_ region: SimulatedRegion) {
        guard region.engine != nil, region.pending == nil, !region.isWriterScheduled,
            !region.jobs.isEmpty
        else { return }
        region.isWriterScheduled = true
        queue.schedule(
            .write(region: region.index, life: region.life),
            at: now + random.bits() % 3,
        )
    }

    func write(_ region: SimulatedRegion, _ life: Int) throws {
        guard region.life == life, let engine = region.engine else { return }
        region.isWriterScheduled = false
        let jobs = Array(region.jobs.prefix(World.groupJobsMax))
        region.jobs.removeFirst(jobs.count)

        let isSlow = !isEnding && random.chance(plan.slowCommitChance)
        let before = isSlow ? region.currentView() : nil
        armCrash(region)
        var group = GroupRun(wallMilliseconds: region.wallMilliseconds(at: now))
        var isDoomed = false
        // It holds a snapshot, and the store would copy what it changes.
        region.feed = nil
        do {
            try region.store.write { transaction in
                try group.run(jobs, engine, transaction)
            }
        } catch is StoreError {
            isDoomed = true
        }
        region.store.beforeStep = nil
        group.commit.isEmpty = region.stepsTaken == 0
        if !isDoomed, let truth = group.truth { noteFence(of: region, truth) }
        if !isDoomed { try observe(group.commit, of: region, engine) }
        region.pending = SimulatedRegion.Pending(
            isDoomed: isDoomed,
            answers: group.answers,
            acknowledged: group.acknowledged,
            isForFeeds: group.isForFeeds,
            hasHeartbeat: group.commit.hasHeartbeat,
            told: group.told,
        )
        guard isSlow, let before else { return committed(region, life) }
        region.view = view(before, engine, group)
        queue.schedule(
            .committed(region: region.index, life: life),
            at: now + 1 + random.bits() % 40,
        )
        // Whoever asks while the commit is under way is answered from the state before it.
        serveParked(region)
    }

    /// What readers see during a slow commit: the state before it; or, for the moment between commit
    /// and publication, the new store with the old catalog.
    private func view(
        _ before: SimulatedRegion.View,
        _ engine: RegionEngine,
        _ group: GroupRun,
    ) -> SimulatedRegion.View {
        var view = before
        let isWriting = group.commit.steps.contains { $0.changesAfter > 0 }
        if isWriting, bugs.contains(.heartbeatAboveCommitInFlight) {
            view.ownInMemory = engine.clock.last
        }
        if !isWriting, group.commit.hasHeartbeat, bugs.contains(.heartbeatBeforeDurable) {
            view.ownInMemory = engine.clock.last
        }
        return view
    }

    /// Counts the steps of the next transaction, and makes the process die at one of them, sometimes.
    private func armCrash(_ region: SimulatedRegion) {
        region.stepsTaken = 0
        region.store.beforeStep = { (step: StoreStep) throws(StoreError) in
            if step != .commit { region.stepsTaken += 1 }
        }
        guard !isEnding, random.chance(plan.crashInGroupChance),
            tempo.isBusy(at: now) || random.chance(100)
        else { return }
        var stepsLeft = random.below(24)
        region.store.beforeStep = { (step: StoreStep) throws(StoreError) in
            if stepsLeft == 0 || step == .commit {
                throw StoreError(attempt: "\(step)", code: 0, message: "the process died")
            }
            stepsLeft -= 1
            region.stepsTaken += 1
        }
    }

    func committed(_ region: SimulatedRegion, _ life: Int) {
        guard region.life == life, let pending = region.pending else { return }
        region.pending = nil
        region.view = nil
        region.feed = nil
        if pending.isDoomed { return crash(region) }
        if let engine = region.engine { ledger.raiseDurable(engine.origin, to: engine.own) }
        for operation in pending.acknowledged {
            statistics.acknowledged += 1
            note("\(region.name) acknowledged \(operation.id): \(operation.text)")
        }
        for told in pending.told {
            queue.schedule(.tell(told.event, step: told.step), at: now + 1)
        }
        for answer in pending.answers { respond(answer.request, answer.result) }
        if pending.hasHeartbeat { region.heartbeats += 1 }
        if pending.hasHeartbeat || pending.isForFeeds { serveParked(region) }
        scheduleWriter(region)
    }

    func beat(_ region: SimulatedRegion, _ life: Int) {
        guard region.life == life, region.engine != nil else { return }
        submit(.heartbeat, to: region)
        submit(.chores, to: region)
        submit(.sweep, to: region)
        retryQuarantine(of: region)
        scheduleBeat(region)
    }

    /// An operator looks now and then, and in the end.
    private func retryQuarantine(of region: SimulatedRegion) {
        guard region.engine?.quarantine.isEmpty == false, isEnding || random.chance(100) else {
            return
        }
        submit(.retry, to: region)
    }

    private func scheduleBeat(_ region: SimulatedRegion) {
        queue.schedule(.beat(region: region.index, life: region.life), at: nextBeat)
    }

    /// A burst, and what comes to rest after the mend, has the pace of a fast setting; quiet has a slow
    /// one, and so has what is not at rest soon, which waits for time to pass.
    private var nextBeat: UInt64 {
        if isEnding {
            let isLate = now > tempo.runMilliseconds + World.restlessMilliseconds
            return now + (isLate ? 1_000 : plan.heartbeatMilliseconds)
        }
        if tempo.isBusy(at: now) { return now + plan.heartbeatMilliseconds }
        return min(now + plan.quietHeartbeatMilliseconds, tempo.nextBegin(after: now))
    }

    // MARK: Starts and crashes

    func start(_ region: SimulatedRegion) throws {
        guard region.engine == nil, !region.isLost else { return }
        let wall = max(region.wallMilliseconds(at: now), region.wallFloor)
        armCrash(region)
        defer { region.store.beforeStep = nil }
        let engine: RegionEngine
        do {
            engine = try region.store.write { transaction in
                try RegionEngine(
                    opening: transaction,
                    region: region.name,
                    settings: EngineSettings(
                        driftMilliseconds: plan.driftMilliseconds,
                        retentionMilliseconds: plan.retentionMilliseconds,
                        historyBytesMax: plan.historyBytesMax,
                        // Where chunks are small, what they remove at a time is too.
                        sweepBytesMax: plan.chunkBytesMax,
                        releasedRowsMax: World.releasedRowsMax,
                        streamRetentionMilliseconds: plan.retentionMilliseconds,
                        streamShardMilliseconds: plan.streamShardMilliseconds,
                        expiryGraceMilliseconds: World.expiryGraceMilliseconds,
                        indexRowsMax: plan.indexRowsMax,
                        relayAfterMilliseconds: plan.relayAfterMilliseconds,
                        hearingMilliseconds: World.hearingMilliseconds,
                        quarantineAttempts: plan.quarantineAttempts,
                        unknownChanges: region.isOld ? plan.old.map(\.unknown) : nil,
                        plantedBugs: bugs,
                    ),
                    wallMilliseconds: wall,
                    randomBits: random.bits(),
                )
            }
        } catch is StoreError {
            note("\(region.name) died while it started")
            queue.schedule(.start(region: region.index), at: now + 100)
            return
        }
        region.engine = engine
        region.feed = nil
        region.fenceKey = engine.fenceKey
        ledger.begin(engine.origin)
        ledger.raiseDurable(engine.origin, to: engine.own)
        note("\(region.name) started as \(engine.origin), wall \(wall)")
        try observeStart(of: region, engine)
        scheduleBeat(region)
    }

    func crash(_ region: SimulatedRegion) {
        guard let engine = region.engine else { return }
        // A commit under way that is not doomed is durable, though nobody is told.
        if let pending = region.pending, !pending.isDoomed {
            ledger.raiseDurable(engine.origin, to: engine.own)
        }
        statistics.crashes += 1
        note("\(region.name) crashed")
        die(region)
        var up = endOfFault(lasting: random.milliseconds(plan.downMilliseconds))
        if isEnding { up = now + 10 }
        if !isEnding, random.chance(plan.clockBackAtRestartChance) {
            region.clock.step(
                by: -Int64(random.milliseconds(1...UInt64(plan.clockStepMilliseconds))),
                boundMilliseconds: clockBoundMilliseconds,
            )
        }
        queue.schedule(.start(region: region.index), at: up)
    }

    /// The process ends, with all questions that wait in it.
    func die(_ region: SimulatedRegion) {
        for parked in region.parked { noteLost(parked.request) }
        region.die()
    }
}

/// The run of one group inside its transaction.
struct GroupRun {
    var commit: Commit
    var answers: [SimulatedRegion.Answer] = []
    var acknowledged: [WorkOperation] = []
    var isForFeeds = false
    /// What the operator's tool is told once the group is through.
    var told: [(event: World.OperatorEvent, step: Int)] = []
    /// What the region had when a fence was set in this group.
    var truth: FenceChecker.Truth?

    init(wallMilliseconds: UInt64) {
        commit = Commit(wallMilliseconds: wallMilliseconds)
    }

    mutating func run(
        _ jobs: [SimulatedRegion.Job],
        _ engine: RegionEngine,
        _ transaction: any StoreTransaction,
    ) throws {
        let group = engine.group(in: transaction, wallMilliseconds: commit.wallMilliseconds)
        for job in jobs {
            let work = try run(job, engine, group)
            commit.steps.append(Commit.Step(work: work, changesAfter: group.size.changes))
        }
        isForFeeds = try group.finish()
    }

    private mutating func run(
        _ job: SimulatedRegion.Job,
        _ engine: RegionEngine,
        _ group: WriteGroup,
    ) throws -> Commit.Step.Work {
        switch job {
        case .heard(let position):
            group.heard(position)
            return .other
        case .heartbeat:
            group.heartbeat()
            commit.hasHeartbeat = true
            return .other
        case .chores:
            return .chores(try doChores(engine, group))
        case .sweep:
            _ = try group.sweepExpired(after: nil)
            return .sweep
        case .retry:
            for id in engine.quarantine.tables {
                do {
                    let isWhole = try group.retryQuarantine(of: id).next == nil
                    precondition(isWhole, "a run has few changes in quarantine")
                } catch let refusal as PeerRefusal where refusal.code == .unknownTable {
                    // The group has dropped the table, and its quarantine with it.
                }
            }
            return .retry
        case .remove(let table, let region):
            do {
                try group.removeByForce(region, from: table)
            } catch is PeerRefusal {
                // What was asked for makes no sense any more.
            }
            return .other
        case .fence(let step):
            let isNew = engine.catalog.fence == nil
            let fence = try group.fence()
            if isNew { truth = FenceChecker.Truth(engine) }
            told.append((.evacuation(.fenceSet(fence)), step))
            return .other
        case .liftFence(let step):
            let fence = try group.liftFence()
            let event = Homecoming.Event.lifted(fence, wallMilliseconds: commit.wallMilliseconds)
            told.append((.homecoming(event), step))
            return .other
        case .operation(let operation):
            do {
                try operation.perform(in: group)
            } catch is ServiceError {
                return .other
            }
            acknowledged.append(operation)
            return .operation(operation)
        case .peer(let request):
            do {
                return try run(request, engine, group)
            } catch let refusal as PeerRefusal {
                answer(request, .refused(code: refusal.code.rawValue, message: refusal.message))
            } catch let malformed as MalformedBytes {
                answer(request, .refused(code: "BAD_REQUEST", message: "\(malformed)"))
            }
            return .other
        }
    }

    private mutating func run(
        _ request: PeerRequest,
        _ engine: RegionEngine,
        _ group: WriteGroup,
    ) throws -> Commit.Step.Work {
        switch request.kind {
        case .position(let source):
            answer(request, .bytes(group.position(for: source).encoded()))
            return .other
        case .apply(let bytes):
            let batch = try ChangeBatch(decoding: bytes)
            var bases: [TableID: HybridTime] = [:]
            for id in batch.header.tables where batch.header.changes > 0 {
                bases[id] = engine.catalog[id: id]?.state.base
            }
            let reply = try group.apply(batch)
            answer(request, .bytes(reply.encoded()))
            return .batch(batch, reply, bases: bases)
        case .copy(let bytes):
            let chunk = try SnapshotChunk(decoding: bytes)
            let isMerged = engine.catalog[id: chunk.table]?.state.isMerging == true
            let reply = try group.apply(chunk)
            answer(request, .bytes(reply.encoded()))
            let cut = cut(chunk, engine.catalog[id: chunk.table]?.state.resync)
            return .chunk(chunk, reply, bytes: bytes, isMerged: isMerged, cut: cut)
        case .feed, .snapshot:
            preconditionFailure("feeds and snapshots do not pass through the writer")
        }
    }

    private func doChores(
        _ engine: RegionEngine,
        _ group: WriteGroup,
    ) throws -> [Commit.Returned] {
        let before = engine.returning
        let bases = before.keys.map { engine.catalog[id: $0]?.state.base ?? .zero }
        _ = try group.doChores()
        var returned: [Commit.Returned] = []
        for ((id, row), base) in zip(before, bases) {
            let place = engine.returning[id]?.place ?? row.held
            for entry in row.held.entries where row.place[entry.origin] < entry.time {
                returned.append(
                    Commit.Returned(
                        table: id,
                        origin: entry.origin,
                        after: row.place[entry.origin],
                        through: place[entry.origin],
                        base: base,
                    )
                )
            }
        }
        return returned.sorted { ($0.table, $0.origin) < ($1.table, $1.origin) }
    }

    private mutating func answer(_ request: PeerRequest, _ result: PeerResult) {
        answers.append(SimulatedRegion.Answer(request: request, result: result))
    }

    /// The key at which a merged chunk ended, if that was not at its end: it had too much to remove.
    private func cut(_ chunk: SnapshotChunk, _ resync: TableState.Resync?) -> [UInt8]? {
        guard let resync, resync.source != nil, let after = resync.after,
            chunk.isLast || after != chunk.rows.last?.key
        else { return nil }
        return after
    }
}
