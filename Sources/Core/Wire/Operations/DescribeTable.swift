package import JSON

/// Asks for a table's description.
package struct DescribeTableRequest: Sendable {
    package var tableName: String

    package init(
        tableName: String,
    ) {
        self.tableName = tableName
    }
}

/// The answer to `DescribeTable`.
package struct DescribeTableResponse: Sendable {
    package var table: TableDescription

    package init(
        table: TableDescription,
    ) {
        self.table = table
    }
}

extension DescribeTableRequest: OperationRequest {
    package typealias Response = DescribeTableResponse
    package static let operation = OperationName.describeTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        try checks.finish()
    }
}

extension DescribeTableResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("Table")
        table.write(to: &writer)
        writer.endObject()
    }
}
