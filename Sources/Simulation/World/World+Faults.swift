import Causality
import Engine
import Replication

/// What goes wrong, when its time has come.
extension World {
    /// Clocks stay this close to virtual time, so that all can agree again at the end.
    var clockBoundMilliseconds: Int64 { 8_000 }

    func crashSome() {
        guard !isEnding else { return }
        let region = random.pick(regions)
        crash(region)
        scheduleChance(.crash, plan.crashEvery)
    }

    /// A region ends for good, disk and all: what it brought to no other is lost.
    func loseSome() {
        guard !isEnding else { return }
        lose(random.pick(regions))
    }

    func lose(_ region: SimulatedRegion) {
        region.isLost = true
        note("\(region.name) is lost for good")
        statistics.losses += 1
        die(region)
    }

    /// Copies one region's files, to start it from them later.
    func copySomeFiles() {
        guard !isEnding, let rollback = plan.rollback else { return }
        let region = random.pick(regions)
        guard region.engine != nil, region.pending == nil else { return }
        region.copyFiles()
        note("\(region.name)'s files are copied")
        queue.schedule(
            .rollBack(region: region.index),
            at: tempo.after(rollback.afterMilliseconds, from: now),
        )
    }

    /// Starts a region from the older copy of its files; its clock has not gone back.
    func rollBack(_ region: SimulatedRegion) {
        guard !isEnding, let engine = region.engine, region.pending == nil else { return }
        let last = engine.clock.last.milliseconds
        for origin in ledger.origins where origin.region == region.name { ledger.tear(origin) }
        crash(region)
        region.takeCopy()
        statistics.rollbacks += 1
        note("\(region.name) is to start from an older copy of its files")
        region.wallFloor = last + 1
    }

    func restartSomeDaemon() {
        guard !isEnding else { return }
        restartDaemon(random.below(plan.daemonCount))
        scheduleChance(.restartDaemon, plan.daemonRestartEvery)
    }

    private func restartDaemon(_ daemon: Int) {
        note("daemon \(daemon) restarted")
        for index in links.indices where links[index].daemon == daemon {
            links[index].life += 1
            regions[links[index].source].parked.removeAll { $0.request.link == index }
            links[index].machine = newLink(links[index].source, links[index].target)
            feed(.started, to: index)
        }
    }

    func cutSome() {
        guard !isEnding else { return }
        let ways = network.newPartition(&random)
        network.cut(ways)
        note("cut \(ways.map { "\($0.from)>\($0.to)" }.joined(separator: " "))")
        let length = random.milliseconds(plan.partitionMilliseconds)
        queue.schedule(.mend(ways), at: endOfFault(lasting: length))
        scheduleChance(.cut, plan.partitionEvery)
    }

    func mend(_ ways: [(from: Int, to: Int)]) {
        network.mend(ways)
        note("mended \(ways.map { "\($0.from)>\($0.to)" }.joined(separator: " "))")
    }

    /// The region with the older program is started with the present one.
    func renewOld() {
        for region in regions where region.isOld {
            region.isOld = false
            note("\(region.name) gets the present program")
            crash(region)
        }
    }

    func stepSomeClock() {
        guard !isEnding else { return }
        let region = random.pick(regions)
        let most = Int(plan.clockStepMilliseconds)
        let step = Int64(random.below(2 * most + 1) - most)
        region.clock.step(by: step, boundMilliseconds: clockBoundMilliseconds)
        note("\(region.name)'s clock stepped by \(step)")
        scheduleChance(.stepClock, plan.clockStepEvery)
    }
}
