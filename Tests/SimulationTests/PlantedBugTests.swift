import Simulation
import Testing

/// The proof that the checkers see something: each planted bug must be caught.
@Suite struct PlantedBugTests {
    /// The most seeds that a bug may hide from.
    ///
    /// All but one are caught by the first 60. `snapshotFromJoiningMember` takes two regions that join
    /// in one burst, of which one is copied from before it is whole.
    private static let seedsMax: UInt64 = 120

    /// Bugs that no seed up to the limit need come upon: what they take is rare or not simulated.
    ///
    /// `ScriptedBugTests` of the engine shows each by a course of events of its own: a copy that
    /// another source takes over, of a table with tombstones; a member that hears of a joiner late; a
    /// copy from a member with changes in quarantine; a start from older files at the same time by
    /// the clock. `RemovalTests` shows those of removals, and
    /// `ResyncTests` those of copies that are merged. `FenceTests` shows all those of evacuations.
    private static let scripted = [
        "copyWithoutClearing", "copyBeforeMembersKnow", "snapshotDespiteQuarantine",
        "removedBeforeHeld", "removedStillFed", "resyncWithoutSweep", "resyncShownForgotten",
        "fenceOwnOriginOnly", "incarnationContinued",
    ]

    @Test(arguments: Simulation.bugNames.filter { !Self.scripted.contains($0) })
    func `a planted bug breaks an invariant`(bug: String) {
        let caught = Simulation.firstFailure(in: 1...Self.seedsMax, bug: bug)
        #expect(caught != nil, "no seed up to \(Self.seedsMax) catches \(bug)")
    }

    @Test func `what is left to scripts are planted bugs`() {
        #expect(Self.scripted.allSatisfy(Simulation.bugNames.contains))
    }
}
