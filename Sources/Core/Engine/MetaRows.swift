package import Causality
import Changes

/// The keys of `Keyspace.meta`.
enum MetaKey {
    static let clock: [UInt8] = Array("clock".utf8)
    static let identity: [UInt8] = Array("identity".utf8)
    static let trimmed: [UInt8] = Array("trimmed".utf8)
    static let recovered: [UInt8] = Array("recovered".utf8)
    static let overlaps: [UInt8] = Array("overlaps".utf8)
    /// `QuarantineSummary`; absent where nothing is in quarantine.
    static let quarantine: [UInt8] = Array("quarantine".utf8)
    /// The time from ahead that an operator accepted last.
    static let acceptedSkew: [UInt8] = Array("accepted".utf8)

    /// For each origin, the time through which its history has been trimmed here.
    static func readTrimmed(from store: any StoreReader) throws -> VersionVector {
        try readVector(trimmed, from: store) ?? VersionVector()
    }

    /// For each origin, the time through which segments of its history may overlap; nil where
    /// nobody took note.
    static func readOverlaps(from store: any StoreReader) throws -> VersionVector? {
        try readVector(overlaps, from: store)
    }

    private static func readVector(
        _ key: [UInt8],
        from store: any StoreReader,
    ) throws -> VersionVector? {
        guard let bytes = try store.get(.meta, key) else { return nil }
        return try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            try reader.vector()
        }
    }

    /// Zero where nothing was ever accepted.
    static func readAcceptedSkew(from store: any StoreReader) throws -> HybridTime {
        guard let bytes = try store.get(.meta, acceptedSkew) else { return .zero }
        return try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            try reader.time()
        }
    }

    /// A table's `TableCounts`.
    static func counts(of table: UInt32) -> [UInt8] {
        Array("counts".utf8) + Table.rowPrefix(table)
    }

    /// An index's `TableCounts`: they follow those of its table.
    static func counts(of index: IndexNumber) -> [UInt8] {
        counts(of: index.table) + Table.rowPrefix(index.number)
    }

    /// A table's `ConflictTotals`.
    static func conflicts(of table: UInt32) -> [UInt8] {
        conflictsPrefix + Table.rowPrefix(table)
    }

    static let conflictsPrefix: [UInt8] = Array("conflicts".utf8)

    /// A dropped table whose rows are still being deleted; the value is empty.
    static func purge(of table: UInt32) -> [UInt8] {
        purgePrefix + Table.rowPrefix(table)
    }

    static let purgePrefix: [UInt8] = Array("purge".utf8)

    /// A table's `LeftRow`.
    static func left(_ table: TableID) -> [UInt8] {
        Array("left".utf8) + TableKey.key(table)
    }
}

/// The clock and the present incarnation's own entry; written by every transaction of the writer
/// that moves them.
package struct ClockRow: Equatable, Sendable {
    /// The greatest time given or observed.
    package var last: HybridTime
    /// The own entry of the applied vectors: every change of the present incarnation at or before it
    /// is in the history, and no later one will be.
    package var own: HybridTime
    /// How many changes the present incarnation has made.
    package var changes: UInt64
    /// The bytes of all rows of the history, keys included; nil where nobody took note yet.
    package var historyBytes: UInt64?

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 32)
        writer.time(last)
        writer.time(own)
        writer.uint64(changes)
        if let historyBytes { writer.uint64(historyBytes) }
        return writer.bytes
    }

    init(last: HybridTime, own: HybridTime, changes: UInt64, historyBytes: UInt64? = nil) {
        self.last = last
        self.own = own
        self.changes = changes
        self.historyBytes = historyBytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let last = try reader.time()
            let own = try reader.time()
            var row = ClockRow(last: last, own: own, changes: try reader.uint64())
            if reader.remaining > 0 { row.historyBytes = try reader.uint64() }
            return row
        }
    }

    /// Nil before the region's first start.
    package static func read(from store: any StoreReader) throws -> ClockRow? {
        guard let bytes = try store.get(.meta, MetaKey.clock) else { return nil }
        return try ClockRow(decoding: bytes)
    }
}

/// Who the region is: its present incarnation, the closed ones, and counters for local names.
struct IdentityRow: Equatable, Sendable {
    var region: String
    var origin: Origin
    var closed: [VersionVector.Entry]
    var nextTableNumber: UInt32

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        writer.text(region)
        writer.origin(origin)
        writer.count(closed.count)
        for entry in closed {
            writer.origin(entry.origin)
            writer.time(entry.time)
        }
        writer.uint32(nextTableNumber)
        return writer.bytes
    }

    init(
        region: String,
        origin: Origin,
        closed: [VersionVector.Entry],
        nextTableNumber: UInt32,
    ) {
        self.region = region
        self.origin = origin
        self.closed = closed
        self.nextTableNumber = nextTableNumber
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let region = try reader.text()
            let origin = try reader.origin()
            var closed: [VersionVector.Entry] = []
            for _ in 0..<(try reader.count(bytesEach: 19)) {
                let origin = try reader.origin()
                closed.append(VersionVector.Entry(origin: origin, time: try reader.time()))
            }
            return IdentityRow(
                region: region,
                origin: origin,
                closed: closed,
                nextTableNumber: try reader.uint32(),
            )
        }
    }
}

/// What peers ever gave back to this region of its own changes, by relay, for its operator.
///
/// What came with the rows of a copied table is not counted.
package struct RecoveredRow: Equatable, Sendable {
    package var changes: UInt64
    /// The latest time among them.
    package var through: HybridTime
    /// When the last of them came back, by the wall clock.
    package var milliseconds: UInt64

    /// Nil if nothing ever came back.
    package static func read(from store: any StoreReader) throws -> RecoveredRow? {
        guard let bytes = try store.get(.meta, MetaKey.recovered) else { return nil }
        return try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            RecoveredRow(
                changes: try reader.uint64(),
                through: try reader.time(),
                milliseconds: try reader.uint64(),
            )
        }
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 24)
        writer.uint64(changes)
        writer.time(through)
        writer.uint64(milliseconds)
        return writer.bytes
    }
}
