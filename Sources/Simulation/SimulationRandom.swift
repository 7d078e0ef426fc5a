/// All chance of a simulated run: one stream of bits from the seed, by SplitMix64 (Steele 2014).
///
/// There is one stream for the whole world, drawn from in the order of events, so a seed replays.
struct SimulationRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0xd134_2543_de82_ef95 &+ 0x2545_f491_4f6c_dd1d
    }

    mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }

    /// 0 ..< `bound`.
    ///
    /// The bias of the remainder is of no matter here.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "there is nothing to choose from")
        return Int(bits() % UInt64(bound))
    }

    mutating func milliseconds(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + bits() % (range.upperBound - range.lowerBound + 1)
    }

    /// True in `thousandths` of a thousand cases.
    mutating func chance(_ thousandths: Int) -> Bool {
        below(1_000) < thousandths
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}
