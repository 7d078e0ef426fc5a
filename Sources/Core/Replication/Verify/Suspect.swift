package import Causality
package import Changes

/// One key under which regions showed different things, and what can be concluded from looking again.
///
/// **Looks.** A round reads the key in every region, each in a snapshot of its own with the applied
/// vector `V` of that snapshot. All answers of a round are there before the next one begins.
///
/// **What a region that is right shows.** Let `S(V)` be all changes of the key that a vector covers.
/// Merging is (greatest rank, join of ancestries), and a region's items and vector move in one
/// transaction, so in every snapshot it shows the change of greatest rank in `S(V)`; where that is a
/// delete, its tombstone, or nothing if it was forgotten. The applied vector itself may be used here,
/// and not what the region says to have seen of the whole table, because a key with changes in
/// quarantine is told apart and concluded nothing about: of every other key the region has all that
/// its vector covers.
///
/// So of a version `a` that region A shows, for any other region B:
///
/// 1. **B shows the same stamp.** Then it must be the same in every byte: a stamp names one change.
/// 2. **A's own vector does not cover `a`.** No transaction leaves that behind.
/// 3. **B's vector does not cover `a`.** It may be on its way: *open*, look again later.
/// 4. **B's vector covers `a`, and B shows a version of lesser rank.** B is wrong: `a` is in `S(V)`.
/// 5. **B's vector covers `a`, and B shows one of greater rank.** `a` was overwritten: *settled*.
/// 6. **B's vector covers `a`, and B shows nothing.** If `a` is a delete, that is the same. If not, B
///    must have had a delete `d` of greater rank and forgotten it. A region forgets a delete only
///    when every member is known to hold all at or below it; then A, if asked *after* B answered,
///    shows `d`, or what outranks it, and not `a`. So if B showed nothing in the round before, with
///    a vector that covers `a`, and A shows `a` now, one of the two is wrong. Otherwise *open*: the
///    next round tells. (If A is no active member for B, B does not wait for A to forget: that
///    stays open. So it is while A does not know yet that it was removed, also if it was invited
///    anew meanwhile: what was forgotten before that, it gets by its next copy.)
///
/// An item that is written all the time is always on its way. So what A showed at the *first* look is
/// kept, and 4 and 5 are asked of that too: B has received it soon, whatever A shows by then.
///
/// **No false alarm:** 1, 2, 4 and 6 contradict what a region that is right shows, whatever is
/// written meanwhile. **No miss:** a suspect is let go only if all regions show the same in one round,
/// or every ordered pair of regions was settled once. Of two versions that stay as they are and
/// differ, one has the lesser rank or is nothing, so one of the two directions is never settled, and
/// it is told as soon as the vector of the region that shows the lesser covers the greater: at the
/// latest when it has received all that was written before the key was first looked at.
package struct Suspect: Sendable {
    /// What a region showed, and its vector in the same snapshot.
    package struct Look: Equatable, Sendable {
        package var sighting: Sighting
        package var vector: VersionVector
        /// The regions that counted as active members for it.
        package var members: [String]

        package init(sighting: Sighting, vector: VersionVector, members: [String]) {
            self.sighting = sighting
            self.vector = vector
            self.members = members
        }
    }

    package enum Verdict: Equatable, Sendable {
        case same
        case differs
        /// Changes of it wait in quarantine.
        case quarantined
        /// To be looked at again: at once, to confirm, or later, when something may have arrived.
        case open(reason: String, isLater: Bool)
    }

    private struct Pair: Hashable {
        let from: Int
        let to: Int
    }

    private var before: [Look] = []
    private var first: [Look] = []
    private var settled: Set<Pair> = []

    package init() {}

    /// Concludes what can be concluded from one more round: one look for each of `regions`, always in
    /// the same order.
    package mutating func look(_ looks: [Look], regions: [String]) -> Verdict {
        if first.isEmpty { first = looks }
        defer { before = looks }
        if Suspect.isSame(looks) { return .same }
        if looks.contains(where: \.sighting.isQuarantined) { return .quarantined }
        if looks.contains(where: { $0.sighting.content == .unreadable }) { return .differs }
        var open: Verdict?
        for from in looks.indices {
            for to in looks.indices where to != from {
                switch judgeBoth(from, to, looks, regions) {
                case .differs: return .differs
                case .open(let reason, let isLater):
                    if open == nil || isLater { open = .open(reason: reason, isLater: isLater) }
                case .same, .quarantined: settled.insert(Pair(from: from, to: to))
                }
            }
        }
        if settled.count == looks.count * (looks.count - 1) { return .same }
        return open ?? .open(reason: "it is written all the time", isLater: true)
    }

    /// The same item everywhere, or none.
    private static func isSame(_ looks: [Look]) -> Bool {
        let items = looks.map { look -> Sighting.Content in
            if case .version(let version) = look.sighting.content, version.isTombstone {
                return .absent
            }
            return look.sighting.content
        }
        return items.allSatisfy { $0 == items[0] && $0 != .unreadable }
    }

    /// What `to` must show because of what `from` shows, or showed first; `same` is *settled*.
    private func judgeBoth(
        _ from: Int,
        _ to: Int,
        _ looks: [Look],
        _ regions: [String],
    ) -> Verdict {
        let verdict = judge(from, to, looks, regions)
        guard case .open(_, isLater: true) = verdict,
            case .version(let claim) = first[from].sighting.content,
            case .version(let version) = looks[from].sighting.content,
            claim.stamp != version.stamp, looks[to].vector.covers(claim.stamp)
        else { return verdict }
        guard case .version(let shown) = looks[to].sighting.content else { return .same }
        return shown.rank < claim.rank ? .differs : .same
    }

    /// What `to` must show because of what `from` shows; `same` is *settled*.
    private func judge(
        _ from: Int,
        _ to: Int,
        _ looks: [Look],
        _ regions: [String],
    ) -> Verdict {
        guard case .version(let version) = looks[from].sighting.content else { return .same }
        let other = looks[to].sighting.content
        if case .version(let shown) = other, shown.stamp == version.stamp {
            return shown == version ? .same : .differs
        }
        guard looks[from].vector.covers(version.stamp) else { return .differs }
        guard looks[to].vector.covers(version.stamp) else {
            let reason = "\(regions[to]) has not received \(version.stamp)"
            return .open(reason: reason, isLater: true)
        }
        switch other {
        case .version(let shown): return shown.rank > version.rank ? .same : .differs
        case .unreadable: return .differs
        case .absent: break
        }
        if version.isTombstone { return .same }
        guard looks[to].members.contains(regions[from]) else {
            let reason = "\(regions[from]) is no active member for \(regions[to])"
            return .open(reason: reason, isLater: true)
        }
        guard to < before.count, before[to].sighting.content == .absent,
            !before[to].sighting.isQuarantined, before[to].vector.covers(version.stamp)
        else { return .open(reason: "\(regions[to]) shows nothing", isLater: false) }
        return .differs
    }
}
