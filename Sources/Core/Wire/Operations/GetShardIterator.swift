package import JSON

/// Asks for a place in a shard to read on from.
package struct GetShardIteratorRequest: Sendable {
    package var stream: StreamARN
    /// The ARN as it was given, for messages.
    package var streamText: String
    package var shardID: String
    package var type: ShardIteratorType
    /// Present if and only if the type asks for one; not yet known to be a number.
    package var sequenceNumber: String?

    package init(
        stream: StreamARN,
        streamText: String,
        shardID: String,
        type: ShardIteratorType,
        sequenceNumber: String? = nil,
    ) {
        self.stream = stream
        self.streamText = streamText
        self.shardID = shardID
        self.type = type
        self.sequenceNumber = sequenceNumber
    }
}

/// The answer to `GetShardIterator`.
package struct GetShardIteratorResponse: Sendable {
    package var shardIterator: String

    package init(shardIterator: String) {
        self.shardIterator = shardIterator
    }
}

extension GetShardIteratorRequest: OperationRequest {
    private static let sequenceNumberLengthRange = 21...40
    package typealias Response = GetShardIteratorResponse
    package static let operation = OperationName.getShardIterator

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let shard = try checks.shardID(fields, "ShardId")
        if shard == nil { checks.violateNotNull(fields.location("ShardId")) }
        streamText = try checks.requiredStreamARN(fields)
        let type: ShardIteratorType? = try checks.requiredChoice(fields, "ShardIteratorType")
        sequenceNumber = try fields.string("SequenceNumber")
        if let sequenceNumber {
            checks.checkLength(
                sequenceNumber.utf8.count,
                fields.location("SequenceNumber"),
                value: sequenceNumber,
                Self.sequenceNumberLengthRange,
            )
        }
        try checks.finish()
        guard let shard, let type else { throw .invalidShardIterator }
        guard let arn = StreamARN(streamText) else { throw .invalidStreamARN }
        stream = arn
        shardID = shard
        self.type = type
        switch (type, sequenceNumber) {
        case (.atSequenceNumber, nil), (.afterSequenceNumber, nil):
            throw .sequenceNumberMissing(type)
        case (.trimHorizon, .some), (.latest, .some): throw .sequenceNumberUnwanted(type)
        default: break
        }
    }
}

extension GetShardIteratorResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ShardIterator", shardIterator)
        writer.endObject()
    }
}
