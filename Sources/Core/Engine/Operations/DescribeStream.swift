import Changes
package import Wire

extension DescribeStreamRequest {
    package func perform(in context: ReadContext) throws -> DescribeStreamResponse {
        guard let row = try context.store.stream(stream) else {
            throw ServiceError.streamNotFound(streamText)
        }
        let (shards, hasMore) = try shards(of: row, context)
        return DescribeStreamResponse(
            stream: stream,
            region: context.catalog.region,
            isEnabled: row.closedMilliseconds == nil,
            viewType: row.viewType,
            createdMilliseconds: Int64(clamping: row.createdMilliseconds),
            schema: row.schema,
            shards: shards,
            hasMore: hasMore,
        )
    }

    private func shards(
        of row: StreamRow,
        _ context: ReadContext,
    ) throws -> (page: [DescribeStreamResponse.Shard], hasMore: Bool) {
        var page: [DescribeStreamResponse.Shard] = []
        var hasMore = false
        try context.store.range(
            .shards,
            from: Table.rowPrefix(row.number),
            to: Table.rowPrefix(row.number + 1),
            reversed: false,
        ) { key, value in
            var reader = ByteReader(key)
            _ = try reader.uint32()
            let shard = try ShardRow(decoding: [UInt8](value)).described(place: reader.uint32())
            guard isAsked(shard) else { return true }
            guard page.count < limit else {
                hasMore = true
                return false
            }
            page.append(shard)
            return true
        }
        return (page, hasMore)
    }

    private func isAsked(_ shard: DescribeStreamResponse.Shard) -> Bool {
        if let start = exclusiveStartShardID, shard.id <= start { return false }
        return parentShardID == nil || shard.parentID == parentShardID
    }
}

extension ShardRow {
    fileprivate func described(place: UInt32) -> DescribeStreamResponse.Shard {
        DescribeStreamResponse.Shard(
            id: ShardID(createdMilliseconds: createdMilliseconds, place: place).text,
            parentID: parentCreatedMilliseconds.map {
                ShardID(createdMilliseconds: $0, place: place - min(place, 1)).text
            },
            startingSequenceNumber: SequenceNumber.text(first),
            endingSequenceNumber: end.map(SequenceNumber.text),
        )
    }
}
