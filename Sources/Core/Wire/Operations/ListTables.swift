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
