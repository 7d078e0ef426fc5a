package import Items
package import JSON

/// Changes attributes of one item, making it if it does not exist.
package struct UpdateItemRequest: Sendable {
    package var tableName: String
    /// The key as sent; not yet checked against the table's schema.
    package var key: Item
    /// `UpdateExpression` as written; nil makes an item of the key alone.
    package var update: String?
    /// `ConditionExpression` as written.
    package var condition: String?
    /// `AttributeUpdates`, which stand where an `UpdateExpression` can; nil if there are none.
    package var attributeUpdates: [AttributeUpdate]?
    /// `Expected`, which stands where a `ConditionExpression` can; nil if it expects nothing.
    package var expected: LegacyConditions?
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
        update: String? = nil,
        condition: String? = nil,
        attributeUpdates: [AttributeUpdate]? = nil,
        expected: LegacyConditions? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnValues: ReturnValues = .none,
        returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
        returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none,
    ) {
        self.tableName = tableName
        self.key = key
        self.update = update
        self.condition = condition
        self.attributeUpdates = attributeUpdates
        self.expected = expected
        self.names = names
        self.values = values
        self.returnValues = returnValues
        self.returnValuesOnConditionCheckFailure = returnValuesOnConditionCheckFailure
        self.returnConsumedCapacity = returnConsumedCapacity
        self.returnItemCollectionMetrics = returnItemCollectionMetrics
    }
}

/// The answer to `UpdateItem`.
package struct UpdateItemResponse: Sendable {
    /// What `ReturnValues` asked for; nil if there is nothing to show.
    package var attributes: Item?
    package var consumedCapacity: ConsumedCapacity?
    package var itemCollectionMetrics: ItemCollectionMetrics?

    package init(
        attributes: Item? = nil,
        consumedCapacity: ConsumedCapacity? = nil,
        itemCollectionMetrics: ItemCollectionMetrics? = nil,
    ) {
        self.attributes = attributes
        self.consumedCapacity = consumedCapacity
        self.itemCollectionMetrics = itemCollectionMetrics
    }
}

extension UpdateItemRequest: OperationRequest {
    package typealias Response = UpdateItemResponse
    package static let operation = OperationName.updateItem

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks(.newer)
        // Violations are listed in the service's order.
        let joinedBy = try checks.conditionalOperator(fields, beside: "Key", isAlone: true)
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        tableName = try checks.writeTableName(fields, beside: "Key")
        returnItemCollectionMetrics =
            try checks.choice(fields, "ReturnItemCollectionMetrics") ?? .none
        returnValues = try checks.returnValues(fields, beside: "Key", isAlone: true)
        key = try checks.item(fields, "Key")
        returnValuesOnConditionCheckFailure =
            try checks.choice(fields, "ReturnValuesOnConditionCheckFailure") ?? .none
        condition = try fields.string("ConditionExpression")
        names = try checks.names(fields)
        values = try checks.values(fields)
        update = try fields.string("UpdateExpression")
        attributeUpdates = try checks.attributeUpdates(fields)
        expected = LegacyConditions(try checks.expected(fields), joinedBy)
        try checks.finishConstraints()
        try ServiceError.counting { [checks] () throws(ServiceError) in
            try LegacyParameters.check(
                fields,
                ["AttributeUpdates", "Expected", "ConditionalOperator"],
                expressions: ["UpdateExpression", "ConditionExpression"],
            )
            try LegacyParameters.check(joinedBy, joins: "Expected", of: fields)
            try checks.finishValues()
        }
    }
}

extension UpdateItemResponse: OperationResponse {
    package var isEmpty: Bool {
        attributes == nil && consumedCapacity == nil && itemCollectionMetrics == nil
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("Attributes", attributes)
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.member("ItemCollectionMetrics", itemCollectionMetrics)
        writer.endObject()
    }
}
