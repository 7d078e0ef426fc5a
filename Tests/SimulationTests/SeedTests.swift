import Simulation
import Testing

/// Runs of whole deployments from seeds.
///
/// Each failure says how to replay it.
@Suite struct SeedTests {
    /// How many seeds a full run takes, in portions that run beside each other.
    private static let seedCount: UInt64 = 2_000
    private static let portion: UInt64 = 50

    @Test(arguments: SeedFile.seeds)
    func `a seed that failed once holds every invariant`(seed: UInt64) {
        expectHolds(seed)
    }

    @Test(arguments: stride(from: 1, to: Self.seedCount, by: Int(Self.portion)).map { $0 })
    func `every invariant holds under faults`(first: UInt64) {
        var total = SimulationStatistics()
        for seed in first..<(first + Self.portion) { total.add(expectHolds(seed)) }
        #expect(total.acknowledged > 1_000)
        #expect(total.conflicts > 0)
        #expect(total.torn > 0)
        #expect(total.crashes > 0)
        #expect(total.losses > 0)
        #expect(total.evacuations > 0)
    }

    @discardableResult
    private func expectHolds(_ seed: UInt64) -> SimulationStatistics {
        let result = Simulation.run(SimulationOptions(seed: seed))
        if let failure = result.failure {
            Issue.record("\(failure); replay: swift run simulate --seed \(seed) --trace")
        }
        return result.statistics
    }
}
