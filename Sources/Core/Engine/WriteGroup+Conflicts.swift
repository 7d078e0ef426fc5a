package import Causality
package import Changes
import Wire

/// The conflict log: what goes in, what goes, and how a loser comes back.
///
/// Invariants: a version that loses to one that was not written over it is in the log in the very
/// transaction in which it loses; a record stays for `conflictsRetentionMilliseconds` unless the log
/// outgrows `conflictsBytesMax`, and what goes is counted. The log is the region's own: it goes with
/// the replica.
///
/// **Torn transactions.** A transaction's changes are merged together, but each item has a winner of
/// its own. If another region wrote one of them meanwhile and wins, that item is the other's and the
/// rest the transaction's. The rule could not do otherwise and still converge; what it can do is to say
/// so. A version knows how many items its transaction wrote, so a loser tells that there were others,
/// and the history, which keeps losers too, tells which.
extension WriteGroup {
    /// Lines that one group adds to the region's own log, whatever its batches tear.
    private static let tornNoticesMax = 8
    /// Most bytes of history looked through for the items of one transaction.
    private static let transactionBytesMax = 64 << 20

    func log(winner: Version, loser: Version, _ table: Table, _ key: [UInt8]) throws {
        guard !engine.settings.plantedBugs.contains(.loserNotLogged) else { return }
        var totals = try ConflictTotals.read(of: table.number, from: store)
        let detected = max(wallMilliseconds, totals.lastMilliseconds)
        let record = ConflictRecord(
            table: table.id,
            key: key,
            winner: winner,
            loser: loser,
            detectedMilliseconds: detected,
            transaction: try transaction(
                of: loser,
                at: ConflictRecord.Place(table: table.id, key: key)
            ),
        )
        let row = ConflictKey.key(
            table: table.number,
            detected: detected,
            item: key,
            loser: loser.stamp,
        )
        let value = record.encoded()
        try store.put(.conflicts, row, value)
        totals.lastMilliseconds = detected
        totals.added(bytes: row.count + value.count, isTorn: record.isTorn)
        try store.put(.meta, MetaKey.conflicts(of: table.number), totals.encoded())
        if record.isTorn, engine.notices.count < Self.tornNoticesMax {
            engine.notices.append(
                "the transaction at \(loser.stamp) is torn: one of its "
                    + "\(loser.transactionItems) items, in \(table.name), lost to "
                    + "\(winner.stamp); see globalctl conflicts list --torn"
            )
        }
    }

    // MARK: Torn transactions

    /// Where the items lie that a loser's transaction wrote, as far as this region knows.
    private func transaction(
        of loser: Version,
        at place: ConflictRecord.Place,
    ) throws -> [ConflictRecord.Place] {
        guard loser.transactionItems > 0,
            !engine.settings.plantedBugs.contains(.tornWithoutItems)
        else { return [] }
        var found = Siblings(of: loser)
        for arrival in arrivalsAtHand(at: loser.stamp) { found.add(arrival.head) }
        if loser.stamp.origin == engine.origin {
            try ByteReader.reading(ownRecords) { (reader) throws(MalformedBytes) in
                try found.take(&reader)
            }
        }
        let overlaps = engine.overlaps[loser.stamp.origin]
        var scanned = 0
        try store.range(
            .history,
            from: SegmentKey.first(at: loser.stamp.time, of: loser.stamp.origin),
            to: SegmentKey.end(of: loser.stamp.origin),
            reversed: false,
        ) { key, value in
            guard !found.isWhole, scanned < Self.transactionBytesMax else { return false }
            scanned += value.count
            var reader = ByteReader(value)
            _ = try Segment.Head(&reader)
            try found.take(&reader)
            // Where segments follow one another, the first that ends late enough is the only one.
            let last = try SegmentKey.decode(key).last
            return last == loser.stamp.time || last <= overlaps
        }
        // A copied row has no history here.
        return found.places.contains(place) ? found.places : [place] + found.places
    }

    /// The changes of one time in the batch that is being merged.
    ///
    /// One that is plain is of no transaction.
    private func arrivalsAtHand(at stamp: Stamp) -> [Arrival] {
        var low = 0
        var high = merging.count
        while low < high {
            let middle = (low + high) / 2
            if merging[middle].time < stamp.time {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return merging[low...].prefix { $0.time == stamp.time }.compactMap { incoming in
            guard case .other(let arrival) = incoming, arrival.stamp == stamp else { return nil }
            return arrival
        }
    }

    /// The items of one transaction as they are found, each once.
    private struct Siblings {
        let stamp: Stamp
        let count: Int
        private var found: [UInt16: ConflictRecord.Place] = [:]

        init(of loser: Version) {
            stamp = loser.stamp
            count = Int(loser.transactionItems)
        }

        var isWhole: Bool { found.count >= count }

        /// In the transaction's order.
        var places: [ConflictRecord.Place] {
            found.sorted { $0.key < $1.key }.map(\.value)
        }

        /// Heads are enough: what is behind them may be unreadable, and in quarantine.
        mutating func add(_ head: ChangeCoding.Head) {
            found[head.ordinal] = ConflictRecord.Place(table: head.table, key: head.key)
        }

        mutating func take(_ reader: inout ByteReader) throws(MalformedBytes) {
            while let framed = try ChangeCoding.next(&reader) {
                guard framed.time == stamp.time else { continue }
                var fields = ByteReader(framed.bytes)
                add(try ChangeCoding.Head(&fields))
            }
        }
    }

    // MARK: Retention

    /// Drops records that are too old, and the oldest of the table that has most once all of them
    /// together are too large.
    func trimConflicts(_ left: inout Int) throws {
        let retention = engine.settings.conflictsRetentionMilliseconds
        let cutoff = wallMilliseconds > retention ? wallMilliseconds - retention : 0
        var largest: (number: UInt32, bytes: UInt64)?
        var bytes: UInt64 = 0
        // Nothing is asked of the tables that never had a conflict.
        for (number, _) in try ConflictTotals.all(in: store) where left > 0 {
            let totals = try dropConflicts(of: number, until: cutoff, bytesMin: 0, &left)
            bytes += totals.heldBytes
            if totals.heldBytes > largest?.bytes ?? 0 { largest = (number, totals.heldBytes) }
        }
        guard let largest, bytes > engine.settings.conflictsBytesMax, left > 0 else { return }
        let before = try ConflictTotals.read(of: largest.number, from: store)
        let after = try dropConflicts(
            of: largest.number,
            until: .max,
            bytesMin: bytes - engine.settings.conflictsBytesMax,
            &left,
        )
        let table = engine.catalog.all.first { $0.number == largest.number }
        engine.alarms.append(
            "the conflict log is larger than conflicts.bytesMax: "
                + "\(after.dropped - before.dropped) records of \(table?.name ?? "a dropped table") "
                + "were dropped before their time"
        )
    }

    /// Drops a table's oldest records: all noticed before a time, or as many as have so many bytes.
    private func dropConflicts(
        of number: UInt32,
        until cutoff: UInt64,
        bytesMin: UInt64,
        _ left: inout Int,
    ) throws -> ConflictTotals {
        var totals = try ConflictTotals.read(of: number, from: store)
        let start = Table.rowPrefix(number)
        var last: [UInt8]?
        var count: UInt64 = 0
        var bytes: UInt64 = 0
        try store.range(
            .conflicts,
            from: start,
            to: cutoff == .max
                ? Table.rowPrefix(number + 1) : ConflictKey.first(table: number, from: cutoff),
            reversed: false,
        ) { key, value in
            guard left > 0, bytesMin == 0 || bytes < bytesMin else { return false }
            left -= 1
            count += 1
            bytes += UInt64(key.count + value.count)
            last = [UInt8](key)
            return true
        }
        guard let last else { return totals }
        try store.deleteRange(.conflicts, from: start, to: last + [0])
        let through = try ConflictKey(decoding: last).detectedMilliseconds
        totals.removed(count, bytes: bytes, through: through)
        try store.put(.meta, MetaKey.conflicts(of: number), totals.encoded())
        return totals
    }

    // MARK: Restoring

    /// Writes a conflict's loser over its winner, as a new write, if the winner is still what the
    /// item is.
    ///
    /// A delete that won counts as current while the item is absent: its tombstone may have gone. A
    /// dry run only looks whether it could be done, and gives no stamp.
    ///
    /// Throws `PeerRefusal` if there is no such record or the winner is not current any more,
    ///   `ServiceError` if the table takes no writes here.
    package func restoreConflict(
        _ id: [UInt8],
        isDryRun: Bool,
    ) throws -> (record: ConflictRecord, restored: Stamp?) {
        guard let row = try store.get(.conflicts, id) else {
            throw PeerRefusal(.notFound, "no conflict has this id here")
        }
        let record = try ConflictRecord(decoding: row)
        guard let name = engine.catalog[id: record.table]?.name, record.table != .system else {
            throw PeerRefusal(.unknownTable, "what describes tables is not restored")
        }
        let stamp = try perform { (context: inout WriteContext) throws -> Stamp? in
            let table = try context.table(name)
            let current = try context.version(of: table, at: record.key)
            let isCurrent =
                current.map { $0.stamp == record.winner.stamp } ?? record.winner.isTombstone
            guard isCurrent else {
                let now = current.map { "\($0.stamp)" } ?? "absent"
                throw PeerRefusal(
                    .notCurrent,
                    "the winner \(record.winner.stamp) is not current any more: the item is \(now)",
                )
            }
            try context.checkCollection(
                of: table,
                at: record.key,
                image: record.loser.image,
                sizeBytes: record.loser.sizeBytes,
                over: current,
            )
            guard !isDryRun else { return nil }
            try context.write(
                record.loser.image,
                sizeBytes: record.loser.sizeBytes,
                to: table,
                at: record.key,
                over: current,
            )
            return try context.version(of: table, at: record.key)?.stamp
        }
        return (record, stamp)
    }
}
