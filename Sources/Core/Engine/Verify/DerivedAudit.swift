import Causality
package import Changes
import Items

/// Compares what a region derives from a table's items with the items, a bounded piece at a time, each
/// from one snapshot.
///
/// Everything derived is kept in the transaction that changes the item (`WriteGroup.replace`, `derive`), so in
/// any snapshot each row can be judged by its item, whatever is written between two pieces: first
/// that everything an item calls for is there, then that every row is called for by its item.
///
/// Counts are the exception: no piece of the table has a count of its own. So they are compared with
/// all rows in one snapshot, of which sizes alone are read, up to `countRowsMax` rows; a longer table
/// is said to be unchecked rather than the snapshot held for minutes.
package struct DerivedAudit {
    let catalog: TableCatalog
    let store: any StoreReader
    let table: Table

    /// Most rows, and about as many bytes of them, that one answer looks at, counts aside.
    static let rowsMax = 4_096
    static let bytesMax = 8 << 20
    /// Most findings of one answer.
    static let findingsMax = 500
    /// Most rows of one item collection whose sizes are added up.
    static let collectionRowsMax = 100_000
    /// Most rows that are counted in one snapshot.
    static let countRowsMax = 20_000_000

    package init(catalog: TableCatalog, store: any StoreReader, table: Table) {
        self.catalog = catalog
        self.store = store
        self.table = table
    }

    /// The table as it is in the snapshot: the catalog may be older, and how far an index is built
    /// decides which entries there have to be.
    ///
    /// - Throws: `PeerRefusal` if the replica is not active here.
    package init(catalog: TableCatalog, store: any StoreReader, of id: TableID) throws {
        let table = try VerifyReader(catalog: catalog, store: store).table(id)
        self.init(catalog: catalog, store: store, table: table)
    }

    package func piece(at place: DerivedRequest.Place) throws -> DerivedReply {
        var piece = Piece(place)
        switch place.part {
        case .items: try items(&piece)
        case .indexes: try indexes(&piece)
        case .expiries: try expiries(&piece)
        case .tombstones: try tombstones(&piece)
        case .collections: try collections(&piece)
        case .counts: try counts(&piece)
        }
        if piece.reply.next == nil,
            let part = DerivedRequest.Part(rawValue: place.part.rawValue + 1)
        {
            piece.reply.next = DerivedRequest.Place(part)
        }
        return piece.reply
    }

    /// All parts from the beginning to the end, for one snapshot that stands still.
    package func all() throws -> DerivedReply {
        var whole = DerivedReply()
        var place: DerivedRequest.Place? = DerivedRequest.Place()
        while let next = place {
            let reply = try piece(at: next)
            whole.findings += reply.findings
            whole.unchecked += reply.unchecked
            whole.rows += reply.rows
            place = reply.next
        }
        return whole
    }

    /// One answer in the making.
    struct Piece {
        let place: DerivedRequest.Place
        var reply = DerivedReply()
        private var bytes = 0

        init(_ place: DerivedRequest.Place) {
            self.place = place
        }

        /// Counts a row; false if there is no room for it, and then the next answer begins with it.
        mutating func takes(_ key: UnsafeRawBufferPointer, _ bytes: Int) -> Bool {
            guard reply.rows < DerivedAudit.rowsMax, self.bytes < DerivedAudit.bytesMax,
                reply.findings.count < DerivedAudit.findingsMax
            else {
                reply.next = DerivedRequest.Place(place.part, from: [UInt8](key))
                return false
            }
            reply.rows += 1
            self.bytes += bytes
            return true
        }
    }

    func finding(
        _ subject: String,
        _ problem: String,
        _ key: [UInt8] = [],
    ) -> DerivedReply.Finding {
        DerivedReply.Finding(
            subject: subject,
            problem: problem,
            key: key,
            keyText: key.isEmpty ? "" : VerifyReader.text(of: key, table),
        )
    }

    /// The stored version of an item; nil for none, or for one that cannot be read.
    func version(_ key: [UInt8]) throws -> Version? {
        guard let row = try store.get(.items, table.row(key)) else { return nil }
        return try? Version(decoding: row)
    }

    /// Walks the rows of a keyspace between two keys, from the piece's place on.
    func walk(
        _ keyspace: Keyspace,
        _ piece: inout Piece,
        from first: [UInt8],
        to end: [UInt8],
        _ body: (inout Piece, UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Void,
    ) throws {
        let place = piece.place.from
        let from = place.isEmpty ? first : place
        guard ByteOrder.compare(from, first) >= 0, ByteOrder.compare(from, end) <= 0 else {
            throw PeerRefusal(.badRequest, "a place outside the table")
        }
        try store.range(keyspace, from: from, to: end, reversed: false) { key, value in
            guard piece.takes(key, value.count) else { return false }
            try body(&piece, key, value)
            return true
        }
    }
}
