/// Last writer wins, by vector timestamps.
///
/// The problem: two regions changed one item. Did one change see the other (then it simply replaces
/// it), or did neither know of the other (then one must lose, the same one everywhere, and on
/// record)? The idea: each version carries what it has *seen*: a vector with, for each origin, the
/// greatest time behind it, and a floor, a time at or below which it has seen everything of
/// everyone. Comparing stamps against what was seen tells replacement from conflict; comparing
/// stamps with each other settles a conflict.
///
/// Expiry is the exception. A delete that time to live made is no wish of anyone: it only says that
/// the version it expired was over. So it is ranked just above that version, not by its own stamp,
/// and a concurrent write that had seen that version, such as one that puts off the expiry, wins
/// whenever the delete was made. Two regions that expire one version say the same thing: the greater
/// stamp stays, and there is no conflict to report.
///
/// Whatever the outcome, the stored ancestry becomes the join of the two. The result is (greatest
/// rank, join of ancestries): commutative, associative and idempotent, so that any order of
/// delivery, with any repetition, ends in the same state. If the vectors were not joined, a region
/// that met the loser second would forget that it had seen it, and would report a conflict, or let
/// it win, when it came again.
///
/// A version outranks everything in its ancestry: a write's stamp exceeds all that its region had
/// merged, and an expiry's rank all that the version it expired outranks. So covering never
/// contradicts the order of ranks.

/// What a version has seen: all at or below `floor`, and of each origin all through its entry.
///
/// Invariant: no entry at or below the floor. The floor is the stable time of the origin when the
/// version was written: nothing at or below it can arrive unseen.
package struct Ancestry: Hashable, Sendable {
    package private(set) var floor: HybridTime
    package private(set) var vector: VersionVector

    package init(floor: HybridTime = .zero, vector: VersionVector = VersionVector()) {
        self.floor = floor
        self.vector = vector
        self.vector.drop(through: floor)
    }

    package func covers(_ stamp: Stamp) -> Bool {
        stamp.time <= floor || vector.covers(stamp)
    }

    package mutating func join(_ other: Ancestry) {
        vector.join(other.vector)
        floor = max(floor, other.floor)
        vector.drop(through: floor)
    }

    package mutating func include(_ stamp: Stamp) {
        guard stamp.time > floor else { return }
        vector.raise(stamp.origin, to: stamp.time)
    }

    package mutating func raiseFloor(to time: HybridTime) {
        guard time > floor else { return }
        floor = time
        vector.drop(through: time)
    }
}

/// The order in which versions win conflicts: by stamp, but an expiry by that of the version it
/// expired, just above it, and among expiries of one version by its own.
package struct Rank: Hashable, Comparable, Sendable {
    private let base: Stamp
    private let isExpiry: Bool
    private let own: Stamp

    package init(stamp: Stamp, expired: Stamp? = nil) {
        base = expired ?? stamp
        isExpiry = expired != nil
        own = stamp
    }

    package static func < (left: Rank, right: Rank) -> Bool {
        if left.base != right.base { return left.base < right.base }
        if left.isExpiry != right.isExpiry { return right.isExpiry }
        return left.own < right.own
    }
}

/// How an incoming change compares with the version stored.
package enum MergeOutcome: Hashable, Sendable {
    /// Seen already, or overwritten already: nothing changes.
    case stale
    /// Written over what is stored: it replaces it.
    case newer
    /// Neither saw the other and the incoming one has the greater rank: it replaces, and the
    /// stored version goes to the conflict log.
    case concurrentWins
    /// Neither saw the other and the stored one has the greater rank: the incoming one goes to the
    /// conflict log.
    case concurrentLoses
    /// Another expiry of the version that the stored one expired, of lower rank: only their
    /// ancestries are joined.
    case sameExpiry
    /// One stamp with two different images: not to be decided by any rule.
    case corrupt
}

package enum Merge {
    /// What the rule looks at in a version.
    package struct Contender: Hashable, Sendable {
        package var stamp: Stamp
        /// The stamp of the version that it expired; nil for all but deletes by time to live.
        package var expired: Stamp?
        package var ancestry: Ancestry

        package init(_ stamp: Stamp, _ ancestry: Ancestry, expired: Stamp? = nil) {
            self.stamp = stamp
            self.expired = expired
            self.ancestry = ancestry
        }

        package var rank: Rank { Rank(stamp: stamp, expired: expired) }
    }

    /// Compares an incoming change with the version stored.
    ///
    /// Ancestries include the own stamps. `stored` is nil where the item is absent; then `base`, the
    /// table's base, is its floor. `isSameImage` is asked only for equal stamps.
    package static func outcome(
        incoming: Contender,
        stored: Contender?,
        base: HybridTime,
        isSameImage: () -> Bool,
    ) -> MergeOutcome {
        guard let stored else {
            return incoming.stamp.time <= base ? .stale : .newer
        }
        if incoming.stamp == stored.stamp { return isSameImage() ? .stale : .corrupt }
        if stored.ancestry.covers(incoming.stamp) { return .stale }
        if incoming.ancestry.covers(stored.stamp) { return .newer }
        let wins = incoming.rank > stored.rank
        if let expired = incoming.expired, expired == stored.expired {
            return wins ? .newer : .sameExpiry
        }
        return wins ? .concurrentWins : .concurrentLoses
    }
}
