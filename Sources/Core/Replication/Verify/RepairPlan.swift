package import Causality
package import Changes

/// How the regions that do not hold one item alike are brought to agree.
///
/// **Which version is right.** Merging chooses the greatest rank of all changes of the item that there
/// are. They are what regions show, and what their histories hold: a history keeps every change that
/// a region took, losers included, unchanged. So the right version is the greatest of these. If it is
/// a delete that only a history knows still, because its tombstone was forgotten, then the region that
/// shows the item missed it (invariant 6: a deleted item does not come back).
///
/// **How it gets there.** By the ordinary merge, in every region that shows another version: what
/// loses goes to the conflict log where it was not seen. The rule cannot be used in two cases, and
/// then the version is *restored* as it is, on evidence, or the item is left unrepaired:
///
/// - *Another image under the same stamp.* A stamp names one change, so one of the images is no
///   change at all. The histories decide; if none holds the change, or they differ, nobody can tell.
/// - *Nothing, with a base that covers the version.* The base says that a delete was forgotten there
///   (to merge the version would be to bring it back), or the row was lost. A history that is whole
///   from before the version, of a region whose vector covers that of the region that shows nothing,
///   and that holds nothing above the version, shows that there was no such delete: the row was
///   lost. Without such a history it cannot be told.
///
/// No stamp is made, and nothing is chosen by majority.
package struct RepairPlan: Equatable, Sendable {
    /// One region's evidence about the item.
    package struct Witness: Sendable {
        package let region: String
        package let item: TraceReply.Item
        package let vector: VersionVector
        package let base: HybridTime
        package let wholeFrom: HybridTime

        package init(_ region: String, _ item: TraceReply.Item, of reply: TraceReply) {
            self.region = region
            self.item = item
            vector = reply.vector
            base = reply.base
            wholeFrom = reply.wholeFrom
        }
    }

    package struct Order: Equatable, Sendable {
        package let region: String
        package let version: [UInt8]
        package let manner: RepairRequest.Manner
    }

    /// In the order in which they are to be carried out; none where all agree by now.
    package private(set) var orders: [Order] = []

    /// Why nobody can tell which version is right.
    package struct Undecidable: Error, Equatable, Sendable {
        package let reason: String
    }

    package init(_ witnesses: [Witness]) throws(Undecidable) {
        if let one = witnesses.first(where: { $0.item.isQuarantined }) {
            throw Undecidable(reason: "\(one.region) has changes of it in quarantine")
        }
        let shown = try witnesses.map { (one) throws(Undecidable) in try RepairPlan.shown(by: one) }
        let traced = witnesses.compactMap(\.item.greatest).compactMap {
            try? Version(decoding: $0)
        }
        let all = shown.compactMap { $0 } + traced
        guard let best = all.max(by: { $0.contender.rank < $1.contender.rank }) else { return }
        let right = try RepairPlan.image(of: best, shown: shown.compactMap { $0 }, traced)
        for (witness, version) in zip(witnesses, shown) {
            let manner = try RepairPlan.manner(witness, version, right, witnesses)
            guard let manner else { continue }
            orders.append(
                Order(region: witness.region, version: right.encoded(), manner: manner)
            )
        }
        orders += try RepairPlan.losers(witnesses, shown, right)
    }

    private static func shown(by witness: Witness) throws(Undecidable) -> Version? {
        guard let stored = witness.item.stored else { return nil }
        guard let version = try? Version(decoding: stored) else {
            throw Undecidable(reason: "the row in \(witness.region) cannot be read")
        }
        guard witness.vector.covers(version.stamp) else {
            throw Undecidable(
                reason:
                    "\(witness.region) shows \(version.stamp), which its own vector does not cover"
            )
        }
        return version
    }

    /// The version with the image that its stamp stands for.
    private static func image(
        of best: Version,
        shown: [Version],
        _ traced: [Version],
    ) throws(Undecidable) -> Version {
        let changes = traced.filter { $0.stamp == best.stamp }
        let claims = changes.isEmpty ? shown.filter { $0.stamp == best.stamp } : changes
        guard let first = claims.first, claims.allSatisfy({ $0.image == first.image }) else {
            throw Undecidable(
                reason: "there are two images under \(best.stamp), and no history tells which it is"
            )
        }
        return first
    }

    /// What one region is to do; nil where it shows what is right.
    private static func manner(
        _ witness: Witness,
        _ version: Version?,
        _ right: Version,
        _ witnesses: [Witness],
    ) throws(Undecidable) -> RepairRequest.Manner? {
        if let version {
            guard version.stamp == right.stamp else { return .merge }
            return version.image == right.image ? nil : .restore(over: witness.item.stored)
        }
        if right.isTombstone { return nil }
        if right.stamp.time > witness.base { return .merge }
        let isProven = witnesses.contains { other in
            other.wholeFrom <= right.stamp.time && other.vector.covers(witness.vector)
        }
        guard isProven else {
            throw Undecidable(
                reason:
                    "\(witness.region) shows nothing and may have forgotten a delete; no history "
                    + "reaches back to \(right.stamp)"
            )
        }
        return .restore(over: nil)
    }

    /// What others show beside it is merged everywhere too: what the regions have seen becomes the
    /// same, and who lost without having been seen is on record.
    private static func losers(
        _ witnesses: [Witness],
        _ shown: [Version?],
        _ right: Version,
    ) throws(Undecidable) -> [Order] {
        var orders: [Order] = []
        for version in shown.compactMap({ $0 }) where version.stamp != right.stamp {
            for witness in witnesses where witness.vector.covers(version.stamp) {
                orders.append(
                    Order(region: witness.region, version: version.encoded(), manner: .merge)
                )
            }
        }
        return orders
    }
}
