import Causality
package import Changes
import Wire

/// What an operator does with changes in quarantine: have them tried again after the mend, or
/// discarded.
extension WriteGroup {
    /// Most changes, and about as many bytes of them, that one piece of a retry looks at.
    private static let retryRowsMax = 500
    private static let retryBytesMax = 8 << 20

    /// What one piece of a retry did.
    package struct Retried: Equatable, Sendable {
        /// What became of the changes that were merged; `received` counts these alone.
        package var tally = Tally()
        /// How many of those looked at are still in quarantine.
        package var held = 0
        /// The row to go on after; nil if there are no more.
        package var next: [UInt8]?

        package init() {}
    }

    /// Merges what can be merged by now of a table's changes in quarantine, or of one item's.
    ///
    /// Of each item in order, through the ordinary merge, until one cannot be: that one and those
    /// behind it stay.
    package func retryQuarantine(
        of id: TableID,
        item: [UInt8]? = nil,
        after place: [UInt8]? = nil,
    ) throws -> Retried {
        try settleDescriptions()
        guard let table = engine.catalog[id: id] else {
            throw PeerRefusal(.unknownTable, "table \(id) is not known here")
        }
        var retried = Retried()
        var blocked: [UInt8]?
        for (row, bytes) in try setAside(of: table, item: item, after: place, &retried.next) {
            let key = try QuarantineKey.decode(row).item
            // An earlier one may stand in front since a piece before this.
            if key == blocked {
                retried.held += 1
            } else if try firstSetAside(key, of: table) != row {
                blocked = key
                retried.held += 1
            } else if let trouble = try release(row, bytes, key, of: table, &retried.tally) {
                blocked = key
                retried.held += 1
                try note(trouble, in: row, bytes)
            }
        }
        try settleDescriptions()
        return retried
    }

    /// Takes the change that stands in front of an item's others out of quarantine without merging
    /// it, and keeps it on record; then merges what waited behind it.
    ///
    /// The row names the change, so that nothing else is discarded than what the operator has seen.
    package func discardQuarantined(_ row: [UInt8]) throws -> Retried {
        try settleDescriptions()
        let (number, key, _) = try QuarantineKey.decode(row)
        guard let table = engine.catalog.all.first(where: { $0.number == number }),
            let bytes = try store.get(.quarantine, row)
        else {
            throw PeerRefusal(.badRequest, "no such change is in quarantine")
        }
        guard try firstSetAside(key, of: table) == row else {
            throw PeerRefusal(.badRequest, "another change of the item stands in front of this one")
        }
        let record = try QuarantineRecord(decoding: bytes)
        let stamp = Stamp(time: try record.head().time, origin: record.origin)
        let discard = DiscardRecord(record: record, discardedMilliseconds: wallMilliseconds)
        let kept = DiscardKey.key(table.number, wallMilliseconds, stamp, key)
        try store.put(.discards, kept, discard.encoded())
        try removeQuarantined(row, record, of: table)
        engine.notices.append("\(stamp) of table \(table.name) was discarded from quarantine")
        return try retryQuarantine(of: table.id, item: key)
    }

    /// The next changes in quarantine, and where to go on.
    private func setAside(
        of table: Table,
        item: [UInt8]?,
        after place: [UInt8]?,
        _ next: inout [UInt8]?,
    ) throws -> [(row: [UInt8], bytes: [UInt8])] {
        let start = item.map { QuarantineKey.prefix(table.number, $0) } ?? table.rowPrefix
        let end = item.map { QuarantineKey.end(table.number, $0) } ?? table.rowEnd
        var found: [(row: [UInt8], bytes: [UInt8])] = []
        var bytes = 0
        var more: [UInt8]?
        try store.range(
            .quarantine,
            from: place.map { $0 + [0] } ?? start,
            to: end,
            reversed: false,
        ) { row, value in
            if found.count >= WriteGroup.retryRowsMax || bytes >= WriteGroup.retryBytesMax {
                more = found.last?.row
                return false
            }
            bytes += value.count
            found.append(([UInt8](row), [UInt8](value)))
            return true
        }
        next = more
        return found
    }

    /// Merges one change and takes it out of quarantine.
    /// - Returns: why it still cannot be merged; nil if it was.
    private func release(
        _ row: [UInt8],
        _ bytes: [UInt8],
        _ key: [UInt8],
        of table: Table,
        _ tally: inout Tally,
    ) throws -> String? {
        let record = try QuarantineRecord(decoding: bytes)
        let change: Change
        do {
            change = try record.decoded()
        } catch {
            return "\(error)"
        }
        if let trouble = engine.trouble(with: change.version, at: key, of: table) {
            return trouble
        }
        if let trouble = try merge(change.version, into: table, at: key, &tally) {
            return trouble
        }
        tally.received += 1
        try removeQuarantined(row, record, of: table)
        return nil
    }

    /// Keeps why a change could not be merged this time.
    private func note(_ trouble: String, in row: [UInt8], _ bytes: [UInt8]) throws {
        guard var record = try? QuarantineRecord(decoding: bytes), record.reason != trouble else {
            return
        }
        record.reason = trouble
        try store.put(.quarantine, row, record.encoded())
    }
}
