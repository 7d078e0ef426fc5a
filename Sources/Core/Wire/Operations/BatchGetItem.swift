package import Items

/// Reads up to 100 items by their keys, from one or more tables.
package struct BatchGetItemRequest: Sendable {
    /// In the order of the request, each table once.
    package var tables: [TableKeys]
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        tables: [TableKeys],
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.tables = tables
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The keys to read from one table.
package struct TableKeys: Sendable {
    package var tableName: String
    package var keys: [Item]
    package var consistentRead: Bool
    /// `ProjectionExpression` as written.
    package var projection: String?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?

    package init(
        tableName: String,
        keys: [Item],
        consistentRead: Bool = false,
        projection: String? = nil,
        names: [(String, String)]? = nil,
    ) {
        self.tableName = tableName
        self.keys = keys
        self.consistentRead = consistentRead
        self.projection = projection
        self.names = names
    }
}

/// The answer to `BatchGetItem`.
package struct BatchGetItemResponse: Sendable {
    /// Every table of the request, in its order.
    package var tables: [TableItems]
    /// What did not fit into the response's 16 MB.
    package var unprocessed: [TableKeys]
    package var consumedCapacity: [ConsumedCapacity]

    package init(
        tables: [TableItems],
        unprocessed: [TableKeys] = [],
        consumedCapacity: [ConsumedCapacity] = [],
    ) {
        self.tables = tables
        self.unprocessed = unprocessed
        self.consumedCapacity = consumedCapacity
    }
}

/// The items found in one table; those that do not exist are left out.
package struct TableItems: Sendable {
    package var tableName: String
    package var items: [ResponseItem]

    package init(
        tableName: String,
        items: [ResponseItem],
    ) {
        self.tableName = tableName
        self.items = items
    }
}
