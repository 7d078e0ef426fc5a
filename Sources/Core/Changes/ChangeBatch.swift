package import Causality

/// What a feed gives and `apply` takes: changes of one origin to some tables, from one time through
/// another.
///
/// The promise in it: these are *all* changes of `origin` to `tables` with `after` < time ≤
/// `through`. Whoever carries it reads the header and passes the records on as they are.
package struct ChangeBatch: Equatable, Sendable {
    package struct Header: Equatable, Sendable {
        /// The region that served it, in its incarnation of that moment.
        package var source: Origin
        package var origin: Origin
        /// The origin's region's earlier incarnation with its end.
        ///
        /// The target must hold all of it before it takes an entry for this one; so the latest
        /// incarnation's entry speaks for all.
        package var predecessor: VersionVector.Entry?
        /// Sorted.
        ///
        /// In step for this origin: all with the entry `after` at the target.
        package var tables: [TableID]
        package var after: HybridTime
        package var through: HybridTime
        package var changes: Int
        /// Whether `through` is the source's own entry in the snapshot it was read from.
        ///
        /// Only then may the target conclude from `claims` what the source had applied when it
        /// wrote its last change.
        package var isComplete: Bool
        /// How many changes of the origin remain at the source after `through`.
        package var pending: UInt64
        /// The source's wall clock when it served this, in milliseconds since 1970.
        package var wallMilliseconds: UInt64
        /// The source's applied vectors of the batch's tables, from the same snapshot.
        package var claims: [Claim]
        /// What the target asked for and the source does not hold whole from where the target stands,
        /// of other tables than those of the system: empty but for a target that is too far behind.
        package var lacks: [Lack] = []

        /// Whether another region than the changes' own serves them.
        package var isRelayed: Bool { source.region != origin.region }

        package init(
            source: Origin,
            origin: Origin,
            predecessor: VersionVector.Entry?,
            tables: [TableID],
            after: HybridTime,
            through: HybridTime,
            changes: Int,
            isComplete: Bool,
            pending: UInt64,
            wallMilliseconds: UInt64,
            claims: [Claim],
            lacks: [Lack] = [],
        ) {
            self.source = source
            self.origin = origin
            self.predecessor = predecessor
            self.tables = tables
            self.after = after
            self.through = through
            self.changes = changes
            self.isComplete = isComplete
            self.pending = pending
            self.wallMilliseconds = wallMilliseconds
            self.claims = claims
            self.lacks = lacks
        }
    }

    /// A history that cannot be given from where the target stands: it is whole only from `floor`.
    package struct Lack: Hashable, Sendable {
        package var table: TableID
        package var origin: Origin
        package var floor: HybridTime

        package init(table: TableID, origin: Origin, floor: HybridTime) {
            self.table = table
            self.origin = origin
            self.floor = floor
        }
    }

    package struct Claim: Hashable, Sendable {
        package var tables: [TableID]
        package var vector: VersionVector

        package init(tables: [TableID], vector: VersionVector) {
            self.tables = tables
            self.vector = vector
        }
    }

    package var header: Header
    /// As `ChangeCoding` writes them.
    package var records: [UInt8]

    package init(header: Header, records: [UInt8]) {
        self.header = header
        self.records = records
    }

    /// The first bytes of every batch; the version of the form follows.
    private static let magic: [UInt8] = [0x4d, 0x42, 0x43]
    /// The form of a batch that lacks nothing.
    private static let plainForm: UInt8 = 1
    /// What the source lacks stands behind the claims.
    private static let lackingForm: UInt8 = 2

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256 + records.count)
        writer.raw(ChangeBatch.magic)
        writer.byte(header.lacks.isEmpty ? ChangeBatch.plainForm : ChangeBatch.lackingForm)
        writer.origin(header.source)
        writer.origin(header.origin)
        writer.byte(header.predecessor == nil ? 0 : 1)
        if let predecessor = header.predecessor {
            writer.origin(predecessor.origin)
            writer.time(predecessor.time)
        }
        writer.tables(header.tables)
        writer.time(header.after)
        writer.time(header.through)
        writer.count(header.changes)
        writer.byte(header.isComplete ? 1 : 0)
        writer.uint64(header.pending)
        writer.uint64(header.wallMilliseconds)
        writer.count(header.claims.count)
        for claim in header.claims {
            writer.tables(claim.tables)
            writer.vector(claim.vector)
        }
        if !header.lacks.isEmpty { header.appendLacks(to: &writer) }
        writer.raw(records)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let header = try Header(&reader)
            return ChangeBatch(header: header, records: [UInt8](reader.rest()))
        }
    }

    package static func header(of bytes: [UInt8]) throws(MalformedBytes) -> Header {
        try ByteReader.reading(bytes, whole: false) { (reader) throws(MalformedBytes) in
            try Header(&reader)
        }
    }

    /// - Returns: whether the form says what the source lacks.
    fileprivate static func readForm(_ reader: inout ByteReader) throws(MalformedBytes) -> Bool {
        for expected in magic where try reader.byte() != expected {
            throw MalformedBytes("not a change batch")
        }
        switch try reader.byte() {
        case plainForm: return false
        case lackingForm: return true
        default: throw MalformedBytes("not a change batch of this version")
        }
    }
}

extension ChangeBatch.Header {
    fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
        let isLacking = try ChangeBatch.readForm(&reader)
        source = try reader.origin()
        origin = try reader.origin()
        if try reader.byte() != 0 {
            let origin = try reader.origin()
            predecessor = VersionVector.Entry(origin: origin, time: try reader.time())
        } else {
            predecessor = nil
        }
        tables = try reader.tables()
        guard Set(tables).count == tables.count else {
            throw MalformedBytes("a batch names each of its tables once")
        }
        after = try reader.time()
        through = try reader.time()
        changes = try reader.count()
        isComplete = try reader.byte() != 0
        pending = try reader.uint64()
        wallMilliseconds = try reader.uint64()
        claims = []
        for _ in 0..<(try reader.count(bytesEach: 2)) {
            let tables = try reader.tables()
            claims.append(ChangeBatch.Claim(tables: tables, vector: try reader.vector()))
        }
        if isLacking { lacks = try ChangeBatch.Header.lacks(&reader) }
    }

    fileprivate func appendLacks(to writer: inout ByteWriter) {
        writer.count(lacks.count)
        for lack in lacks {
            writer.table(lack.table)
            writer.origin(lack.origin)
            writer.time(lack.floor)
        }
    }

    private static func lacks(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> [ChangeBatch.Lack] {
        var lacks: [ChangeBatch.Lack] = []
        for _ in 0..<(try reader.count(bytesEach: 35)) {
            let table = try reader.table()
            let origin = try reader.origin()
            lacks.append(ChangeBatch.Lack(table: table, origin: origin, floor: try reader.time()))
        }
        return lacks
    }
}
