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
