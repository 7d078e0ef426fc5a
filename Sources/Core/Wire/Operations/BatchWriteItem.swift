package import Items

/// Puts and deletes up to 25 items, in one or more tables, each on its own.
package struct BatchWriteItemRequest: Sendable {
    /// In the order of the request, each table once.
    package var tables: [TableWrites]
    package var returnConsumedCapacity: ReturnConsumedCapacity
    package var returnItemCollectionMetrics: ReturnItemCollectionMetrics

    package init(
        tables: [TableWrites],
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
        returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none,
    ) {
        self.tables = tables
        self.returnConsumedCapacity = returnConsumedCapacity
        self.returnItemCollectionMetrics = returnItemCollectionMetrics
    }
}

/// The writes to one table.
package struct TableWrites: Sendable {
    package var tableName: String
    package var writes: [BatchWrite]

    package init(
        tableName: String,
        writes: [BatchWrite],
    ) {
        self.tableName = tableName
        self.writes = writes
    }
}

/// One write of a batch.
package enum BatchWrite: Equatable, Sendable {
    case put(item: Item)
    case delete(key: Item)
}

/// The answer to `BatchWriteItem`.
package struct BatchWriteItemResponse: Sendable {
    package var unprocessed: [TableWrites]
    package var consumedCapacity: [ConsumedCapacity]

    package init(
        unprocessed: [TableWrites] = [],
        consumedCapacity: [ConsumedCapacity] = [],
    ) {
        self.unprocessed = unprocessed
        self.consumedCapacity = consumedCapacity
    }
}
