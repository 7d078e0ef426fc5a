package import JSON

/// Lists table names in the order of their bytes.
package struct ListTablesRequest: Sendable {
    package var exclusiveStartTableName: String?
    /// 1 … 100.
    package var limit: Int

    package init(
        exclusiveStartTableName: String? = nil,
        limit: Int = 100,
    ) {
        self.exclusiveStartTableName = exclusiveStartTableName
        self.limit = limit
    }
}

/// The answer to `ListTables`: one page.
package struct ListTablesResponse: Sendable {
    package var tableNames: [String]
    /// Nil on the last page.
    package var lastEvaluatedTableName: String?

    package init(
        tableNames: [String],
        lastEvaluatedTableName: String? = nil,
    ) {
        self.tableNames = tableNames
        self.lastEvaluatedTableName = lastEvaluatedTableName
    }
}

extension ListTablesRequest: OperationRequest {
    /// The largest page, and the default.
    package static let limitMax = 100
    package typealias Response = ListTablesResponse
    package static let operation = OperationName.listTables

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        exclusiveStartTableName = try fields.string("ExclusiveStartTableName")
        limit =
            try checks.integer(fields, "Limit", in: 1...Self.limitMax) ?? Self.limitMax
        if let name = exclusiveStartTableName {
            checks.checkName(name, at: fields.location("ExclusiveStartTableName"))
        }
        try checks.finish()
    }
}

extension ListTablesResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TableNames")
        writer.beginArray()
        for name in tableNames { writer.string(name) }
        writer.endArray()
        writer.member("LastEvaluatedTableName", lastEvaluatedTableName)
        writer.endObject()
    }
}
