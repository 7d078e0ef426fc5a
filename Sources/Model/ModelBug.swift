/// A rule left out on purpose: a visit of all states that does not notice proves nothing.
package enum ModelBug: String, CaseIterable, Sendable {
    /// A batch promises more than the source's entry.
    case heartbeatNotDurable
    /// A relay promises as much as its own clock says.
    case relayEndsAtOwnClock
    /// A relay gives what it has of a history that has holes.
    case relayNotWhole
    /// A source gives what is left of a history that was let go.
    case trimServesRest
    /// A batch is taken wherever the target stands.
    case cursorUnchecked
    /// The winner keeps its own vector.
    case vectorsNotJoined
    /// A merge does not move the clock.
    case clockNotMoved
    /// A merge chooses and keeps no record of the other.
    case loserNotLogged
    /// A start goes on with the incarnation before.
    case incarnationContinued
    /// A start from older files shows its new writes before it has back the lost ones.
    case feedsBeforeHearing
    /// A change of an incarnation is taken before all of the one before it.
    case predecessorIgnored
    /// A tombstone goes once its region has everything at or below it.
    case tombstonesByOwnStable
    /// A member that has claimed nothing yet holds nothing back.
    case claimsIgnored
    /// The base stays when a tombstone goes.
    case baseNotRaised
    /// A copy begins before all members count the joiner.
    case copyBeforeMembersKnow
    /// A copy's vector is its last chunk's, not its first's.
    case copyTakesTooMuch
    /// A replica serves before it has caught up with its copy.
    case servesBeforeCaughtUp
    /// What is absent from a copy stays where it is merged.
    case resyncWithoutSweep
    /// All that is absent from a copy goes, also what its source has not seen.
    case sweepIgnoresVector
    /// A replica goes before the others have all it wrote.
    case leavesBeforeHanded
}

extension ModelBug {
    /// The scenario that is to notice it.
    package var scenario: String {
        switch self {
        case .heartbeatNotDurable, .relayEndsAtOwnClock, .vectorsNotJoined, .clockNotMoved,
            .loserNotLogged:
            "ship and relay"
        case .cursorUnchecked: "late, double and out of order"
        case .relayNotWhole, .trimServesRest: "too far behind"
        case .incarnationContinued, .feedsBeforeHearing: "older files"
        case .predecessorIgnored: "new incarnations"
        case .tombstonesByOwnStable, .claimsIgnored: "forget"
        case .copyBeforeMembersKnow: "join"
        case .copyTakesTooMuch, .servesBeforeCaughtUp: "join, two items"
        case .baseNotRaised, .resyncWithoutSweep: "older files, too far behind"
        case .sweepIgnoresVector: "too far behind, two items"
        case .leavesBeforeHanded: "leave"
        }
    }

    /// A visit of that scenario with the rule left out.
    package func hunt() -> ModelVisit? {
        guard var scenario = ModelScenario.named(scenario) else { return nil }
        scenario.bug = self
        return ModelVisit(scenario)
    }
}
