package import Items

/// Removes one item by its key.
package struct DeleteItemRequest: Sendable {
    package var tableName: String
    /// The key as sent; not yet checked against the table's schema.
    package var key: Item
    /// `ConditionExpression` as written.
    package var condition: String?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?
    /// `ExpressionAttributeValues` in the order of the request; nil if absent.
    package var values: [(String, AttributeValue)]?
    package var returnValues: ReturnValues
    package var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure
    package var returnConsumedCapacity: ReturnConsumedCapacity
    package var returnItemCollectionMetrics: ReturnItemCollectionMetrics

    package init(
        tableName: String,
        key: Item,
        condition: String? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnValues: ReturnValues = .none,
        returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
        returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none,
    ) {
        self.tableName = tableName
        self.key = key
        self.condition = condition
        self.names = names
        self.values = values
        self.returnValues = returnValues
        self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
        self.returnConsumedCapacity = returnConsumedCapacity
        self.returnItemCollectionMetrics = returnItemCollectionMetrics
    }
}

/// The answer to `DeleteItem`.
package struct DeleteItemResponse: Sendable {
    /// What `ReturnValues` asked for; nil if there is nothing to show.
    package var attributes: Item?
    package var consumedCapacity: ConsumedCapacity?

    package init(
        attributes: Item? = nil,
        consumedCapacity: ConsumedCapacity? = nil,
    ) {
        self.attributes = attributes
        self.consumedCapacity = consumedCapacity
    }
}
