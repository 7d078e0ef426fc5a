package import Items

/// Stores an item, replacing one of the same key.
package struct PutItemRequest: Sendable {
    package var tableName: String
    package var item: Item
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
        item: Item,
        condition: String? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnValues: ReturnValues = .none,
        returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
        returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none,
    ) {
        self.tableName = tableName
        self.item = item
        self.condition = condition
        self.names = names
        self.values = values
        self.returnValues = returnValues
        self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
        self.returnConsumedCapacity = returnConsumedCapacity
        self.returnItemCollectionMetrics = returnItemCollectionMetrics
    }
}

/// The answer to `PutItem`.
package struct PutItemResponse: Sendable {
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
