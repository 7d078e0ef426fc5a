import Changes
import Items
package import Wire

extension GetRecordsRequest {
    /// The most bytes of records in one page; one record may be larger.
    private static let pageBytesMax = 1 << 20

    package func perform(
        in context: ReadContext,
        wallMilliseconds: UInt64,
    ) throws -> GetRecordsResponse {
        let iterator = try ShardIterator(shardIterator)
        guard !iterator.isExpired(at: wallMilliseconds) else { throw ServiceError.expiredIterator }
        let region = context.catalog.region
        guard let row = try context.store.stream(iterator.stream) else {
            throw ServiceError.streamNotFound(iterator.stream.text(region: region))
        }
        guard iterator.position > row.trimmed,
            let bytes = try context.store.get(.shards, ShardRow.key(row.number, iterator.shard))
        else { throw ServiceError.trimmedData }
        let shard = try ShardRow(decoding: bytes)
        let page = try page(from: iterator.position, in: shard, of: row, context)
        // All of an open shard is never read: more may come.
        let isDrained = page.isLast && shard.end != nil
        let next = ShardIterator(
            stream: iterator.stream,
            shard: iterator.shard,
            position: page.next,
            issuedMilliseconds: wallMilliseconds,
        )
        return GetRecordsResponse(
            records: page.records,
            nextShardIterator: isDrained ? nil : next.text(region: region),
        )
    }

    private struct Page {
        var records: [StreamRecord] = []
        var next: UInt64
        /// Whether nothing follows in the shard so far.
        var isLast = true
    }

    private func page(
        from position: UInt64,
        in shard: ShardRow,
        of row: StreamRow,
        _ context: ReadContext,
    ) throws -> Page {
        var page = Page(next: position)
        var bytes = 0
        let start = max(position, shard.first)
        try context.store.range(
            .records,
            from: StreamEntry.key(row.number, start),
            to: shard.end.map { StreamEntry.key(row.number, $0 + 1) }
                ?? Table.rowPrefix(row.number + 1),
            reversed: false,
        ) { key, value in
            try StreamSegment.forEach(in: (key, value), from: start) { sequence, entry in
                guard page.records.count < limit, bytes < Self.pageBytesMax else {
                    page.isLast = false
                    return false
                }
                let record = try entry.described(sequence, of: row, in: context.catalog.region)
                bytes += record.sizeBytes
                page.records.append(record)
                page.next = sequence + 1
                return true
            }
        }
        return page
    }
}

extension StreamEntry {
    fileprivate func described(
        _ sequence: UInt64,
        of row: StreamRow,
        in region: String,
    ) throws -> StreamRecord {
        let keys = try ItemKey(stored: key).keyItem(schema: row.schema)
        return StreamRecord(
            eventID: StreamEntry.eventID(sequence, of: row),
            event: event,
            region: region,
            isExpiry: isExpiry,
            createdMilliseconds: Int64(clamping: createdMilliseconds),
            keys: keys,
            newImage: new.map { .stored($0[...]) },
            oldImage: old.map { .stored($0[...]) },
            sequenceNumber: SequenceNumber.text(sequence),
            sizeBytes: keys.sizeBytes + imageBytes,
            viewType: row.viewType,
        )
    }

    /// 32 hexadecimal digits that no other record of the region has.
    private static func eventID(_ sequence: UInt64, of row: StreamRow) -> String {
        var writer = ByteWriter(reserving: 36)
        writer.table(row.table)
        writer.uint64(row.createdMilliseconds)
        writer.uint64(sequence)
        return Fingerprint.of(writer.bytes)
            .map { padded(String($0, radix: 16), to: 2) }
            .joined()
    }
}
