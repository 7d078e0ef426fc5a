/// What becomes of each message between two places: dropped, delayed, doubled, cut short, or kept
/// from passing by a partition.
///
/// Since delays vary, messages overtake each other.
///
/// Places are the regions' sites, by their indices; a daemon stands at one of them or at the place
/// after them all.
struct FaultyNetwork {
    struct Delivery {
        let delayMilliseconds: UInt64
        let isTruncated: Bool
    }

    let placeCount: Int
    /// How many partitions cut the way from one place to another, by `from * placeCount + to`.
    private var cuts: [Int]
    /// After the end of the workload messages just take a moment.
    var isHealed = false

    init(placeCount: Int) {
        self.placeCount = placeCount
        cuts = Array(repeating: 0, count: placeCount * placeCount)
    }

    /// One or more copies of a message, or none.
    func deliveries(
        from: Int,
        to: Int,
        _ plan: FaultPlan,
        _ random: inout SimulationRandom,
    ) -> [Delivery] {
        if isHealed { return [Delivery(delayMilliseconds: 1, isTruncated: false)] }
        if from == to {
            return [Delivery(delayMilliseconds: random.bits() % 2, isTruncated: false)]
        }
        guard cuts[from * placeCount + to] == 0, !random.chance(plan.dropChance) else { return [] }
        var copies = [delivery(plan, &random)]
        if random.chance(plan.duplicateChance) { copies.append(delivery(plan, &random)) }
        return copies
    }

    private func delivery(_ plan: FaultPlan, _ random: inout SimulationRandom) -> Delivery {
        let slowness: UInt64 = random.chance(plan.slowChance) ? 20 : 1
        return Delivery(
            delayMilliseconds: 1 + random.bits() % (plan.delayMilliseconds * slowness),
            isTruncated: random.chance(plan.truncateChance),
        )
    }

    /// A cut of one way, of both ways between two places, or of one place from all others.
    func newPartition(_ random: inout SimulationRandom) -> [(from: Int, to: Int)] {
        let one = random.below(placeCount)
        let other = (one + 1 + random.below(placeCount - 1)) % placeCount
        switch random.below(3) {
        case 0: return [(one, other)]
        case 1: return [(one, other), (other, one)]
        default:
            return (0..<placeCount).filter { $0 != one }.flatMap { [(one, $0), ($0, one)] }
        }
    }

    mutating func cut(_ ways: [(from: Int, to: Int)]) {
        for way in ways { cuts[way.from * placeCount + way.to] += 1 }
    }

    mutating func mend(_ ways: [(from: Int, to: Int)]) {
        for way in ways { cuts[way.from * placeCount + way.to] -= 1 }
    }
}
