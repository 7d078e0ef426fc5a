package import Items
package import JSON

/// Reads on in a shard.
package struct GetRecordsRequest: Sendable {
    /// As it came; `ShardIterator` tells what it says.
    package var shardIterator: String
    /// 1 … 1,000.
    package var limit: Int

    package init(shardIterator: String, limit: Int = GetRecordsRequest.limitMax) {
        self.shardIterator = shardIterator
        self.limit = limit
    }
}

/// The answer to `GetRecords`: one page, which may be empty.
package struct GetRecordsResponse: Sendable {
    package var records: [StreamRecord]
    /// Nil once a closed shard is read to its end.
    package var nextShardIterator: String?

    package init(records: [StreamRecord], nextShardIterator: String?) {
        self.records = records
        self.nextShardIterator = nextShardIterator
    }
}

/// One record of a stream as an application sees it.
package struct StreamRecord: Sendable {
    package enum Event: String, Sendable {
        case insert = "INSERT"
        case modify = "MODIFY"
        case remove = "REMOVE"
    }

    package var eventID: String
    package var event: Event
    package var region: String
    /// Whether time to live, and no client, made the change.
    package var isExpiry: Bool
    package var createdMilliseconds: Int64
    package var keys: Item
    package var newImage: ResponseItem?
    package var oldImage: ResponseItem?
    package var sequenceNumber: String
    package var sizeBytes: Int
    package var viewType: StreamViewType

    package init(
        eventID: String,
        event: Event,
        region: String,
        isExpiry: Bool,
        createdMilliseconds: Int64,
        keys: Item,
        newImage: ResponseItem?,
        oldImage: ResponseItem?,
        sequenceNumber: String,
        sizeBytes: Int,
        viewType: StreamViewType,
    ) {
        self.eventID = eventID
        self.event = event
        self.region = region
        self.isExpiry = isExpiry
        self.createdMilliseconds = createdMilliseconds
        self.keys = keys
        self.newImage = newImage
        self.oldImage = oldImage
        self.sequenceNumber = sequenceNumber
        self.sizeBytes = sizeBytes
        self.viewType = viewType
    }
}

extension GetRecordsRequest: OperationRequest {
    /// The largest page, and the default.
    package static let limitMax = 1_000
    private static let iteratorLengthRange = 1...2_048
    package typealias Response = GetRecordsResponse
    package static let operation = OperationName.getRecords

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        limit = try checks.integer(fields, "Limit", in: 1...Self.limitMax) ?? Self.limitMax
        shardIterator = try checks.required(fields, "ShardIterator")
        if fields["ShardIterator"] != nil {
            checks.checkLength(
                shardIterator.utf8.count,
                fields.location("ShardIterator"),
                value: shardIterator,
                Self.iteratorLengthRange,
            )
        }
        try checks.finish()
    }
}

extension GetRecordsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        writer.name("Records")
        writer.beginArray()
        for record in records { try record.write(to: &writer) }
        writer.endArray()
        writer.member("NextShardIterator", nextShardIterator)
        writer.endObject()
    }
}

extension StreamRecord {
    fileprivate func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        writer.member("eventID", eventID)
        writer.member("eventName", event.rawValue)
        writer.member("eventVersion", "1.1")
        writer.member("eventSource", "aws:dynamodb")
        writer.member("awsRegion", region)
        writer.name("dynamodb")
        writer.beginObject()
        // Whole seconds, as the service gives them.
        writer.member("ApproximateCreationDateTime", createdMilliseconds / 1_000)
        writer.member("Keys", keys)
        try write("NewImage", newImage, to: &writer)
        try write("OldImage", oldImage, to: &writer)
        writer.member("SequenceNumber", sequenceNumber)
        writer.member("SizeBytes", Int64(sizeBytes))
        writer.member("StreamViewType", viewType.rawValue)
        writer.endObject()
        if isExpiry {
            writer.name("userIdentity")
            writer.beginObject()
            writer.member("Type", "Service")
            writer.member("PrincipalId", "dynamodb.amazonaws.com")
            writer.endObject()
        }
        writer.endObject()
    }

    private func write(
        _ name: StaticString,
        _ image: ResponseItem?,
        to writer: inout JSONWriter,
    ) throws(StoredFormError) {
        guard let image else { return }
        writer.name(name)
        try image.write(to: &writer)
    }
}
