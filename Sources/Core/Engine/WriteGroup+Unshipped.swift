import Causality
package import Changes
import Wire

/// Merging what a removed region shipped to nobody, on an operator's word.
///
/// The stamps of these changes are of no use any more: floors and bases have passed them since, and
/// say that they were seen. So each becomes a *new write* here, with a new stamp, if by the merge
/// rule it would have become the current version: where the item is still what it was written over,
/// or is absent since before it, or is a concurrent version with a lesser stamp. What it replaces so,
/// or loses against, goes to the conflict log.
///
/// Merging one twice is harmless: the new write that came of it has the greater stamp.
extension WriteGroup {
    package enum UnshippedOutcome: String, Sendable {
        case written
        /// Another version won; the change is in the conflict log.
        case lost
    }

    package func merge(_ record: UnshippedRecord) throws -> UnshippedOutcome {
        try settleDescriptions()
        try checkNotFencedForOperator()
        let change = try record.decoded()
        guard let table = engine.catalog[id: change.table], table.state.phase == .active else {
            throw PeerRefusal(.unknownTable, "table \(record.table) is not active here")
        }
        if let trouble = engine.trouble(with: change.version, at: change.key, of: table) {
            throw PeerRefusal(.badRequest, "\(change.version.stamp) cannot be applied: \(trouble)")
        }
        guard change.table != .system else {
            throw PeerRefusal(.badRequest, "descriptions are not merged so")
        }
        let version = change.version
        let stored = try self.version(of: table, at: change.key)
        let isOver = stored.map { version.ancestry.covers($0.stamp) } ?? false
        let isLater = version.stamp > (stored?.stamp ?? Stamp.absent(at: table.state.base, version))
        guard isOver || isLater else {
            if let stored { try log(winner: stored, loser: version, table, change.key) }
            return .lost
        }
        if let stored, !isOver { try log(winner: version, loser: stored, table, change.key) }
        try write(
            version.image,
            sizeBytes: version.sizeBytes,
            to: table,
            at: change.key,
            over: stored,
            time: newTime(),
            ordinal: 0,
        )
        return .written
    }

    /// Takes note that a change was merged, wherever that was.
    package func noteMerged(_ row: [UInt8]) throws {
        guard let bytes = try store.get(.unshipped, row) else {
            throw PeerRefusal(.badRequest, "no such change is unshipped")
        }
        var record = try UnshippedRecord(decoding: bytes)
        record.mergedMilliseconds = wallMilliseconds
        try store.put(.unshipped, row, record.encoded())
    }
}

extension Stamp {
    /// As if the item had been deleted at the base, by the same origin.
    fileprivate static func absent(at base: HybridTime, _ version: Version) -> Stamp {
        Stamp(time: base, origin: version.stamp.origin)
    }
}
