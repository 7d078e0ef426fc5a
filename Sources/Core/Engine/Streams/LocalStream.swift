import Changes
import Items
package import Wire

/// A stream in the writer's hands: its row, and what follows from its shards and records.
struct LocalStream: Equatable, Sendable {
    let arn: StreamARN
    var row: StreamRow
    /// The next sequence to give.
    var next: UInt64
    /// The open shard; nil once the stream is disabled.
    var shard: ShardRow?
    /// Before this there is nothing to trim.
    var trimMilliseconds: UInt64 = 0

    var key: [UInt8] { StreamRow.key(tableName: arn.tableName, label: arn.label) }

    mutating func takeSequence() -> UInt64 {
        defer { next += 1 }
        return next
    }
}

extension RegionEngine {
    /// Reads all streams' rows, when the region starts.
    func loadStreams(_ store: any StoreReader) throws {
        var rows: [(arn: StreamARN, row: StreamRow)] = []
        try store.range(.streams, from: [], to: nil, reversed: false) { key, value in
            guard let arn = StreamRow.names(in: key) else {
                throw MalformedBytes("a stream without a label")
            }
            rows.append((arn, try StreamRow(decoding: [UInt8](value))))
            return true
        }
        for (arn, row) in rows {
            let shard = try store.get(.shards, ShardRow.key(row.number, row.lastShard))
                .map(ShardRow.init(decoding:))
            let last = try store.lastSequence(of: row.number)
            let used = max(row.trimmed, last ?? 0, shard?.end ?? shard?.first ?? 0)
            streams[row.number] = LocalStream(
                arn: arn,
                row: row,
                next: used + 1,
                shard: row.closedMilliseconds == nil ? shard : nil,
            )
        }
    }
}

extension StoreReader {
    /// The sequence of a stream's latest record that is still there.
    func lastSequence(of stream: UInt32) throws -> UInt64? {
        var last: UInt64?
        try range(
            .records,
            from: Table.rowPrefix(stream),
            to: Table.rowPrefix(stream + 1),
            reversed: true,
        ) { key, _ in
            last = try StreamEntry.sequence(in: key)
            return false
        }
        return last
    }

    /// A stream by its ARN.
    package func stream(_ arn: StreamARN) throws -> StreamRow? {
        let key = StreamRow.key(tableName: arn.tableName, label: arn.label)
        return try get(.streams, key).map(StreamRow.init(decoding:))
    }
}
