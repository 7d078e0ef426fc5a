import Causality
import Changes
import Items

/// The fast path of this region's own writes: an image over a version that is read where it lies, or
/// over nothing, from bytes to bytes.
///
/// By `write` both versions become values, the one before with its image, and are written out again.
/// Here nothing is made of them: a put takes the writer 11,000 instructions fewer of 31,000, and ten
/// allocations.
///
/// **Invariant.** It does what `write` would have done, to the byte. `PlainWriteTests` hold both to the
/// same stores.
extension WriteGroup {
    /// Stores an image over what is plainly there.
    /// - Returns: nil where `write` has to do it; nothing was changed then.
    func writePlainly(
        _ image: [UInt8],
        sizeBytes: Int,
        to target: PlainTarget,
        over present: Present,
        time: HybridTime,
        ordinal: UInt16,
        transactionItems: UInt8,
    ) throws -> WriteEffects? {
        let stored = present.stored
        guard canDerive(from: stored, in: target.derived) else { return nil }
        if let table = target.derived {
            try checkCounts(of: table)
        } else {
            _ = try counts(of: target.number)
        }
        if let stored {
            precondition(stored.time < time, "a new time exceeds the stamp it overwrites")
        }
        // What `write` says of the base holds here too.
        let floor = max(
            target.base,
            engine.stableTime(of: target),
            stored?.ancestry.floor ?? .zero,
        )
        // So it is while this region and the one that wrote before are members of the table.
        guard time > floor else { return nil }
        rowValue.bytes.removeAll(keepingCapacity: true)
        try ownOrigin.withUnsafeBytes { origin in
            let write = PlainWrite(
                of: image,
                sizeBytes: sizeBytes,
                at: time,
                by: OriginBytes(origin),
                floor: floor,
                transactionItems: transactionItems,
            )
            let tail = write.appendVersion(over: stored?.ancestry, to: &rowValue)
            try rowValue.bytes.withUnsafeBytes { value in
                try store.put(.items, present.row, value)
                record(in: target.id, at: time) { records in
                    write.appendChange(
                        to: target.id,
                        at: present.key,
                        ordinal: ordinal,
                        tail: UnsafeRawBufferPointer(rebasing: value[tail...]),
                        to: &records,
                    )
                }
            }
        }
        if let stream = target.stream {
            try image.withUnsafeBytes { image in
                try recordPlainly(
                    stored,
                    by: image,
                    sizeBytes: sizeBytes,
                    at: present.key,
                    in: stream,
                )
            }
        }
        try adjust(
            target.number,
            items: stored == nil ? 1 : 0,
            bytes: sizeBytes - (stored?.sizeBytes ?? 0),
        )
        guard let table = target.derived else { return WriteEffects() }
        return try image.withUnsafeBytes { image in
            try derive(from: stored, to: (image, sizeBytes), at: present.key, in: table)
        }
    }

    /// Whether indexes can tell what they hold of what is stored: it is checked before anything is written.
    func canDerive(from stored: StoredVersion?, in table: Table?) -> Bool {
        guard let stored, let table, !table.indexes.isEmpty else { return true }
        return (try? StoredItem(checking: stored.image)) != nil
    }

    /// Brings the order of expiry and the indexes of a table from what was stored to an image in its place.
    @discardableResult
    func derive(
        from stored: StoredVersion?,
        to new: (image: UnsafeRawBufferPointer, sizeBytes: Int),
        at keyBytes: UnsafeRawBufferPointer,
        in table: Table,
    ) throws -> WriteEffects {
        let key = [UInt8](keyBytes)
        if let expiry = table.state.expiry {
            try keepExpiry(expiry, from: stored?.image, to: new.image, at: key)
        }
        guard !table.indexes.isEmpty else { return WriteEffects() }
        return try maintainIndexes(
            of: table,
            at: key,
            from: stored.map { IndexedImage(known: $0.image, sizeBytes: $0.sizeBytes) },
            to: IndexedImage(known: new.image, sizeBytes: new.sizeBytes),
        )
    }

    /// Calls `body` with what is stored at a key, where it lies; it may write there.
    func withPresent<Result>(
        of table: Table,
        at key: [UInt8],
        _ body: (Present) throws -> Result,
    ) throws -> Result {
        try withPresent(ofNumber: table.number, { $0.raw(key) }, body)
    }

    /// The same where `putKey` appends the key to the row's.
    func withPresent<Result>(
        ofNumber table: UInt32,
        _ putKey: (inout ByteWriter) throws -> Void,
        _ body: (Present) throws -> Result,
    ) throws -> Result {
        var row = takeRow()
        defer { spareRow = row }
        row.uint32(table)
        try putKey(&row)
        var result: Result?
        try row.bytes.withUnsafeBytes { row in
            try store.look(.items, row) {
                result = try body(Present(row: row, $0, latest: latestTime))
            }
        }
        guard let result else { preconditionFailure("a store calls back once") }
        return result
    }

    /// Merged or written, nothing that is stored is newer; but for what a planted bug does.
    private var latestTime: HybridTime {
        engine.settings.plantedBugs.isEmpty ? engine.clock.last : .greatest
    }

    /// Memory for a row's key that nobody else uses meanwhile.
    private func takeRow() -> ByteWriter {
        var row = ByteWriter()
        swap(&row, &spareRow)
        row.bytes.removeAll(keepingCapacity: true)
        return row
    }
}
