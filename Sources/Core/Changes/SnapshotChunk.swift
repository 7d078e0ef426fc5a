package import Causality

/// A stretch of a table's rows, items and tombstones with stamps and ancestries, for a replica that
/// joins, or that is too far behind.
///
/// Each chunk is read from an engine snapshot of its own; `vector` is the source's applied vector of
/// the table in that snapshot. The first chunk's vector is the `W` of the join: everything at or
/// below it is in the rows, or was overwritten by something that is, since rows are only replaced by
/// merges. What the rows may show beyond `W` is bounded by the last chunk's `shown`.
package struct SnapshotChunk: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        package let key: [UInt8]
        /// The stored form of a `Version`.
        package let version: [UInt8]

        package init(key: [UInt8], version: [UInt8]) {
            self.key = key
            self.version = version
        }
    }

    package var source: Origin
    package var table: TableID
    /// The rows follow this key; nil for the first chunk.
    package var after: [UInt8]?
    /// Whether nothing follows.
    package var isLast: Bool
    package var vector: VersionVector
    /// What the rows may show: the vector, and where the source is being brought up by a copy
    /// itself, what that may show.
    package var shown: VersionVector
    package var base: HybridTime
    /// The table's live items at the source, for progress.
    package var itemsExpected: UInt64
    package var rows: [Row]

    package init(
        source: Origin,
        table: TableID,
        after: [UInt8]?,
        isLast: Bool,
        vector: VersionVector,
        shown: VersionVector? = nil,
        base: HybridTime,
        itemsExpected: UInt64,
        rows: [Row],
    ) {
        self.source = source
        self.table = table
        self.after = after
        self.isLast = isLast
        self.vector = vector
        self.shown = shown ?? vector
        self.base = base
        self.itemsExpected = itemsExpected
        self.rows = rows
    }

    /// The first bytes of every chunk; the version of the form follows.
    private static let magic: [UInt8] = [0x4d, 0x53, 0x43]
    /// The form of a chunk whose rows show no more than its vector.
    private static let plainForm: UInt8 = 1
    /// What the rows may show stands behind the vector.
    private static let showingForm: UInt8 = 2

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 4096)
        writer.raw(SnapshotChunk.magic)
        writer.byte(shown == vector ? SnapshotChunk.plainForm : SnapshotChunk.showingForm)
        writer.origin(source)
        writer.table(table)
        writer.byte(after == nil ? 0 : 1)
        writer.block(after ?? [])
        writer.byte(isLast ? 1 : 0)
        writer.vector(vector)
        if shown != vector { writer.vector(shown) }
        writer.time(base)
        writer.uint64(itemsExpected)
        writer.count(rows.count)
        for row in rows {
            writer.block(row.key)
            writer.block(row.version)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            for expected in SnapshotChunk.magic where try reader.byte() != expected {
                throw MalformedBytes("not a snapshot chunk")
            }
            let form = try reader.byte()
            guard form == SnapshotChunk.plainForm || form == SnapshotChunk.showingForm else {
                throw MalformedBytes("not a snapshot chunk of this version")
            }
            let source = try reader.origin()
            let table = try reader.table()
            let hasAfter = try reader.byte() != 0
            let after = try reader.block()
            let isLast = try reader.byte() != 0
            let vector = try reader.vector()
            let shown = form == SnapshotChunk.showingForm ? try reader.vector() : vector
            let base = try reader.time()
            let expected = try reader.uint64()
            var rows: [Row] = []
            for _ in 0..<(try reader.count(bytesEach: 2)) {
                let key = try reader.block()
                rows.append(Row(key: key, version: try reader.block()))
            }
            return SnapshotChunk(
                source: source,
                table: table,
                after: hasAfter ? after : nil,
                isLast: isLast,
                vector: vector,
                shown: shown,
                base: base,
                itemsExpected: expected,
                rows: rows,
            )
        }
    }
}
