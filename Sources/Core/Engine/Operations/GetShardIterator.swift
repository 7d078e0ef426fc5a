package import Wire

extension GetShardIteratorRequest {
    package func perform(
        in context: ReadContext,
        wallMilliseconds: UInt64,
    ) throws -> GetShardIteratorResponse {
        guard let row = try context.store.stream(stream) else {
            throw ServiceError.streamNotFound(streamText)
        }
        guard let id = ShardID(shardID),
            let bytes = try context.store.get(.shards, ShardRow.key(row.number, id.place))
        else { throw ServiceError.shardNotFound(shardID, of: streamText) }
        let shard = try ShardRow(decoding: bytes)
        guard shard.createdMilliseconds == id.createdMilliseconds else {
            throw ServiceError.shardNotFound(shardID, of: streamText)
        }
        let iterator = ShardIterator(
            stream: stream,
            shard: id.place,
            position: try position(in: shard, of: row, context, wallMilliseconds),
            issuedMilliseconds: wallMilliseconds,
        )
        return GetShardIteratorResponse(
            shardIterator: iterator.text(region: context.catalog.region)
        )
    }

    /// The first sequence to read.
    private func position(
        in shard: ShardRow,
        of row: StreamRow,
        _ context: ReadContext,
        _ wallMilliseconds: UInt64,
    ) throws -> UInt64 {
        // The last sequence of the shard that is given already.
        let last = try max(
            shard.first,
            shard.end ?? context.store.lastSequence(of: row.number) ?? 0,
        )
        switch type {
        case .trimHorizon: return max(shard.first, row.trimmed + 1)
        case .latest: return last + 1
        case .atSequenceNumber: return try given(in: shard.first...last, of: row)
        case .afterSequenceNumber: return try given(in: shard.first...last, of: row) + 1
        case .atTimestamp:
            let time = milliseconds ?? 0
            guard time <= wallMilliseconds else { throw ServiceError.timestampInFuture }
            let oldest = max(shard.first, row.trimmed + 1)
            return try context.store.sequence(
                since: time,
                in: oldest..<max(oldest, last + 1),
                of: row.number,
            )
        }
    }

    private func given(
        in range: ClosedRange<UInt64>,
        of row: StreamRow,
    ) throws(ServiceError) -> UInt64 {
        let text = sequenceNumber ?? ""
        guard let sequence = SequenceNumber.sequence(text), range.contains(sequence) else {
            throw .invalidSequenceNumber(text)
        }
        guard sequence > row.trimmed else { throw .trimmedData }
        return sequence
    }
}
