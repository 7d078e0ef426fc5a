package import Causality

/// A stretch of a table's rows, items and tombstones with stamps and ancestries, for a replica that
/// joins.
///
/// Each chunk is read from an engine snapshot of its own; `vector` is the source's applied vector of
/// the table in that snapshot. The first chunk's vector is the `W` of the join: everything at or
/// below it is in the rows, or was overwritten by something that is, since rows are only replaced by
/// merges. The last chunk's vector bounds what the rows may show beyond `W`.
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
        base: HybridTime,
        itemsExpected: UInt64,
        rows: [Row],
    ) {
        self.source = source
        self.table = table
        self.after = after
        self.isLast = isLast
        self.vector = vector
        self.base = base
        self.itemsExpected = itemsExpected
        self.rows = rows
    }

    private static let magic: [UInt8] = [0x4d, 0x53, 0x43, 0x01]

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 4096)
        writer.raw(SnapshotChunk.magic)
        writer.origin(source)
        writer.table(table)
        writer.byte(after == nil ? 0 : 1)
        writer.block(after ?? [])
        writer.byte(isLast ? 1 : 0)
        writer.vector(vector)
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
                throw MalformedBytes("not a snapshot chunk of this version")
            }
            let source = try reader.origin()
            let table = try reader.table()
            let hasAfter = try reader.byte() != 0
            let after = try reader.block()
            let isLast = try reader.byte() != 0
            let vector = try reader.vector()
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
                base: base,
                itemsExpected: expected,
                rows: rows,
            )
        }
    }
}
