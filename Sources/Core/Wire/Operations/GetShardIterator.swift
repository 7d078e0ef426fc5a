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
    /// Present if and only if the type asks for a time: milliseconds since 1970.
    package var milliseconds: UInt64?

    package init(
        stream: StreamARN,
        streamText: String,
        shardID: String,
        type: ShardIteratorType,
        sequenceNumber: String? = nil,
        milliseconds: UInt64? = nil,
    ) {
        self.stream = stream
        self.streamText = streamText
        self.shardID = shardID
        self.type = type
        self.sequenceNumber = sequenceNumber
        self.milliseconds = milliseconds
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
        milliseconds = try fields.milliseconds("Timestamp")
        try checks.finish()
        guard let shard, let type else { throw .invalidShardIterator }
        guard let arn = StreamARN(streamText) else { throw .invalidStreamARN }
        stream = arn
        shardID = shard
        self.type = type
        try checkPlace()
    }

    /// A sequence number and a time go with the types that ask for one.
    private func checkPlace() throws(ServiceError) {
        let wantsNumber = type == .atSequenceNumber || type == .afterSequenceNumber
        guard wantsNumber == (sequenceNumber != nil) else {
            throw wantsNumber ? .sequenceNumberMissing(type) : .sequenceNumberUnwanted(type)
        }
        let wantsTime = type == .atTimestamp
        guard wantsTime == (milliseconds != nil) else {
            throw wantsTime ? .timestampMissing(type) : .timestampUnwanted(type)
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
