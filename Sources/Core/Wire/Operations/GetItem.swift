package import Items
package import JSON

/// Reads one item by its key.
package struct GetItemRequest: Sendable {
    package var tableName: String
    /// The key as sent; not yet checked against the table's schema.
    package var key: Item
    package var consistentRead: Bool
    /// `ProjectionExpression` as written.
    package var projection: String?
    /// `AttributesToGet`, which stand where a `ProjectionExpression` can.
    package var attributesToGet: [Text]?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        tableName: String,
        key: Item,
        consistentRead: Bool = false,
        projection: String? = nil,
        attributesToGet: [Text]? = nil,
        names: [(String, String)]? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.tableName = tableName
        self.key = key
        self.consistentRead = consistentRead
        self.projection = projection
        self.attributesToGet = attributesToGet
        self.names = names
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The answer to `GetItem`.
package struct GetItemResponse: Sendable {
    /// Nil if there is no such item.
    package var item: ResponseItem?
    package var consumedCapacity: ConsumedCapacity?

    package init(
        item: ResponseItem? = nil,
        consumedCapacity: ConsumedCapacity? = nil,
    ) {
        self.item = item
        self.consumedCapacity = consumedCapacity
    }
}

extension GetItemRequest: OperationRequest {
    package typealias Response = GetItemResponse
    package static let operation = OperationName.getItem

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks(.newer)
        // Violations are listed in the service's order.
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        attributesToGet = try checks.attributesToGet(fields)
        tableName = try checks.itemTableName(fields)
        key = try checks.item(fields, "Key")
        consistentRead = try fields.bool("ConsistentRead") ?? false
        projection = try fields.string("ProjectionExpression")
        names = try checks.names(fields)
        try checks.finishConstraints()
        try LegacyParameters.check(
            fields,
            ["AttributesToGet"],
            expressions: ["ProjectionExpression"],
        )
        try checks.finishValues()
    }
}

extension GetItemResponse: OperationResponse {
    package var itemBytes: Int {
        item?.bodyBytes ?? 0
    }

    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        if let item {
            writer.name("Item")
            try item.write(to: &writer)
        }
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.endObject()
    }
}
