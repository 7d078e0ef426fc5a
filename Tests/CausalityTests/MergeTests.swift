import Causality
import Testing

/// The merge rule as a whole: versions of one item, met in any order, any number of times.
struct MergeTests {
    struct Version: Equatable {
        var stamp: Stamp
        var ancestry: Ancestry
        /// The version it deleted as expired; nil for any other write.
        var expired: Stamp?

        var contender: Merge.Contender { Merge.Contender(stamp, ancestry, expired: expired) }
        var rank: Rank { contender.rank }

        static func merged(_ stored: Version?, with incoming: Version) -> Version {
            let outcome = Merge.outcome(
                incoming: incoming.contender,
                stored: stored?.contender,
                base: .zero,
                isSameImage: { true },
            )
            guard let stored else { return incoming }
            var winner = stored
            switch outcome {
            case .stale, .corrupt: return stored
            case .newer, .concurrentWins: winner = incoming
            case .concurrentLoses, .sameExpiry: break
            }
            var ancestry = stored.ancestry
            ancestry.join(incoming.ancestry)
            winner.ancestry = ancestry
            return winner
        }
    }

    static let origins = ["a", "b", "c"].map {
        Origin(region: $0, startMilliseconds: 1, random: 0)
    }

    /// A history of one item as three regions could make it: each write is over some state that a
    /// region reached by merging earlier ones.
    ///
    /// Some writes are expiries: deletes of the version that was current, if that was none itself.
    static func history(_ random: inout SplitMix, expiryPercent: Int = 0) -> [Version] {
        var written: [Version] = []
        var states: [Version?] = [nil, nil, nil]
        var clocks = [HybridClock(), HybridClock(), HybridClock()]
        for _ in 0..<Int.random(in: 2...7, using: &random) {
            let region = Int.random(in: 0..<3, using: &random)
            if Bool.random(using: &random), let other = written.randomElement(using: &random) {
                states[region] = Version.merged(states[region], with: other)
                clocks[region].observe(other.stamp.time)
            }
            let time = clocks[region].next(
                wallMilliseconds: UInt64.random(in: 1...4, using: &random)
            )
            let stamp = Stamp(time: time, origin: origins[region])
            var ancestry = states[region]?.ancestry ?? Ancestry()
            ancestry.include(stamp)
            var version = Version(stamp: stamp, ancestry: ancestry)
            if let current = states[region], current.expired == nil,
                Int.random(in: 0..<100, using: &random) < expiryPercent
            {
                version.expired = current.stamp
            }
            written.append(version)
            states[region] = version
        }
        return written
    }

    @Test(arguments: 0..<200)
    func `any order and repetition of delivery ends in the same version`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let written = MergeTests.history(&random)
        var results: [Version] = []
        for _ in 0..<6 {
            var state: Version?
            for version in (written + written.shuffled(using: &random).prefix(3))
                .shuffled(using: &random)
            {
                state = Version.merged(state, with: version)
            }
            if let state { results.append(state) }
        }
        #expect(results.allSatisfy { $0 == results[0] })
        #expect(results[0].stamp == written.map(\.stamp).max())
    }

    @Test(arguments: 0..<300)
    func `with expiries too, any order and repetition ends in the greatest rank`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let written = MergeTests.history(&random, expiryPercent: 40)
        let greatest = written.max { $0.rank < $1.rank }
        var results: [Version] = []
        for _ in 0..<6 {
            var state: Version?
            for version in (written + written.shuffled(using: &random).prefix(3))
                .shuffled(using: &random)
            {
                state = Version.merged(state, with: version)
            }
            if let state { results.append(state) }
        }
        #expect(results.allSatisfy { $0 == results[0] })
        #expect(results[0].stamp == greatest?.stamp)
        #expect(results[0].expired == greatest?.expired)
    }

    /// What two regions hold of an item may itself be the result of merges; then also the stale one of
    /// two may have seen something that the other has not.
    private static func united(_ one: Version, _ other: Version) -> Version {
        var result = Version.merged(one, with: other)
        result.ancestry.join(one.ancestry)
        result.ancestry.join(other.ancestry)
        return result
    }

    @Test(arguments: 0..<300)
    func `merging is commutative, associative and idempotent`(seed: UInt64) {
        var random = SplitMix(state: seed &+ 10_000)
        let written = MergeTests.history(&random, expiryPercent: 40)
        func state() -> Version {
            let few = written.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
            return few.dropFirst().reduce(few[0], MergeTests.united)
        }
        for _ in 0..<10 {
            let (one, two, three) = (state(), state(), state())
            let united = MergeTests.united
            #expect(united(one, one) == one)
            #expect(united(one, two) == united(two, one))
            let all = united(united(one, two), three)
            #expect(all == united(one, united(two, three)))
            #expect(united(all, two) == all)
        }
    }

    @Test(arguments: 0..<200)
    func `a version outranks all that it covers`(seed: UInt64) {
        var random = SplitMix(state: seed &+ 20_000)
        let written = MergeTests.history(&random, expiryPercent: 40)
        for one in written {
            for other in written
            where other.stamp != one.stamp && one.ancestry.covers(other.stamp) {
                #expect(other.rank < one.rank)
            }
        }
    }

    @Test func `a write that had not seen an expiry but what expired wins, however early`() {
        let first = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        let extended = Stamp(time: HybridTime(milliseconds: 6), origin: Self.origins[0])
        let expiry = Stamp(time: HybridTime(milliseconds: 9), origin: Self.origins[1])
        var seen = Ancestry()
        seen.include(first)
        var (left, right) = (seen, seen)
        left.include(extended)
        right.include(expiry)
        let write = Merge.Contender(extended, left)
        let delete = Merge.Contender(expiry, right, expired: first)
        #expect(outcome(write, over: delete) == .concurrentWins)
        #expect(outcome(delete, over: write) == .concurrentLoses)
        #expect(outcome(delete, over: Merge.Contender(first, seen)) == .newer)
    }

    @Test func `two expiries of one version are no conflict`() {
        let first = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        let stamps = [7, 8].map { time in
            Stamp(time: HybridTime(milliseconds: time), origin: Self.origins[Int(time) - 7])
        }
        let expiries = stamps.map { stamp in
            var ancestry = Ancestry()
            ancestry.include(first)
            ancestry.include(stamp)
            return Merge.Contender(stamp, ancestry, expired: first)
        }
        #expect(outcome(expiries[1], over: expiries[0]) == .newer)
        #expect(outcome(expiries[0], over: expiries[1]) == .sameExpiry)
    }

    @Test func `a version written over another replaces it without a conflict`() {
        let first = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        let second = Stamp(time: HybridTime(milliseconds: 6), origin: Self.origins[1])
        var seen = Ancestry()
        seen.include(first)
        var over = seen
        over.include(second)
        #expect(outcome(second, over, over: (first, seen)) == .newer)
        #expect(outcome(first, seen, over: (second, over)) == .stale)
    }

    @Test func `the greater stamp of two that met neither wins on both sides`() {
        let first = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        let second = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[1])
        var left = Ancestry()
        left.include(first)
        var right = Ancestry()
        right.include(second)
        #expect(outcome(second, right, over: (first, left)) == .concurrentWins)
        #expect(outcome(first, left, over: (second, right)) == .concurrentLoses)
    }

    @Test func `a floor covers every stamp at or below it`() {
        let old = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        let new = Stamp(time: HybridTime(milliseconds: 9), origin: Self.origins[1])
        let floored = Ancestry(floor: HybridTime(milliseconds: 5))
        #expect(outcome(new, floored, over: (old, Ancestry())) == .newer)
        #expect(outcome(old, Ancestry(), over: (new, floored)) == .stale)
    }

    @Test func `an absent item refuses what its table's base covers`() {
        let stamp = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        func outcome(base: UInt64) -> MergeOutcome {
            Merge.outcome(
                incoming: Merge.Contender(stamp, Ancestry()),
                stored: nil,
                base: HybridTime(milliseconds: base),
                isSameImage: { false },
            )
        }
        #expect(outcome(base: 5) == .stale)
        #expect(outcome(base: 4) == .newer)
    }

    @Test func `one stamp with two images is not decided`() {
        let stamp = Stamp(time: HybridTime(milliseconds: 5), origin: Self.origins[0])
        let outcome = Merge.outcome(
            incoming: Merge.Contender(stamp, Ancestry()),
            stored: Merge.Contender(stamp, Ancestry()),
            base: .zero,
            isSameImage: { false },
        )
        #expect(outcome == .corrupt)
    }

    private func outcome(
        _ stamp: Stamp,
        _ ancestry: Ancestry,
        over stored: (Stamp, Ancestry),
    ) -> MergeOutcome {
        outcome(
            Merge.Contender(stamp, ancestry),
            over: Merge.Contender(stored.0, stored.1),
        )
    }

    private func outcome(
        _ incoming: Merge.Contender,
        over stored: Merge.Contender,
    ) -> MergeOutcome {
        Merge.outcome(incoming: incoming, stored: stored, base: .zero, isSameImage: { true })
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
