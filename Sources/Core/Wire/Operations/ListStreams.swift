package import JSON

/// Lists streams, those of dropped tables and disabled ones included while they can be read.
package struct ListStreamsRequest: Sendable {
    /// Nil for the streams of all tables.
    package var tableName: String?
    /// 1 … 100.
    package var limit: Int
    package var exclusiveStart: StreamARN?

    package init(
        tableName: String? = nil,
        limit: Int = ListStreamsRequest.limitMax,
        exclusiveStart: StreamARN? = nil,
    ) {
        self.tableName = tableName
        self.limit = limit
        self.exclusiveStart = exclusiveStart
    }
}

/// The answer to `ListStreams`: one page.
package struct ListStreamsResponse: Sendable {
    package var streams: [StreamARN]
    package var region: String
    /// Whether the last stream of the page is not the last of all.
    package var hasMore: Bool

    package init(streams: [StreamARN], region: String, hasMore: Bool) {
        self.streams = streams
        self.region = region
        self.hasMore = hasMore
    }
}

extension ListStreamsRequest: OperationRequest {
    /// The largest page, and the default.
    package static let limitMax = 100
    package typealias Response = ListStreamsResponse
    package static let operation = OperationName.listStreams

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let start = try checks.streamARN(fields, "ExclusiveStartStreamArn")
        limit = try checks.integer(fields, "Limit", in: 1...Self.limitMax) ?? Self.limitMax
        tableName = try checks.optionalTableName(fields)
        try checks.finish()
        if let start {
            guard let arn = StreamARN(start) else { throw .invalidStreamARN }
            guard tableName == nil || tableName == arn.tableName else { throw .invalidStreamARN }
            exclusiveStart = arn
        }
    }
}

extension ListStreamsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("Streams")
        writer.beginArray()
        for stream in streams {
            writer.beginObject()
            writer.member("StreamArn", stream.text(region: region))
            writer.member("TableName", stream.tableName)
            writer.member("StreamLabel", stream.label)
            writer.endObject()
        }
        writer.endArray()
        if hasMore {
            writer.member("LastEvaluatedStreamArn", streams.last?.text(region: region))
        }
        writer.endObject()
    }
}
