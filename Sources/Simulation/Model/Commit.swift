import Causality
import Changes
import Engine

/// One group of a region's writer that became durable: what was asked of it, in order, and what the
/// region answered.
struct Commit {
    /// A stretch of an own origin that was merged from the region's own history, and its table's base.
    struct Returned {
        let table: TableID
        let origin: Origin
        let after: HybridTime
        let through: HybridTime
        let base: HybridTime
    }

    struct Step {
        enum Work {
            /// An operation that succeeded.
            case operation(WorkOperation)
            /// With the bases of its tables before it was merged.
            case batch(ChangeBatch, ApplyReply, bases: [TableID: HybridTime])
            /// Rows of a copy, in the place of what was there or merged into it; `cut` is the key at
            /// which it ended, where that was before its last row.
            case chunk(SnapshotChunk, ApplyReply, bytes: [UInt8], isMerged: Bool, cut: [UInt8]?)
            /// A sweep of expired items.
            case sweep
            /// Everything in quarantine was tried again.
            case retry
            /// Chores, with what they merged of own writes of an earlier membership.
            case chores([Returned])
            case other
        }

        let work: Work
        /// How many changes the group had made when the step was done.
        let changesAfter: Int
    }

    let wallMilliseconds: UInt64
    var steps: [Step] = []
    /// The changes the region itself made, read back from its history.
    var own: [Change] = []
    var hasHeartbeat = false
    /// Whether it changed nothing in the store: it only answered questions, or refused.
    var isEmpty = false
}

/// What replaying a commit on the model showed.
struct Replay {
    struct Conflict {
        let table: TableID
        let key: [UInt8]
        let winner: Stamp
        let loser: Stamp
    }

    /// The region's own changes with what each overwrote.
    struct Overwrite {
        let change: Change
        let old: Stamp
    }

    var overwrites: [Overwrite] = []
    /// Each item that was written or merged into, in order; some more than once.
    var touched: [Ledger.Item] = []
    /// Batches merged here, whole or in part.
    var batches: [ChangeBatch.Header] = []
    var conflicts: [Conflict] = []
    /// What became of the changes in batches, by source.
    var tallies: [(source: String, tally: Tally)] = []
    /// The greatest time merged.
    var mergedTime = HybridTime.zero
    /// Tables whose rows came as a copy.
    var copied: [TableID] = []
}
