import Simulation
import Testing

/// The proof that the checkers see something: each planted bug must be caught.
@Suite struct PlantedBugTests {
    /// The most seeds that a bug may hide from.
    private static let seedsMax: UInt64 = 150

    @Test(arguments: Simulation.bugNames)
    func `a planted bug breaks an invariant`(bug: String) {
        let caught = Simulation.firstFailure(in: 1...Self.seedsMax, bug: bug)
        #expect(caught != nil, "no seed up to \(Self.seedsMax) catches \(bug)")
    }
}
