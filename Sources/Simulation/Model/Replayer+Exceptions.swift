import Causality
import Changes
import Engine

/// Where a region rightly does not do what the plain model says: each is what ARCHITECTURE lists under
/// what is not guaranteed, or is looked at by a checker of its own.
extension Replayer {
    /// Whether a write is one that went with the files of the table's only member, so that it counts as
    /// deleted since, or overwritten, where it comes again.
    ///
    /// A base rises to what all members hold. So nothing at or below it comes to a region that has not
    /// held it or what overwrote it, with one exception: a writer that had left, and so handed it to
    /// members that were started from older files since, joins again and gives what its history has.
    /// A delete that was forgotten meanwhile may have been one of the same item, made by those who had
    /// not seen the write again. ARCHITECTURE says so under what is not guaranteed.
    func isLostWithFiles(_ version: RegionModel.Version, base: HybridTime) -> Bool {
        !putBack.isEmpty && version.stamp.time <= base
    }

    /// Whether a delete was forgotten, and a region that was started from older files, which had not
    /// seen it, wrote over it.
    ///
    /// All had the delete when it was forgotten, and so had that region: it went with its files. That no
    /// record names it is what ARCHITECTURE says under what is not guaranteed. Nor can the delete win any
    /// more, as it would over that region's expiry of the version that it had deleted.
    func isForgotten(
        _ delete: RegionModel.Version?,
        by writer: RegionModel.Version,
        base: HybridTime,
    ) -> Bool {
        guard let delete, delete.isTombstone, delete.stamp.time <= base else { return false }
        return writer.stamp.time > base && putBack.contains(writer.stamp.origin.region)
    }

    /// Whether a loser is this region's own, and goes aside as unshipped in this very commit.
    ///
    /// One batch may say that the region was removed, and bring what was written after that, with a
    /// floor that waits for it no more. What such a floor covers has no record of a conflict;
    /// `UnshippedChecker` sees that it is kept.
    func isSetAsideByRemoval(
        _ loser: Stamp,
        _ table: TableID,
        floor: HybridTime,
    ) -> Bool {
        engine.catalog[id: table]?.state.phase == .expelled
            && loser.origin.region == region.name && loser.time <= floor
    }
}
