import Causality
import Changes
import Items

/// Time to live: which items expire when, kept with the items, and the sweep that deletes them.
///
/// Each region keeps its own order of expiry by the table's setting, and sweeps by itself. An item is
/// left for a while to the region that wrote it, so that one region deletes it and the others hear of
/// that; where that region is away, the others do it. Two that do it both say the same thing, which
/// the merge rule knows (`Rank`).
extension WriteGroup {
    /// Keeps an item's entry where its expiry changes.
    func keepExpiry(
        _ expiry: TableState.Expiry,
        of current: Version?,
        by version: Version,
        at key: [UInt8],
    ) throws {
        let old = ExpiryEntry.seconds(of: current, expiry.attribute)
        let new = ExpiryEntry.seconds(of: version, expiry.attribute)
        try keepExpiry(expiry, from: old, to: new, at: key)
    }

    /// The same with images where they lie; nil for no item.
    func keepExpiry(
        _ expiry: TableState.Expiry,
        from old: UnsafeRawBufferPointer?,
        to new: UnsafeRawBufferPointer,
        at key: [UInt8],
    ) throws {
        let before = old.flatMap { ExpiryEntry.seconds(of: $0, expiry.attribute) }
        let after = ExpiryEntry.seconds(of: new, expiry.attribute)
        try keepExpiry(expiry, from: before, to: after, at: key)
    }

    private func keepExpiry(
        _ expiry: TableState.Expiry,
        from old: UInt64?,
        to new: UInt64?,
        at key: [UInt8],
    ) throws {
        guard old != new else { return }
        if let old { try store.delete(.expiries, ExpiryEntry.key(expiry.number, old, key)) }
        if let new { try store.put(.expiries, ExpiryEntry.key(expiry.number, new, key), []) }
    }

    /// Brings the order of expiry here to what the table's description asks for.
    ///
    /// Every enabling has a number of its own, so entries by another attribute are never met; they go
    /// a few at a time. Rows of a copy get entries once the copy is whole.
    func settleExpiry(of id: TableID) throws {
        guard id != .system, let table = engine.catalog[id: id], table.state.isMerging,
            table.state.expiry?.attribute != table.description.expiryAttribute
        else { return }
        if let before = table.state.expiry { try purge(before.number) }
        var expiry: TableState.Expiry?
        if let attribute = table.description.expiryAttribute {
            expiry = TableState.Expiry(number: try engine.takeNumber(store), attribute: attribute)
        }
        changeState(id) { $0.expiry = expiry }
    }

    // MARK: Filling

    /// Bytes of items that one round of chores reads to make entries.
    private static let fillBytesMax = 8 << 20

    /// Makes entries for the items that a table had before.
    func fillExpiries(_ left: inout Int) throws {
        for table in engine.catalog.all {
            guard left > 0 else { return }
            guard let expiry = table.state.expiry, !expiry.isWhole else { continue }
            try fill(expiry, of: table, &left)
        }
    }

    private func fill(_ before: TableState.Expiry, of table: Table, _ left: inout Int) throws {
        var expiry = before
        var entries: [[UInt8]] = []
        var bytes = 0
        let from = expiry.after.map { table.row($0) + [0] } ?? table.rowPrefix
        expiry.isWhole = true
        try store.range(.items, from: from, to: table.rowEnd, reversed: false) { row, value in
            guard left > 0, bytes < WriteGroup.fillBytesMax else {
                expiry.isWhole = false
                return false
            }
            left -= 1
            bytes += value.count
            let key = [UInt8](row[Table.rowPrefixBytes...])
            expiry.after = key
            guard let image = try Version.image(of: value)?.image,
                let seconds = ExpiryEntry.seconds(of: image, expiry.attribute)
            else { return true }
            entries.append(ExpiryEntry.key(expiry.number, seconds, key))
            return true
        }
        for entry in entries { try store.put(.expiries, entry, []) }
        // There is more to do at once, whatever ended the walk.
        if !expiry.isWhole { left = 0 }
        changeState(table.id) { $0.expiry = expiry }
    }

    // MARK: Sweeping

    /// Most entries that one piece of a sweep looks at.
    private static let sweepRowsMax = 500
    /// What has expired for longer is left alone, as a number of seconds that was meant otherwise.
    ///
    /// See https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
    private static let pastSecondsMax: UInt64 = 5 * 365 * 86_400

    /// Deletes the next items that have expired.
    ///
    /// - Returns: where to go on; nil once the sweep has been through all tables.
    package func sweepExpired(after place: ExpiryPlace?) throws -> ExpiryPlace? {
        try settleDescriptions()
        // A delete by time to live is a write of this region's own; others sweep as well.
        let isFenced = engine.catalog.fence != nil
        guard !isFenced || engine.settings.plantedBugs.contains(.expiryIgnoresFence) else {
            return nil
        }
        let now = wallMilliseconds / 1_000
        let earliest = now - min(now, WriteGroup.pastSecondsMax)
        var left = WriteGroup.sweepRowsMax
        for table in engine.catalog.all where table.state.phase == .active {
            guard let expiry = table.state.expiry, place.map({ $0.table <= table.id }) ?? true
            else { continue }
            var from = ExpiryEntry.key(expiry.number, earliest)
            if let place, place.table == table.id, place.key.starts(with: from.prefix(4)) {
                from = place.key + [0]
            }
            var due: [(seconds: UInt64, item: [UInt8])] = []
            var last: [UInt8]?
            let end = ExpiryEntry.key(expiry.number, now)
            try store.range(.expiries, from: from, to: end, reversed: false) { key, _ in
                due.append(try ExpiryEntry.decode(key))
                last = [UInt8](key)
                left -= 1
                return left > 0
            }
            for entry in due { try expire(entry.item, at: entry.seconds, in: table, expiry) }
            if left <= 0, let last { return ExpiryPlace(table: table.id, key: last) }
        }
        return nil
    }

    /// Deletes an item as the version that is current, and only if that one has expired.
    private func expire(
        _ key: [UInt8],
        at seconds: UInt64,
        in table: Table,
        _ expiry: TableState.Expiry,
    ) throws {
        let current: Version?
        do {
            current = try version(of: table, at: key)
        } catch let damaged as MalformedBytes {
            engine.alarms.append(
                "an item of \(table.name) that is to expire cannot be read: \(damaged)"
            )
            return
        }
        guard let current,
            ExpiryEntry.seconds(of: current, expiry.attribute) == seconds
        else { return }
        let isOverdue =
            wallMilliseconds - seconds * 1_000 >= engine.settings.expiryGraceMilliseconds
        guard current.stamp.origin.region == engine.region || isOverdue else { return }
        _ = try perform(isBehindFence: true) { context in
            try context.write(
                nil,
                sizeBytes: 0,
                to: table,
                at: key,
                over: current,
                expired: current.stamp,
            )
        }
    }
}

/// How far a sweep has come: the last entry it looked at.
package struct ExpiryPlace: Equatable, Sendable {
    let table: TableID
    /// A key of `Keyspace.expiries`.
    let key: [UInt8]
}
