package import JSON

/// Removes a table and all its items.
package struct DeleteTableRequest: Sendable {
    package var tableName: String

    package init(
        tableName: String,
    ) {
        self.tableName = tableName
    }
}

/// The answer to `DeleteTable`.
package struct DeleteTableResponse: Sendable {
    package var table: TableDescription

    package init(
        table: TableDescription,
    ) {
        self.table = table
    }
}

extension DeleteTableRequest: OperationRequest {
    package typealias Response = DeleteTableResponse
    package static let operation = OperationName.deleteTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        try checks.finish()
    }
}

extension DeleteTableResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TableDescription")
        table.write(to: &writer, withDefinition: false)
        writer.endObject()
    }
}
