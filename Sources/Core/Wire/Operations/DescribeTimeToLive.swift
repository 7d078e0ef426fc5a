package import Items
package import JSON

/// Asks which attribute of a table's items tells when they expire.
package struct DescribeTimeToLiveRequest: Sendable {
    package var tableName: String

    package init(tableName: String) {
        self.tableName = tableName
    }
}

/// The answer to `DescribeTimeToLive`.
package struct DescribeTimeToLiveResponse: Sendable {
    /// Nil where items do not expire.
    package var attributeName: Text?

    package init(attributeName: Text?) {
        self.attributeName = attributeName
    }
}

extension DescribeTimeToLiveRequest: OperationRequest {
    package typealias Response = DescribeTimeToLiveResponse
    package static let operation = OperationName.describeTimeToLive

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        try checks.finish()
    }
}

extension DescribeTimeToLiveResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TimeToLiveDescription")
        writer.beginObject()
        writer.member("TimeToLiveStatus", attributeName == nil ? "DISABLED" : "ENABLED")
        writer.member("AttributeName", attributeName?.string)
        writer.endObject()
        writer.endObject()
    }
}
