import Causality
import Changes
import Items

/// That every derived row is called for by an item, and that counts and sizes are those of the rows.
extension DerivedAudit {
    func indexes(_ piece: inout Piece) throws {
        // What is left of a removed index goes a little at a time; and of one that the snapshot has
        // just taken up, the description may not be known yet.
        let described = Set(table.indexes.map(\.number.number))
        let passing = Set(table.state.indexes.entries.map(\.number)).subtracting(described)
        try walk(.indexes, &piece, from: table.rowPrefix, to: table.rowEnd) { piece, row, _ in
            var reader = ByteReader(row)
            _ = try reader.uint32()
            let number = try reader.uint32()
            if passing.contains(number) { return }
            guard let index = table.indexes.first(where: { $0.number.number == number }) else {
                let problem = "rows of an index that there is none of, under number \(number)"
                return piece.reply.findings.append(finding("indexes", problem))
            }
            let entry = UnsafeRawBufferPointer(rebasing: row[IndexNumber.rowPrefixBytes...])
            guard let (_, count) = IndexKey.decode(entry, index.schema) else {
                let problem = "holds an entry that cannot be read"
                return piece.reply.findings.append(finding("index \(index.name)", problem))
            }
            let key = [UInt8](entry[count...])
            guard try !isCalledFor([UInt8](row), by: key, index) else { return }
            let problem = "holds an entry that the item does not call for"
            piece.reply.findings.append(finding("index \(index.name)", problem, key))
        }
    }

    private func isCalledFor(_ row: [UInt8], by key: [UInt8], _ index: TableIndex) throws -> Bool {
        guard index.covers(key), let version = try version(key),
            let item = try? version.item(), let entry = index.entry(of: item, version)
        else { return false }
        return index.row(entry.key, key) == row
    }

    func expiries(_ piece: inout Piece) throws {
        guard let expiry = table.state.expiry else { return }
        let (from, to) = (Table.rowPrefix(expiry.number), Table.rowPrefix(expiry.number + 1))
        try walk(.expiries, &piece, from: from, to: to) { piece, row, _ in
            let (seconds, key) = try ExpiryEntry.decode(row)
            let version = try version(key)
            guard ExpiryEntry.seconds(of: version, expiry.attribute) != seconds else { return }
            let problem = "holds an entry that the item does not call for"
            piece.reply.findings.append(finding("expiry", problem, key))
        }
    }

    func tombstones(_ piece: inout Piece) throws {
        try walk(.tombstones, &piece, from: table.rowPrefix, to: table.rowEnd) { piece, row, _ in
            var reader = ByteReader(row)
            _ = try reader.uint32()
            let time = try reader.time()
            let key = [UInt8](reader.rest())
            if let version = try version(key), version.isTombstone, version.stamp.time == time {
                return
            }
            piece.reply.findings.append(finding("tombstones", "hold one that is none", key))
        }
    }

    func collections(_ piece: inout Piece) throws {
        guard table.hasLocalIndexes else { return }
        let (from, to) = (table.rowPrefix, table.rowEnd)
        try walk(.collections, &piece, from: from, to: to) { piece, row, value in
            let prefix = [UInt8](row[Table.rowPrefixBytes...])
            let stored = try CollectionKey.sizeBytes(of: [UInt8](value))
            guard let sum = try size(ofCollection: prefix, &piece) else {
                piece.reply.unchecked.append("an item collection of too many items")
                return
            }
            guard sum != stored else { return }
            let problem = "of \(stored) bytes holds items and local entries of \(sum)"
            let first = try firstKey(ofCollection: prefix)
            piece.reply.findings.append(finding("item collection", problem, first ?? prefix))
        }
    }

    /// What the items of a collection and their entries in local indexes add up to; nil for one of
    /// too many items.
    private func size(ofCollection prefix: [UInt8], _ piece: inout Piece) throws -> Int64? {
        var sum: Int64 = 0
        var rows = 0
        try eachItem(ofCollection: prefix) { key, version in
            rows += 1
            guard rows <= DerivedAudit.collectionRowsMax else { return false }
            guard let version, let item = try? version.item() else { return true }
            sum += Int64(version.sizeBytes)
            for index in table.indexes where index.isLocal && index.covers(key) {
                sum += Int64(index.entry(of: item, version)?.sizeBytes ?? 0)
            }
            return true
        }
        piece.reply.rows += rows
        return rows <= DerivedAudit.collectionRowsMax ? sum : nil
    }

    private func firstKey(ofCollection prefix: [UInt8]) throws -> [UInt8]? {
        var first: [UInt8]?
        try eachItem(ofCollection: prefix) { key, _ in
            first = key
            return false
        }
        return first
    }

    private func eachItem(
        ofCollection prefix: [UInt8],
        _ body: ([UInt8], Version?) throws -> Bool,
    ) throws {
        let end = ItemKey.upperBound(ofPrefix: prefix).map(table.row) ?? table.rowEnd
        try store.range(.items, from: table.row(prefix), to: end, reversed: false) { row, value in
            let version = try? Version(decoding: value)
            return try body([UInt8](row[Table.rowPrefixBytes...]), version)
        }
    }

    // MARK: Counts

    func counts(_ piece: inout Piece) throws {
        let reading = ReadContext(catalog: catalog, store: store)
        let stored = try reading.counts(of: table)
        let indexes = try reading.indexCounts(of: table)
        guard let found = try countItems(&piece) else {
            piece.reply.unchecked.append("the table's counts: it has too many rows")
            return
        }
        compare(stored, found, "counts", &piece)
        for index in table.indexes {
            guard let found = try count(index, &piece) else {
                piece.reply.unchecked.append("the counts of index \(index.name)")
                continue
            }
            let stored = indexes[index.number.number] ?? TableCounts()
            compare(stored, found, "counts of index \(index.name)", &piece)
        }
    }

    private func compare(
        _ stored: TableCounts,
        _ found: TableCounts,
        _ subject: String,
        _ piece: inout Piece,
    ) {
        guard stored != found else { return }
        let problem =
            "say \(stored.items) of \(stored.bytes) bytes, and there are \(found.items) of "
            + "\(found.bytes)"
        piece.reply.findings.append(finding(subject, problem))
    }

    /// All counts as the rows say; nil for a table or an index of more than `rowsMax` rows.
    func counted(rowsMax: Int) throws -> (items: TableCounts, indexes: [TableCounts])? {
        var piece = Piece(DerivedRequest.Place(.counts))
        guard let items = try countItems(&piece, rowsMax) else { return nil }
        var indexes: [TableCounts] = []
        for index in table.indexes {
            guard let counts = try count(index, &piece, rowsMax) else { return nil }
            indexes.append(counts)
        }
        return (items, indexes)
    }

    private func countItems(
        _ piece: inout Piece,
        _ rowsMax: Int = countRowsMax,
    ) throws -> TableCounts? {
        var counts = TableCounts()
        var rows = 0
        try store.range(
            .items,
            from: table.rowPrefix,
            to: table.rowEnd,
            reversed: false,
        ) { _, value in
            rows += 1
            // What cannot be read was found before, and counts as what it was.
            if let item = try? Version.image(of: value) {
                counts.items += 1
                counts.bytes += Int64(item.sizeBytes)
            }
            return rows <= rowsMax
        }
        piece.reply.rows += rows
        return rows <= rowsMax ? counts : nil
    }

    private func count(
        _ index: TableIndex,
        _ piece: inout Piece,
        _ rowsMax: Int = countRowsMax,
    ) throws -> TableCounts? {
        var counts = TableCounts()
        var rows = 0
        try store.range(
            .indexes,
            from: index.number.rowPrefix,
            to: index.number.rowEnd,
            reversed: false,
        ) { _, value in
            rows += 1
            if let entry = try? IndexEntry.image(of: value) {
                counts.items += 1
                counts.bytes += Int64(entry.sizeBytes)
            }
            return rows <= rowsMax
        }
        piece.reply.rows += rows
        return rows <= rowsMax ? counts : nil
    }
}
