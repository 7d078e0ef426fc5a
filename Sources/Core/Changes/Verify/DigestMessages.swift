/// What `globalctl verify` asks a region: the digests of some stretches of a table's keys.
///
/// Keys begin with a hash of their partition key, so a stretch is a range of hashes, and within one
/// hash a range of keys. One region cuts the stretches by the rows that it has, so that none is much
/// longer than another whatever the keys are; the others are asked for the same ones.
package struct DigestRequest: Equatable, Sendable {
    package enum Cut: Equatable, Sendable {
        /// Where the region's own rows are enough for one.
        case byRows
        /// At these keys; after the last one up to the table's end if `isToEnd`.
        case at([[UInt8]], isToEnd: Bool)
    }

    package var table: TableID
    /// The first key.
    package var from: [UInt8]
    package var cut: Cut
    /// The region stops at so many rows, or before, at a bound of its own.
    package var rowsMax: Int

    package init(table: TableID, from: [UInt8], cut: Cut, rowsMax: Int) {
        self.table = table
        self.from = from
        self.cut = cut
        self.rowsMax = rowsMax
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 4096)
        writer.table(table)
        writer.block(from)
        writer.count(rowsMax)
        switch cut {
        case .byRows: writer.byte(0)
        case .at(let keys, let isToEnd):
            writer.byte(isToEnd ? 2 : 1)
            writer.count(keys.count)
            for key in keys { writer.block(key) }
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            let from = try reader.block()
            let rowsMax = try reader.count()
            var cut = Cut.byRows
            let kind = try reader.byte()
            if kind != 0 {
                var keys: [[UInt8]] = []
                for _ in 0..<(try reader.count(bytesEach: 1)) { keys.append(try reader.block()) }
                cut = .at(keys, isToEnd: kind == 2)
            }
            return DigestRequest(table: table, from: from, cut: cut, rowsMax: rowsMax)
        }
    }
}

/// What a region holds of some stretches, one after another, in one snapshot.
package struct DigestReply: Equatable, Sendable {
    package struct Stretch: Equatable, Sendable {
        /// The first key after it; nil at the table's end.
        package var end: [UInt8]?
        /// Live items; a tombstone equals absence.
        package var items: Int
        package var digest: ContentDigest

        package init(end: [UInt8]?, items: Int, digest: ContentDigest) {
            self.end = end
            self.items = items
            self.digest = digest
        }
    }

    /// As asked.
    package var from: [UInt8]
    /// Those that were done whole, in order; of a request with keys a beginning.
    package var stretches: [Stretch]
    /// Rows read for them, tombstones included.
    package var rows: Int

    package init(from: [UInt8], stretches: [Stretch], rows: Int) {
        self.from = from
        self.stretches = stretches
        self.rows = rows
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 64 + 64 * stretches.count)
        writer.block(from)
        writer.count(rows)
        writer.count(stretches.count)
        for stretch in stretches {
            writer.byte(stretch.end == nil ? 0 : 1)
            writer.block(stretch.end ?? [])
            writer.count(stretch.items)
            writer.digest(stretch.digest)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var reply = DigestReply(from: try reader.block(), stretches: [], rows: 0)
            reply.rows = try reader.count()
            for _ in 0..<(try reader.count(bytesEach: 19)) {
                let hasEnd = try reader.byte() != 0
                let end = try reader.block()
                let items = try reader.count()
                reply.stretches.append(
                    Stretch(end: hasEnd ? end : nil, items: items, digest: try reader.digest())
                )
            }
            return reply
        }
    }
}

/// What `globalctl verify` asks of a stretch whose digests differ: its items, each by its digest.
package struct ListRequest: Equatable, Sendable {
    package var table: TableID
    package var from: [UInt8]
    /// The first key after the stretch; nil at the table's end.
    package var to: [UInt8]?
    package var rowsMax: Int

    package init(table: TableID, from: [UInt8], to: [UInt8]?, rowsMax: Int) {
        self.table = table
        self.from = from
        self.to = to
        self.rowsMax = rowsMax
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        writer.table(table)
        writer.block(from)
        writer.byte(to == nil ? 0 : 1)
        writer.block(to ?? [])
        writer.count(rowsMax)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            let from = try reader.block()
            let hasEnd = try reader.byte() != 0
            let to = try reader.block()
            return ListRequest(
                table: table,
                from: from,
                to: hasEnd ? to : nil,
                rowsMax: try reader.count(),
            )
        }
    }
}

/// Live items in key order, each with the digest of what it is.
package struct ListReply: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var key: [UInt8]
        package var digest: ContentDigest

        package init(key: [UInt8], digest: ContentDigest) {
            self.key = key
            self.digest = digest
        }
    }

    package var from: [UInt8]
    package var entries: [Entry]
    /// The key to go on at; nil where the stretch was listed whole.
    package var next: [UInt8]?
    package var rows: Int

    package init(from: [UInt8], entries: [Entry], next: [UInt8]?, rows: Int) {
        self.from = from
        self.entries = entries
        self.next = next
        self.rows = rows
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 64 + 64 * entries.count)
        writer.block(from)
        writer.byte(next == nil ? 0 : 1)
        writer.block(next ?? [])
        writer.count(rows)
        writer.count(entries.count)
        for entry in entries {
            writer.block(entry.key)
            writer.digest(entry.digest)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let from = try reader.block()
            let hasNext = try reader.byte() != 0
            let next = try reader.block()
            let rows = try reader.count()
            var entries: [Entry] = []
            for _ in 0..<(try reader.count(bytesEach: 17)) {
                let key = try reader.block()
                entries.append(Entry(key: key, digest: try reader.digest()))
            }
            return ListReply(from: from, entries: entries, next: hasNext ? next : nil, rows: rows)
        }
    }
}
