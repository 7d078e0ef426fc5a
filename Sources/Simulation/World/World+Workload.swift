import Engine

/// Clients and the operator.
extension World {
    func operate(_ region: SimulatedRegion) {
        guard !isEnding else { return }
        queue.schedule(
            .operate(region: region.index),
            at: tempo.after(1 + random.bits() % (2 * plan.operationEvery), from: now),
        )
        submitSome(to: region)
    }

    private func submitSome(to region: SimulatedRegion) {
        guard region.engine != nil else { return }
        workload.nowSeconds = Int(now / 1_000)
        for _ in 0...random.below(3) {
            submit(.operation(workload.next(&random)), to: region)
        }
    }

    func scheduleTrickle() {
        guard let mean = plan.trickleEvery, !isEnding else { return }
        queue.schedule(.trickle, at: now + 1 + random.bits() % (2 * mean))
    }

    /// Somebody does something in quiet.
    func trickle() {
        guard !isEnding else { return }
        scheduleTrickle()
        guard !tempo.isBusy(at: now) else { return }
        if random.chance(100) { return administerOnce() }
        submitSome(to: random.pick(regions))
    }

    /// An operator takes a region for gone that may be cut off, busy or lost, and removes its
    /// replica of a table.
    func removeSomeByForce() {
        guard !isEnding else { return }
        scheduleChance(.remove, plan.removalEvery)
        let name = random.pick(Workload.tableNames)
        let homes = regions.filter { $0.engine?.catalog.table(named: name)?.state.phase == .active }
        guard !homes.isEmpty else { return }
        let home = random.pick(homes)
        guard let table = home.engine?.catalog.table(named: name) else { return }
        let others = table.description.members.filter { $0 != home.name }
        guard !others.isEmpty else { return }
        let lost = others.filter { isLost($0) }
        let removed = random.pick(lost.isEmpty ? others : lost)
        note("\(removed) is to be removed from \(name) by force, through \(home.name)")
        submit(.remove(table.id, removed), to: home)
    }

    /// Makes the tables, gives them replicas while they are written, and takes some away again.
    func administer() {
        guard !isEnding else { return }
        queue.schedule(.administer, at: tempo.after(random.milliseconds(100...700), from: now))
        administerOnce()
    }

    private func administerOnce() {
        let name = random.pick(Workload.tableNames)
        let isKnown = regions.contains { $0.engine?.catalog.table(named: name) != nil }
        guard isKnown else {
            // Where no region that is up has it, it may still exist in one that is down.
            let region = random.pick(regions)
            guard regions.allSatisfy({ $0.engine != nil }) else { return }
            submit(.operation(workload.createTable(name)), to: region)
            return
        }
        let homes = regions.filter { $0.engine?.catalog.table(named: name)?.state.phase == .active }
        guard !homes.isEmpty else { return }
        let home = random.pick(homes)
        guard let table = home.engine?.catalog.table(named: name) else { return }
        let expires = table.description.expiryAttribute != nil
        if random.chance(expires ? 40 : 400) {
            submit(.operation(workload.setTimeToLive(name, isEnabled: !expires)), to: home)
        }
        let members = table.description.replicas.map(\.region)
        let missing = regions.filter { !members.contains($0.name) }
        let others = members.filter { $0 != home.name }
        if random.chance(500) {
            submit(.operation(workload.changeIndexes(of: table, &random)), to: home)
        }
        if !missing.isEmpty, random.chance(800) {
            let added = random.chance(300) ? missing : [random.pick(missing)]
            submit(.operation(workload.addReplicas(name, added.map(\.name))), to: home)
        } else if !others.isEmpty, replicaChangesLeft > 0, random.chance(250) {
            replicaChangesLeft -= 1
            submit(.operation(workload.removeReplica(name, random.pick(others))), to: home)
        }
    }
}
