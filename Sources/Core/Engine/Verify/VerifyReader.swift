import Causality
package import Changes
import Items
import JSON
import Wire

/// Answers what `globalctl verify` asks about a table's items, from one snapshot of the store.
///
/// Digests read stored bytes only: no item is decoded. Every answer is bounded by rows and by bytes,
/// and says how far it came.
package struct VerifyReader {
    let catalog: TableCatalog
    let store: any StoreReader

    /// Most rows, and about as many bytes of them, that one answer reads.
    package static let rowsMax = 65_536
    static let bytesMax = 32 << 20
    /// A stretch ends at so many rows, or about as many bytes: what is listed if it differs.
    package static let stretchRowsMax = 256
    static let stretchBytesMax = 4 << 20
    /// Most keys that one request may ask about.
    package static let keysMax = 1_000

    package init(catalog: TableCatalog, store: any StoreReader) {
        self.catalog = catalog
        self.store = store
    }

    /// The table as it is in the snapshot, if it is whole there: the catalog may be older.
    ///
    /// While a replica is copied, is brought up, or leaves there is nothing to say: its rows may show
    /// more than its vector does.
    func table(_ id: TableID) throws -> Table {
        guard var table = catalog[id: id] else {
            throw PeerRefusal(.unknownTable, "table \(id) is not known here")
        }
        if let stored = try store.get(.tables, TableKey.key(id)) {
            table.state = try TableState(decoding: stored)
        }
        guard table.state.phase == .active else {
            throw PeerRefusal(.notMember, "the replica of \(table.name) is not active here")
        }
        guard table.state.resync == nil else {
            throw PeerRefusal(.notMember, "\(table.name) is being brought up here by a copy")
        }
        return table
    }

    // MARK: Digests

    package func digest(_ request: DigestRequest) throws -> DigestReply {
        let table = try table(request.table)
        switch request.cut {
        case .byRows: return try cut(table, from: request.from, rowsMax: request.rowsMax)
        case .at(let keys, let isToEnd):
            let ordered = zip([request.from] + keys, keys).allSatisfy {
                ByteOrder.compare($0, $1) < 0
            }
            guard ordered, isToEnd || !keys.isEmpty, keys.count <= VerifyReader.rowsMax else {
                throw PeerRefusal(.badRequest, "stretches follow one another")
            }
            let ends = keys.map(Optional.some) + (isToEnd ? [nil] : [])
            return try digest(table, from: request.from, ends: ends, rowsMax: request.rowsMax)
        }
    }

    /// Stretches of about equal length, as many as the bounds allow.
    private func cut(_ table: Table, from: [UInt8], rowsMax: Int) throws -> DigestReply {
        var reply = DigestReply(from: from, stretches: [], rows: 0)
        var open = OpenStretch()
        var bytes = 0
        let most = min(max(1, rowsMax), VerifyReader.rowsMax)
        var isWhole = true
        try rows(of: table, from: from, to: nil) { key, value in
            let isFull = reply.rows >= most || bytes >= VerifyReader.bytesMax
            if isFull || open.isFull {
                reply.stretches.append(open.closed(at: [UInt8](key)))
                open = OpenStretch()
                if isFull {
                    isWhole = false
                    return false
                }
            }
            reply.rows += 1
            bytes += value.count
            open.take(key, value)
            return true
        }
        if isWhole { reply.stretches.append(open.closed(at: nil)) }
        return reply
    }

    private func digest(
        _ table: Table,
        from: [UInt8],
        ends: [[UInt8]?],
        rowsMax: Int,
    ) throws -> DigestReply {
        var reply = DigestReply(from: from, stretches: [], rows: 0)
        var open = OpenStretch()
        var bytes = 0
        let most = min(max(1, rowsMax), VerifyReader.rowsMax)
        var isWhole = true
        try rows(of: table, from: from, to: ends[ends.count - 1]) { key, value in
            while let end = ends[reply.stretches.count],
                end.withUnsafeBytes({ ByteOrder.compare($0, key) }) <= 0
            {
                reply.stretches.append(open.closed(at: end))
                open = OpenStretch()
            }
            if reply.rows >= most || bytes >= VerifyReader.bytesMax {
                isWhole = false
                return false
            }
            reply.rows += 1
            bytes += value.count
            open.take(key, value)
            return true
        }
        while isWhole, reply.stretches.count < ends.count {
            reply.stretches.append(open.closed(at: ends[reply.stretches.count]))
            open = OpenStretch()
        }
        return reply
    }

    private struct OpenStretch {
        private var rows = 0
        private var bytes = 0
        private var items = 0
        private var digest = ContentDigest.zero

        var isFull: Bool {
            rows >= VerifyReader.stretchRowsMax || bytes >= VerifyReader.stretchBytesMax
        }

        mutating func take(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
            rows += 1
            bytes += value.count
            guard let item = VerifyReader.digest(key, value) else { return }
            items += 1
            digest.add(item)
        }

        func closed(at end: [UInt8]?) -> DigestReply.Stretch {
            DigestReply.Stretch(end: end, items: items, digest: digest)
        }
    }

    /// The digest of a stored row; nil for a tombstone, which equals absence.
    ///
    /// One that cannot be read has that of its bytes, so that it differs from every other.
    static func digest(
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
    ) -> ContentDigest? {
        guard let parts = try? Version.parts(of: value) else {
            return ContentDigest(of: key, UnsafeRawBufferPointer(start: nil, count: 0), value)
        }
        return parts.isTombstone ? nil : ContentDigest(of: key, parts.stamp, parts.image)
    }

    // MARK: Items

    package func list(_ request: ListRequest) throws -> ListReply {
        let table = try table(request.table)
        var reply = ListReply(from: request.from, entries: [], next: nil, rows: 0)
        var bytes = 0
        let most = min(max(1, request.rowsMax), VerifyReader.rowsMax)
        if let to = request.to, ByteOrder.compare(request.from, to) >= 0 { return reply }
        try rows(of: table, from: request.from, to: request.to) { key, value in
            if reply.rows >= most || bytes >= VerifyReader.bytesMax {
                reply.next = [UInt8](key)
                return false
            }
            reply.rows += 1
            bytes += value.count
            if let digest = VerifyReader.digest(key, value) {
                reply.entries.append(ListReply.Entry(key: [UInt8](key), digest: digest))
            }
            return true
        }
        return reply
    }

    package func sight(_ request: SightRequest) throws -> SightReply {
        let table = try table(request.table)
        guard request.keys.count <= VerifyReader.keysMax else {
            throw PeerRefusal(.badRequest, "at most \(VerifyReader.keysMax) keys at a time")
        }
        return SightReply(
            vector: try vector(of: table),
            base: table.state.base,
            members: table.description.replicas.filter { $0.status == .active }.map(\.region),
            sightings: try request.keys.map { try sight($0, of: table) },
        )
    }

    /// The applied vector in the snapshot, the own entry included.
    func vector(of table: Table) throws -> VersionVector {
        var vector = try AppliedTimes(reading: store)[table.id]
        vector.raise(catalog.origin, to: try ClockRow.read(from: store)?.own ?? .zero)
        return vector
    }

    private func sight(_ key: [UInt8], of table: Table) throws -> Sighting {
        var sighting = Sighting(
            content: .absent,
            isQuarantined: try isQuarantined(key, of: table),
            key: VerifyReader.text(of: key, table),
        )
        guard let row = try store.get(.items, table.row(key)) else { return sighting }
        sighting.content = Self.content(of: row, at: key)
        return sighting
    }

    private static func content(of row: [UInt8], at key: [UInt8]) -> Sighting.Content {
        guard let version = try? Version(decoding: row) else { return .unreadable }
        let digest = key.withUnsafeBytes { key in
            row.withUnsafeBytes { row in VerifyReader.digest(key, row) }
        }
        return .version(
            Sighting.Version(
                stamp: version.stamp,
                expired: version.expired,
                isTombstone: version.isTombstone,
                digest: digest ?? .zero,
            )
        )
    }

    /// The key as the API writes it; empty where it cannot be read.
    static func text(of key: [UInt8], _ table: Table) -> String {
        guard let item = try? ItemKey(stored: key).keyItem(schema: table.schema) else { return "" }
        var writer = JSONWriter(capacity: 64)
        item.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func isQuarantined(_ key: [UInt8], of table: Table) throws -> Bool {
        var isFound = false
        try store.range(
            .quarantine,
            from: QuarantineKey.prefix(table.number, key),
            to: QuarantineKey.end(table.number, key),
            reversed: false,
        ) { _, _ in
            isFound = true
            return false
        }
        return isFound
    }

    private func rows(
        of table: Table,
        from: [UInt8],
        to: [UInt8]?,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        try store.range(
            .items,
            from: table.row(from),
            to: to.map(table.row) ?? table.rowEnd,
            reversed: false,
        ) { key, value in
            try body(UnsafeRawBufferPointer(rebasing: key[Table.rowPrefixBytes...]), value)
        }
    }
}
