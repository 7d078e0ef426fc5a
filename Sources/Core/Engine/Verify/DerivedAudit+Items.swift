import Causality
import Changes
import Items

/// That everything an item calls for is there.
extension DerivedAudit {
    func items(_ piece: inout Piece) throws {
        var collection: [UInt8]?
        try walk(.items, &piece, from: table.rowPrefix, to: table.rowEnd) { piece, row, value in
            let key = [UInt8](row[Table.rowPrefixBytes...])
            guard let version = try? Version(decoding: value) else {
                return piece.reply.findings.append(finding("item", "cannot be read", key))
            }
            do {
                try RegionEngine.check(version, at: key, of: table)
            } catch let refusal as PeerRefusal {
                return piece.reply.findings.append(finding("item", refusal.message, key))
            }
            if version.isTombstone {
                try checkMark(version, at: key, &piece)
            } else {
                try checkExpiry(version, at: key, &piece)
                try checkEntries(version, at: key, &piece)
                try checkCollection(key, &collection, &piece)
            }
        }
    }

    private func checkMark(_ version: Version, at key: [UInt8], _ piece: inout Piece) throws {
        let mark = TombstoneKey.key(table.number, version.stamp.time, key)
        guard try store.get(.tombstones, mark) == nil else { return }
        piece.reply.findings.append(finding("tombstones", "lack this one", key))
    }

    private func checkExpiry(_ version: Version, at key: [UInt8], _ piece: inout Piece) throws {
        guard let expiry = table.state.expiry, isFilled(expiry, through: key),
            let entry = ExpiryEntry.key(of: version, at: key, in: expiry),
            try store.get(.expiries, entry) == nil
        else { return }
        piece.reply.findings.append(finding("expiry", "lacks the item's entry", key))
    }

    /// While entries are being made for items that were there before, those behind that have theirs.
    private func isFilled(_ expiry: TableState.Expiry, through key: [UInt8]) -> Bool {
        expiry.isWhole || expiry.after.map { ByteOrder.compare(key, $0) <= 0 } ?? false
    }

    private func checkEntries(_ version: Version, at key: [UInt8], _ piece: inout Piece) throws {
        guard !table.indexes.isEmpty else { return }
        let item = try version.item()
        for index in table.indexes where index.covers(key) {
            guard let entry = index.entry(of: item, version) else { continue }
            let subject = "index \(index.name)"
            guard let stored = try store.get(.indexes, index.row(entry.key, key)) else {
                piece.reply.findings.append(finding(subject, "lacks the item's entry", key))
                continue
            }
            if !DerivedAudit.isSame(stored, entry) {
                piece.reply.findings.append(finding(subject, "shows another item", key))
            }
        }
    }

    /// Whether an entry shows what it is to show, whatever the order of its bytes.
    private static func isSame(_ stored: [UInt8], _ entry: IndexEntry) -> Bool {
        if stored == entry.encoded { return true }
        let found = stored.withUnsafeBytes { value -> (item: Item, sizeBytes: Int)? in
            guard let shown = try? IndexEntry.image(of: value),
                let item = try? Item(decoding: shown.image)
            else { return nil }
            return (item, shown.sizeBytes)
        }
        guard let found, let wanted = try? Item(decoding: entry.image) else { return false }
        return found.item == wanted && found.sizeBytes == entry.sizeBytes
    }

    /// Items of one collection follow one another.
    private func checkCollection(
        _ key: [UInt8],
        _ last: inout [UInt8]?,
        _ piece: inout Piece,
    ) throws {
        guard table.hasLocalIndexes else { return }
        let row = try CollectionKey.key(of: table, itemKey: key)
        guard row != last else { return }
        last = row
        guard try store.get(.collections, row) == nil else { return }
        piece.reply.findings.append(finding("item collections", "lack the item's", key))
    }
}
