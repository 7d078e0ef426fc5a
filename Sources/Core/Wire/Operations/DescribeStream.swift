package import Items
package import JSON

/// Asks for a stream's description and its shards.
package struct DescribeStreamRequest: Sendable {
    package var stream: StreamARN
    /// The ARN as it was given, for messages.
    package var streamText: String
    /// 1 … 100.
    package var limit: Int
    package var exclusiveStartShardID: String?
    /// Asks for the children of this shard alone.
    package var parentShardID: String?

    package init(
        stream: StreamARN,
        streamText: String,
        limit: Int = DescribeStreamRequest.limitMax,
        exclusiveStartShardID: String? = nil,
        parentShardID: String? = nil,
    ) {
        self.stream = stream
        self.streamText = streamText
        self.limit = limit
        self.exclusiveStartShardID = exclusiveStartShardID
        self.parentShardID = parentShardID
    }
}

/// The answer to `DescribeStream`: the stream, and one page of its shards.
package struct DescribeStreamResponse: Sendable {
    package struct Shard: Sendable {
        package var id: String
        package var parentID: String?
        package var startingSequenceNumber: String
        /// Nil while the shard is open.
        package var endingSequenceNumber: String?

        package init(
            id: String,
            parentID: String?,
            startingSequenceNumber: String,
            endingSequenceNumber: String?,
        ) {
            self.id = id
            self.parentID = parentID
            self.startingSequenceNumber = startingSequenceNumber
            self.endingSequenceNumber = endingSequenceNumber
        }
    }

    package var stream: StreamARN
    package var region: String
    package var isEnabled: Bool
    package var viewType: StreamViewType
    package var createdMilliseconds: Int64
    package var schema: TableSchema
    package var shards: [Shard]
    /// Whether there are shards after the page's last.
    package var hasMore: Bool

    package init(
        stream: StreamARN,
        region: String,
        isEnabled: Bool,
        viewType: StreamViewType,
        createdMilliseconds: Int64,
        schema: TableSchema,
        shards: [Shard],
        hasMore: Bool,
    ) {
        self.stream = stream
        self.region = region
        self.isEnabled = isEnabled
        self.viewType = viewType
        self.createdMilliseconds = createdMilliseconds
        self.schema = schema
        self.shards = shards
        self.hasMore = hasMore
    }
}

extension DescribeStreamRequest: OperationRequest {
    /// The largest page of shards, and the default.
    package static let limitMax = 100
    package typealias Response = DescribeStreamResponse
    package static let operation = OperationName.describeStream

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        limit = try checks.integer(fields, "Limit", in: 1...Self.limitMax) ?? Self.limitMax
        streamText = try checks.requiredStreamARN(fields)
        exclusiveStartShardID = try checks.shardID(fields, "ExclusiveStartShardId")
        let filter = try fields.structure("ShardFilter")
        var filterType: ShardFilterType?
        if let filter {
            filterType = try checks.choice(filter, "Type")
            parentShardID = try checks.shardID(filter, "ShardId")
        }
        try checks.finish()
        guard let arn = StreamARN(streamText) else { throw .invalidStreamARN }
        stream = arn
        guard (filterType == nil) == (parentShardID == nil) else {
            throw .invalidParameters("ShardFilter must have both Type and ShardId")
        }
    }
}

extension DescribeStreamResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("StreamDescription")
        writer.beginObject()
        writer.member("StreamArn", stream.text(region: region))
        writer.member("StreamLabel", stream.label)
        writer.member("StreamStatus", isEnabled ? "ENABLED" : "DISABLED")
        writer.member("StreamViewType", viewType.rawValue)
        writer.member("CreationRequestDateTime", milliseconds: createdMilliseconds)
        writer.member("TableName", stream.tableName)
        writer.name("KeySchema")
        writer.beginArray()
        for (index, attribute) in schema.keyAttributes.enumerated() {
            writer.beginObject()
            writer.member("AttributeName", attribute.name.string)
            writer.member("KeyType", (index == 0 ? KeyType.hash : .range).rawValue)
            writer.endObject()
        }
        writer.endArray()
        writer.name("Shards")
        writer.beginArray()
        for shard in shards { shard.write(to: &writer) }
        writer.endArray()
        if hasMore { writer.member("LastEvaluatedShardId", shards.last?.id) }
        writer.endObject()
        writer.endObject()
    }
}

extension DescribeStreamResponse.Shard {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ShardId", id)
        writer.name("SequenceNumberRange")
        writer.beginObject()
        writer.member("StartingSequenceNumber", startingSequenceNumber)
        writer.member("EndingSequenceNumber", endingSequenceNumber)
        writer.endObject()
        writer.member("ParentShardId", parentID)
        writer.endObject()
    }
}
