/// Deliberate bugs, one for each rule that a counterexample showed to be needed.
///
/// The simulator turns one on and must then report a broken invariant; programs never set any. The
/// test of each is a comparison with an empty set.
package enum PlantedBug: String, CaseIterable, Sendable {
    /// A heartbeat is served before the transaction that moves it is durable.
    case heartbeatBeforeDurable
    /// A heartbeat claims times above a commit still in flight.
    case heartbeatAboveCommitInFlight
    /// A snapshot's vector is adopted for every table, not only for its own.
    case snapshotVectorForAllTables
    /// Rows left by an earlier, broken-off copy stay when a copy begins again.
    ///
    /// A tombstone's mark then outlives it, and takes away the live item that the second copy brought;
    /// rows that both copies bring are counted twice.
    case copyWithoutClearing
    /// Copying begins before all members are known to hold the invitation.
    ///
    /// A member that does not know of the joiner then forgets a delete, and takes what the joiner
    /// wrote without having seen the delete for something older than it. Or it invites the joiner a
    /// second time, over the joiner's word that it serves, and the replica stays in creation (about
    /// one seed in a hundred).
    case copyBeforeMembersKnow
    /// A source that has not finished its own copy gives snapshots.
    case snapshotFromJoiningMember
    /// Every write of one engine commit gets the same time.
    case groupSharesTime
    /// A merge keeps the winner's ancestry instead of the join of both.
    case ancestryNotJoined
    /// A merge does not move the local clock.
    case clockNotMovedByMerge
    /// A feed cuts a batch between two changes of one time.
    case transactionSplit
    /// A start continues the incarnation before it.
    ///
    /// After files are restored from an old copy, stamps come a second time, for other changes, and
    /// regions that hold the first ones skip them.
    case incarnationContinued
    /// Clock and times start from the wall clock alone.
    case clockForgottenAtStart
    /// Tombstones go by age, not at the horizon.
    case tombstonesForgottenByAge
    /// A delete leaves no tombstone.
    case deletesLeaveNothing
    /// Times come from the wall clock instead of the hybrid clock.
    case wallClockTimes
    /// A target merges a batch that does not follow its position.
    case gapsAccepted
    /// The loser of a conflict is not logged.
    case loserNotLogged
    /// The fast path of merging takes a change that is only later for one that has seen what it replaces.
    case plainMergeOverConcurrent
    /// A transaction that lost an item is logged without its other items.
    case tornWithoutItems
    /// A change that is refused for a stored one is logged, but missing in the link's account.
    case refusalNotCounted
    /// A delete by time to live counts by its own stamp, like a client's, and so beats a write that
    /// put off the expiry meanwhile.
    case expiryByOwnStamp
    /// Changes that come from other regions are not told by a table's stream.
    case mergesNotStreamed
    /// Times from far ahead are merged and drag the clock along.
    case skewAccepted
    /// A merge puts a version in another's place and leaves the indexes as they were.
    case indexesForgottenByMerge
    /// A relay closes a batch at its own clock instead of its entry for the origin.
    case relayEndsAtOwnClock
    /// A relay gives a history that it does not hold whole.
    case relayNotWhole
    /// A relay leaves out what lost, or was overwritten, where it is.
    case relaySkipsLosers
    /// Writes to items that a backfill has yet to reach enter the index, and are counted again when
    /// it comes to them.
    case indexWrittenAheadOfBackfill
    /// A change is merged although an earlier one of its key is in quarantine.
    case mergedPastQuarantine
    /// A region says to have seen what is in quarantine: its writes replace it elsewhere without a
    /// record, and deletes of it are forgotten.
    case quarantineForgotten
    /// A table with changes in quarantine is copied by others.
    case snapshotDespiteQuarantine
    /// Members go on taking from a region after they have said how far they hold it.
    case removedStillFed
    /// A removed region is struck off before all members hold the same of it.
    case removedBeforeHeld
    /// A removed region drops its table with what it shipped to nobody.
    case unshippedForgotten
    /// Past its bound the history takes tombstones with it.
    case capReleasesTombstones
    /// A copy is merged, and items that are absent from it stay.
    case resyncWithoutSweep
    /// Items that are absent from a copy are removed, also such as its source has never seen.
    case sweepIgnoresVector
    /// A region gives a copy of a table into which it merges one itself, and does not say what rows in
    /// it may show.
    case resyncShownForgotten
    /// The cursor moves to the end of a batch that was cut.
    case cursorAheadOfData
    /// Indexes follow their items in the next transaction.
    case indexOutsideTransaction
    /// A region gives its present incarnation before the closed ones, and a target takes it: its stable
    /// time ignores what of a closed incarnation is still to come.
    case closedIncarnationIgnored
    /// A fence says the region's vectors as they were before the group that it is part of: writes that
    /// were queued before it are not waited for.
    case fenceBeforeQueuedWork
    /// A fence says how far the region's own writes came, and not what it has of others.
    case fenceOwnOriginOnly
    /// A region that is started again takes writes in spite of its fence.
    case fenceForgottenAtRestart
    /// Time to live deletes items in a fenced region.
    case expiryIgnoresFence
    /// A write's causal token is made of what was committed before it.
    case tokenOfCommitBefore
}
