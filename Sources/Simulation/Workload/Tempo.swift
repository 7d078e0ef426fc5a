/// When a run is busy: clients, operators and faults are at work in bursts, with quiet between them.
///
/// **Problem.** What a region does by its clock, such as heartbeats, horizons, expiries, trimming and
/// time-outs, shows over minutes; what clients and faults do to each other shows over milliseconds, and
/// ten minutes of it would take hours to simulate.
///
/// **Idea.** A run takes ten minutes of virtual time, and is busy for a few seconds of them.
/// Whatever clients, operators and faults do next is so many *busy* milliseconds away (`after`): what
/// a burst has no time left for happens in the next one. All else passes in plain virtual time. Where
/// there is one burst at the very end, everything happens on top of each other, and is mended at once.
/// A *dense* run is that burst alone, at a quarter of the cost.
struct Tempo {
    private static let tenMinutes: UInt64 = 600_000

    struct Burst: Equatable {
        let begin: UInt64
        var end: UInt64
    }

    /// How long a run takes until all is mended, in virtual milliseconds.
    let runMilliseconds: UInt64
    /// One after the other, none empty.
    let bursts: [Burst]

    /// Of a dense run.
    init(busyMilliseconds: UInt64) {
        runMilliseconds = busyMilliseconds
        bursts = [Burst(begin: 0, end: busyMilliseconds)]
    }

    init(_ random: inout SimulationRandom, busyMilliseconds: UInt64) {
        runMilliseconds = Self.tenMinutes
        let count = random.pick([1, 2, 3, 4, 6])
        let busy = Tempo.split(busyMilliseconds, count, &random)
        // Before each burst, and behind the last.
        var weights = (0...count).map { _ in random.below(100) }
        if count > 1 || random.chance(300) { weights[0] = 0 }
        if weights[0] > 0 || random.chance(400) { weights[count] = 0 }
        if weights.allSatisfy({ $0 == 0 }) { weights[0] = 1 }
        let quiet = runMilliseconds - busyMilliseconds
        let total = UInt64(weights.reduce(0, +))
        var bursts: [Burst] = []
        var (passed, sum, now) = (UInt64(0), UInt64(0), UInt64(0))
        for (length, weight) in zip(busy, weights) {
            sum += UInt64(weight)
            let until = quiet * sum / total
            now += until - passed
            passed = until
            bursts.append(Burst(begin: now, end: now + length))
            now += length
        }
        self.bursts = bursts
    }

    /// Cuts a time into pieces of at least a tenth of a fair share.
    private static func split(
        _ milliseconds: UInt64,
        _ count: Int,
        _ random: inout SimulationRandom,
    ) -> [UInt64] {
        let weights = (0..<count).map { _ in UInt64(10 + random.below(90)) }
        let total = weights.reduce(0, +)
        var pieces = weights.map { milliseconds * $0 / total }
        pieces[count - 1] += milliseconds - pieces.reduce(0, +)
        return pieces
    }

    func isBusy(at now: UInt64) -> Bool {
        bursts.contains { $0.begin <= now && now < $0.end }
    }

    /// When the next burst begins, or all is mended.
    func nextBegin(after now: UInt64) -> UInt64 {
        bursts.first { $0.begin > now }?.begin ?? max(now + 1, runMilliseconds)
    }

    /// The time at which so many busy milliseconds have passed since `now`; beyond the end of the run
    /// if there are not as many left.
    func after(_ delay: UInt64, from now: UInt64) -> UInt64 {
        var left = delay
        for burst in bursts where burst.end > now {
            let begin = max(burst.begin, now)
            if begin + left < burst.end { return begin + left }
            left -= burst.end - begin
        }
        return max(now, runMilliseconds) + left + 1
    }
}
