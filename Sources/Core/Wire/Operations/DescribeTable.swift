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
