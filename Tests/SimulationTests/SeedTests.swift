import Simulation
import Testing

/// Runs of whole deployments from seeds.
///
/// Each failure says how to replay it.
@Suite struct SeedTests {
    /// How many seeds run for ten minutes, and how many densely, in portions that run beside each other.
    private static let longCount: UInt64 = 2_000
    private static let denseCount: UInt64 = 2_000
    private static let portion: UInt64 = 50

    @Test(arguments: SeedFile.seeds)
    func `a seed that failed once holds every invariant`(seed: UInt64) {
        expectHolds(seed)
    }

    @Test(arguments: stride(from: 1, to: Self.longCount, by: Int(Self.portion)).map { $0 })
    func `every invariant holds under faults for ten minutes`(first: UInt64) {
        expectHolds(portionFrom: first)
    }

    @Test(arguments: stride(from: 1, to: Self.denseCount, by: Int(Self.portion)).map { $0 })
    func `every invariant holds under dense faults`(first: UInt64) {
        expectHolds(portionFrom: first, isDense: true)
    }

    private func expectHolds(portionFrom first: UInt64, isDense: Bool = false) {
        var total = SimulationStatistics()
        for seed in first..<(first + Self.portion) {
            total.add(expectHolds(seed, isDense: isDense))
        }
        #expect(total.acknowledged > 1_000)
        #expect(total.conflicts > 0)
        #expect(total.torn > 0)
        #expect(total.crashes > 0)
        #expect(total.losses > 0)
        #expect(total.evacuations > 0)
    }

    @discardableResult
    private func expectHolds(_ seed: UInt64, isDense: Bool = false) -> SimulationStatistics {
        let result = Simulation.run(SimulationOptions(seed: seed, isDense: isDense))
        if let failure = result.failure {
            let dense = isDense ? " --dense" : ""
            Issue.record("\(failure); replay: swift run simulate --seed \(seed)\(dense) --trace")
        }
        return result.statistics
    }
}
