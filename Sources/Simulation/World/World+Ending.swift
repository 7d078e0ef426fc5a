import Causality
import Changes
import Engine
import Wire

/// The end of a run: everything is mended, and then all must come to rest and agree.
extension World {
    func endWorkload() {
        isEnding = true
        network.isHealed = true
        // Its start may set a clock back: before all are made to agree.
        renewOld()
        let latest = regions.map { $0.wallMilliseconds(at: now) }.max() ?? 0
        for region in regions {
            region.clock.driftMillionths = 0
            let virtual = Int64(now) + VirtualClock.epochMilliseconds
            region.clock.offsetMilliseconds = Int64(latest) - virtual
            if region.engine == nil, !region.isLost {
                queue.schedule(.start(region: region.index), at: now + 1)
            }
        }
        note("the workload has ended; all is mended")
        queue.schedule(.checkRest, at: now + 1_000)
    }

    func checkRest() throws {
        if let reason = unrest() {
            guard now < tempo.runMilliseconds + World.restMillisecondsMax else {
                throw BrokenInvariant("Rest", reason)
            }
            queue.schedule(.checkRest, at: now + 500)
            return
        }
        note("at rest")
        statistics.restMilliseconds = now - tempo.runMilliseconds
        try checkEnd()
        isAtRest = true
    }

    /// Why it is not yet time to compare; nil once it is.
    private func unrest() -> String? {
        for region in regions where !region.isLost {
            guard let engine = region.engine else { return "\(region.name) is down" }
            guard region.pending == nil else { return "\(region.name) is committing" }
            guard !engine.hasIndexWork else { return "\(region.name) is building indexes" }
            guard engine.quarantine.isEmpty else { return "\(region.name) has a quarantine" }
            for table in engine.catalog.all {
                if let reason = unrest(table, region, engine) { return reason }
            }
            if let scene = scene(region), let reason = tokens.unrest(scene, isTorn: isTorn) {
                return reason
            }
        }
        return nil
    }

    private func unrest(
        _ table: Table,
        _ region: SimulatedRegion,
        _ engine: RegionEngine,
    ) -> String? {
        let place = "\(table.name) in \(region.name)"
        if let reason = relayUnrest(table, region, engine) { return reason }
        // What waits for a region that is lost, to join or to leave, waits for ever; and so does a
        // table whose only replica went with the files that an older copy replaced, or whose last
        // two members were removed through each other.
        let waits = regions.contains { $0.isLost } || isGone(table)
        guard table.state.phase == .active else {
            return waits ? nil : "\(place) is \(table.state.phase)"
        }
        if let resync = table.state.resync, !waits {
            return "\(place) is too far behind and \(resync.stage), needs \(resync.needed), shows "
                + "\(resync.shown), holds \(engine.vector(of: table.id))"
        }
        for replica in table.description.replicas where !waits {
            guard replica.status == .active || replica.status == .creationFailed else {
                return "\(place) has a replica in \(replica.region) that is \(replica.status)"
            }
        }
        let members =
            table.id == .system ? regions.map(\.name) : table.description.members
        for origin in ledger.origins {
            // Whose removal waits for a lost region gives no more: what it wrote since the others said
            // how far they hold it is kept aside once that is settled.
            guard origin != engine.origin, members.contains(origin.region), !isTorn(origin),
                !table.description.isFenced(origin.region),
                let last = ledger[origin].last(where: {
                    $0.change.table == table.id && !ledger.isWithdrawn($0.change)
                })
            else { continue }
            let entry = engine.applied[table.id][origin]
            let time = last.change.version.stamp.time
            if entry < time { return "\(place) holds \(origin) through \(entry), not \(time)" }
        }
        return nil
    }

    private func isGone(_ table: Table) -> Bool {
        (!ledger.torn.isEmpty || !table.description.removals.isEmpty)
            && regions.allSatisfy { $0.engine?.catalog[id: table.id]?.state.phase != .active }
    }

    func isLost(_ name: String) -> Bool {
        regions.contains { $0.isLost && $0.name == name }
    }

    /// Whether a disk that held the origin's changes is lost, or was put back from an older copy.
    private func isTorn(_ origin: Origin) -> Bool {
        isLost(origin.region) || ledger.torn.contains(origin)
    }

    /// What such an origin brought to one, all come to hold, its own region included: unless the one
    /// that has it got it by a copy, and has no history to give.
    private func relayUnrest(
        _ table: Table,
        _ region: SimulatedRegion,
        _ engine: RegionEngine,
    ) -> String? {
        guard table.state.isMerging else { return nil }
        let mine = engine.applied[table.id]
        for other in regions where other.index != region.index {
            guard let source = other.engine, let theirs = source.catalog[id: table.id],
                theirs.state.phase == .active
            else { continue }
            let missing = source.applied[table.id].entries.filter {
                isTorn($0.origin) && $0.origin != engine.origin && mine[$0.origin] < $0.time
            }
            guard let first = missing.min(by: { $0.origin < $1.origin }) else { continue }
            let entry = mine[first.origin]
            let trimmed = source.catalog.trimmed[first.origin]
            guard theirs.state.wholeFrom[first.origin] <= entry, trimmed <= entry else { continue }
            return "\(table.name) in \(region.name) holds \(first.origin) through \(entry), "
                + "\(other.name) through \(first.time)"
        }
        return nil
    }

    /// Whether both hold the same of what was lost; where not, what each holds stays apart.
    private func holdSameOfLost(_ id: TableID, _ left: Scene, _ right: Scene) -> Bool {
        func ofLost(_ scene: Scene) -> [VersionVector.Entry] {
            scene.engine.applied[id].entries.filter { isTorn($0.origin) }
        }
        return ofLost(left) == ofLost(right)
    }

    private func checkEnd() throws {
        let scenes = regions.compactMap { scene($0) }
        try checkEvacuated()
        for scene in scenes {
            try DurableChecker.checkHistory(scene)
            try CompleteChecker.checkHistory(scene)
            try DerivedChecker.check(scene)
            for table in scene.engine.catalog.all where table.state.phase == .active {
                try ResurrectionChecker.checkTable(table, scene)
                if table.state.resync?.isMerging == true { continue }
                try PrefixChecker.checkNothingAhead(table, scene)
            }
        }
        for (index, left) in scenes.enumerated() {
            for right in scenes[(index + 1)...] { try checkAgreement(left, right) }
        }
        try verifyAtRest()
    }

    /// Two regions at rest have the same tables of which both are members, and the same in them.
    private func checkAgreement(_ left: Scene, _ right: Scene) throws {
        guard holdSameOfLost(.system, left, right) else { return }
        for table in left.engine.catalog.all {
            let other = right.engine.catalog[id: table.id]
            if let other, other.state.phase != .active || table.state.phase != .active { continue }
            guard holdSameOfLost(table.id, left, right) else { continue }
            let isMerging = [table, other].contains { $0?.state.resync?.isMerging == true }
            if isMerging { continue }
            guard let other else {
                // One that was still joining when it was removed has dropped the table at once, and is a
                // member for as long as its removal waits for a lost region.
                let isMember =
                    table.description.members.contains(right.name)
                    && !table.description.isBeingRemoved(right.name)
                guard table.id == .system || !isMember else {
                    throw BrokenInvariant(
                        "Convergent",
                        "\(left.name) says that \(right.name) has \(table.name); it has not",
                    )
                }
                continue
            }
            guard table.description == other.description else {
                throw BrokenInvariant(
                    "Convergent",
                    "\(left.name) and \(right.name) describe \(table.name) differently",
                )
            }
            try ConvergentChecker.check(table, left, other, right)
        }
    }
}
