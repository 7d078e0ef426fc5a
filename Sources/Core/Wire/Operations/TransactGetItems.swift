package import Items
package import JSON

/// Reads up to 100 items by their keys, from one or more tables, all as of one moment.
package struct TransactGetItemsRequest: Sendable {
    /// In the order of the request.
    package var gets: [TransactGet]
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        gets: [TransactGet],
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.gets = gets
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// One item to read.
package struct TransactGet: Sendable {
    package var tableName: String
    /// The key as sent; not yet checked against the table's schema.
    package var key: Item
    /// `ProjectionExpression` as written.
    package var projection: String?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?

    package init(
        tableName: String,
        key: Item,
        projection: String? = nil,
        names: [(String, String)]? = nil,
    ) {
        self.tableName = tableName
        self.key = key
        self.projection = projection
        self.names = names
    }
}

/// The answer to `TransactGetItems`.
package struct TransactGetItemsResponse: Sendable {
    /// One for each item asked for, in that order; nil if there is no such item or nothing of it is
    /// in the projection.
    package var items: [ResponseItem?]
    /// One for each table, in the order of the request.
    package var consumedCapacity: [ConsumedCapacity]

    package init(
        items: [ResponseItem?],
        consumedCapacity: [ConsumedCapacity] = [],
    ) {
        self.items = items
        self.consumedCapacity = consumedCapacity
    }
}

extension TransactGetItemsRequest: OperationRequest {
    package typealias Response = TransactGetItemsResponse
    package static let operation = OperationName.transactGetItems

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        let parts = try checks.transactItems(fields, of: "TransactGetItem")
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        gets = []
        for part in parts {
            guard let get = try part.structure("Get") else {
                checks.violateNotNull(part.location("Get"))
                continue
            }
            gets.append(
                TransactGet(
                    tableName: try checks.actionTableName(get),
                    key: try checks.item(get, "Key"),
                    projection: try get.string("ProjectionExpression"),
                    names: try checks.names(get),
                )
            )
        }
        try checks.finish()
    }
}

extension TransactGetItemsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        try writer.responses(items)
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.endObject()
    }
}
