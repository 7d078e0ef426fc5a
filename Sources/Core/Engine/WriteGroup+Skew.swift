import Causality
import Changes
import Wire

/// Changes from too far ahead of the clock, and an operator's word that they are right.
///
/// Merging a time drags the clock along: all that this region writes from then on is stamped beyond
/// it. So a time from further ahead than `driftMilliseconds` is held back, until the clock has caught
/// up or an operator accepts it. What was accepted counts as the clock from then on, with the same
/// bound above it: the source's next changes are a little later still. Other regions then find *this*
/// region's changes too far ahead, and need the same word.
extension WriteGroup {
    func isTooFarAhead(_ time: HybridTime) -> Bool {
        !engine.settings.plantedBugs.contains(.skewAccepted)
            && HybridClock.isTooFarAhead(
                time,
                wallMilliseconds: max(wallMilliseconds, engine.acceptedSkew.milliseconds),
                driftMilliseconds: engine.settings.driftMilliseconds,
            )
    }

    func aheadMilliseconds(_ time: HybridTime) -> UInt64 {
        time.milliseconds > wallMilliseconds ? time.milliseconds - wallMilliseconds : 0
    }

    /// Accepts the time at which the link from a region is held, with what follows it within the
    /// bound.
    ///
    /// `limit` is how far ahead the operator has seen it to be: if what is held by now is further
    /// ahead than the bound beyond that, nothing is accepted.
    /// - Returns: how far ahead of the clock the accepted time is.
    package func acceptSkew(from source: String, limitMilliseconds limit: UInt64) throws -> UInt64 {
        let row = try store.get(.accounts, Array(source.utf8))
        let held = try row.map(LinkAccount.init(decoding:))?.heldTime ?? .zero
        guard held > .zero else {
            throw PeerRefusal(.badRequest, "nothing of \(source) is held back here")
        }
        let ahead = aheadMilliseconds(held)
        guard ahead <= limit.addingClamped(engine.settings.driftMilliseconds) else {
            throw PeerRefusal(.badRequest, "what comes from \(source) is \(ahead) ms ahead by now")
        }
        engine.acceptedSkew = max(engine.acceptedSkew, held)
        var writer = ByteWriter(reserving: 8)
        writer.time(engine.acceptedSkew)
        try store.put(.meta, MetaKey.acceptedSkew, writer.bytes)
        engine.notices.append(
            "an operator accepted changes of \(source) from \(ahead) ms ahead"
        )
        return ahead
    }
}

extension UInt64 {
    fileprivate func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
