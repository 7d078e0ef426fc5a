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
        let region = random.pick(regions)
        region.isLost = true
        note("\(region.name) is lost for good")
        statistics.losses += 1
        region.die()
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
            links[index].machine = newLink(links[index].source, links[index].target)
            feed(.started, to: index)
        }
    }

    func cutSome() {
        guard !isEnding else { return }
        let ways = network.newPartition(&random)
        network.cut(ways)
        note("cut \(ways.map { "\($0.from)>\($0.to)" }.joined(separator: " "))")
        queue.schedule(.mend(ways), at: now + random.milliseconds(plan.partitionMilliseconds))
        scheduleChance(.cut, plan.partitionEvery)
    }

    func mend(_ ways: [(from: Int, to: Int)]) {
        network.mend(ways)
        note("mended \(ways.map { "\($0.from)>\($0.to)" }.joined(separator: " "))")
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
