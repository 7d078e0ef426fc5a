import Causality
import Changes
import Engine
import Replication

/// Reading back what a commit made durable, and running the checkers over it.
extension World {
    /// One in so many commits is looked at as a whole, not only where it changed something.
    static let thoroughEvery = 40

    func observe(_ done: Commit, of region: SimulatedRegion, _ engine: RegionEngine) throws {
        // What was right before it still is.
        guard !done.isEmpty else { return }
        var commit = done
        let store = region.store.snapshot()
        let lastBefore = ledger.last(of: engine.origin)
        commit.own = try ownChanges(of: region, engine, store)
        let replayer = Replayer(
            region: region,
            engine: engine,
            chunkModels: chunkModels,
            putBack: ledger.putBack,
        )
        let replay = try replayer.replay(commit, &ledger)
        try noteUnshipped(of: region, store)
        for (source, tally) in replay.tallies {
            region.watch.accounts[source, default: Tally()].add(tally)
        }
        note("\(region.name) committed \(commit.steps.count) jobs, \(commit.own.count) changes")
        noteSteps(commit, region)
        statistics.commits += 1
        statistics.changes += commit.own.count
        statistics.conflicts += replay.conflicts.count
        for (_, tally) in replay.tallies { statistics.quarantined += Int(tally.quarantined) }
        region.watch.commits += 1

        let scene = Scene(region: region, engine: engine, store: store, ledger: ledger)
        try DurableChecker.check(commit, scene)
        try UnshippedChecker.check(scene)
        try FenceChecker.check(commit, wasFenced: region.watch.isFenced, scene)
        try noteFence(scene)
        try MonotoneChecker.checkVectors(scene)
        try PrefixChecker.checkOrder(commit.own, after: lastBefore, scene)
        try MonotoneChecker.check(replay.overwrites, scene)
        try SkewChecker.check(replay.mergedTime, commit, scene)
        for item in replay.touched {
            try ResurrectionChecker.check(item, scene)
            try LossChecker.check(item, scene)
            try QuarantineChecker.check(item, scene)
        }
        try LossChecker.checkConflicts(replay.conflicts, commit, scene)
        statistics.torn += try TornChecker.check(replay, commit, scene)
        try CompleteChecker.check(scene)
        try PrefixChecker.checkTogether(replay.batches, asked, now, scene)
        try StableChecker.check(scene)
        tokens.follow(commit, scene)
        try tokens.check(scene)
        try checkActivated(scene)
        try AccountedChecker.check(replay.tallies.map(\.source), scene)
        if region.watch.commits % World.thoroughEvery == 0 { try checkThoroughly(scene) }
        remember(region, engine)
    }

    /// After each event: the links that it moved still account for all they fetched.
    func checkMovedLinks() throws {
        for index in movedLinks where !links[index].machine.isBalanced {
            let status = links[index].machine.status(nowMilliseconds: now)
            throw AccountedChecker.fail(status, linkName(index))
        }
        movedLinks.removeAll(keepingCapacity: true)
    }

    func observeStart(of region: SimulatedRegion, _ engine: RegionEngine) throws {
        guard let scene = scene(region) else { return }
        region.watch.own = .zero
        region.watch.isFenced = try FenceChecker.isFenced(scene)
        try MonotoneChecker.checkVectors(scene)
        try CompleteChecker.check(scene)
        try DurableChecker.checkHistory(scene)
        try DerivedChecker.check(scene)
        try QuarantineChecker.check(scene)
        remember(region, engine)
    }

    /// What a removed region keeps aside is part of no history any more, and nobody else may have it.
    private func noteUnshipped(of region: SimulatedRegion, _ store: any StoreReader) throws {
        var withdrawn: [Change] = []
        try store.range(.unshipped, from: [], to: nil, reversed: false) { _, value in
            withdrawn.append(try UnshippedRecord(decoding: [UInt8](value)).decoded())
            return true
        }
        for change in withdrawn where !ledger.isWithdrawn(change) {
            ledger.withdraw(change)
            statistics.unshipped += 1
            let parts = try region.engine?.readParts(of: change.table, in: store)
            for other in regions where other.index != region.index {
                // One that is removed itself was not waited for, and drops the table once it learns it.
                guard let engine = other.engine, parts?.isFenced(other.name) != true else {
                    continue
                }
                try UnshippedChecker.check(change, isNotIn: engine)
            }
        }
    }

    /// A fence that came back to a region, which was started from older files, is renewed there.
    private func noteFence(_ scene: Scene) throws {
        let wasFenced = scene.region.watch.isFenced
        scene.region.watch.isFenced = try FenceChecker.isFenced(scene)
        guard let fence = scene.engine.catalog.fence, fence.through != fence.time, !wasFenced else {
            return
        }
        noteFence(of: scene.region, FenceChecker.Truth(fence))
    }

    private func noteSteps(_ commit: Commit, _ region: SimulatedRegion) {
        guard options.isTraced else { return }
        for step in commit.steps {
            switch step.work {
            case .batch(let batch, let reply, _):
                let header = batch.header
                note(
                    "  batch \(header.origin) \(header.after)...\(header.through) for "
                        + "\(header.tables.count) tables: \(reply.outcome)"
                )
            case .chunk(let chunk, let reply, _, _, _):
                note(
                    "  chunk of \(chunk.rows.count) rows after \(shown(chunk.after ?? [])), last: "
                        + "\(chunk.isLast), \(chunk.vector): \(reply.outcome)"
                )
            case .operation, .sweep, .retry, .chores, .other: break
            }
        }
        for change in commit.own {
            let stamp = change.version.stamp
            let kind = change.version.isTombstone ? "deleted" : "wrote"
            note("  \(kind) \(shown(change.key)) at \(stamp.time)")
        }
    }

    private func ownChanges(
        of region: SimulatedRegion,
        _ engine: RegionEngine,
        _ store: any StoreReader,
    ) throws -> [Change] {
        let last = ledger.last(of: engine.origin)?.change.version.stamp.time ?? .zero
        var changes: [Change] = []
        try store.range(
            .history,
            from: SegmentKey.firstAfter(last, of: engine.origin),
            to: SegmentKey.end(of: engine.origin),
            reversed: false,
        ) { _, value in
            var reader = ByteReader(value)
            _ = try Segment.Head(&reader)
            while let framed = try ChangeCoding.next(&reader) {
                changes.append(try ChangeCoding.decode(framed, origin: engine.origin))
            }
            return true
        }
        return changes
    }

    /// Tables that this commit made active, or has brought up, show nothing ahead of their vector.
    private func checkActivated(_ scene: Scene) throws {
        for table in scene.engine.catalog.all {
            let isShowing = RegionWatch.isShowingPrefix(table)
            let wasShowing = scene.region.watch.active.contains(table.number)
            if isShowing, !wasShowing { try PrefixChecker.checkNothingAhead(table, scene) }
            let wasBehind = scene.region.watch.behind.contains(table.number)
            if wasBehind, table.state.resync == nil { statistics.resyncs += 1 }
        }
    }

    private func checkThoroughly(_ scene: Scene) throws {
        try DerivedChecker.check(scene)
        try QuarantineChecker.check(scene)
        for table in scene.engine.catalog.all where table.state.isMerging {
            try ResurrectionChecker.checkTable(table, scene)
        }
        for other in regions where other.index != scene.region.index && other.pending == nil {
            guard let other = self.scene(other) else { continue }
            try ConvergentChecker.checkIfEqual(scene, other)
        }
    }

    private func remember(_ region: SimulatedRegion, _ engine: RegionEngine) {
        region.watch.own = engine.own
        let catalog = RegionWatch.Catalog(life: region.life, version: engine.catalogVersion)
        guard region.watch.catalog == catalog else {
            region.watch.catalog = catalog
            return rememberTables(region, engine)
        }
        for id in region.watch.applied.keys { region.watch.applied[id] = engine.applied[id] }
    }

    private func rememberTables(_ region: SimulatedRegion, _ engine: RegionEngine) {
        region.watch.applied = [:]
        region.watch.active = []
        region.watch.behind = []
        region.watch.expelled = [:]
        for table in engine.catalog.all {
            region.watch.noteChange(of: table, now)
            if RegionWatch.isShowingPrefix(table) { region.watch.active.append(table.number) }
            if table.state.resync != nil { region.watch.behind.append(table.number) }
            if table.state.phase == .expelled {
                region.watch.expelled[table.id] = table.description.removal(of: region.name)?.end
            }
            // A table that is being copied has no vector yet, and may begin anew.
            if case .joining = table.state.phase { continue }
            region.watch.applied[table.id] = engine.applied[table.id]
        }
    }
}
