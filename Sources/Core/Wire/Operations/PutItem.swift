package import Items
package import JSON

/// Stores an item, replacing one of the same key.
package struct PutItemRequest: Sendable {
    package var tableName: String
    package var item: Item
    /// `ConditionExpression` as written.
    package var condition: String?
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
        item: Item,
        condition: String? = nil,
        expected: LegacyConditions? = nil,
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
        self.expected = expected
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

extension PutItemRequest: OperationRequest {
    package typealias Response = PutItemResponse
    package static let operation = OperationName.putItem

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks(.newer)
        // Violations are listed in the service's order.
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        returnValues = try checks.returnValues(fields, beside: "Item")
        tableName = try checks.writeTableName(fields, beside: "Item")
        returnItemCollectionMetrics =
            try checks.choice(fields, "ReturnItemCollectionMetrics") ?? .none
        item = try checks.item(fields, "Item")
        returnValuesOnConditionCheckFailure =
            try checks.choice(fields, "ReturnValuesOnConditionCheckFailure") ?? .none
        condition = try fields.string("ConditionExpression")
        names = try checks.names(fields)
        values = try checks.values(fields)
        let showsOld = returnValues == .none || returnValues == .allOld
        if !showsOld { checks.note(.returnsOldOnly) }
        let joinedBy = try checks.conditionalOperator(fields, beside: "Item")
        expected = LegacyConditions(try checks.expected(fields), joinedBy)
        try checks.finishConstraints()
        guard showsOld || fields.isReadNewly(with: "Item") else { throw .returnsOldOnly }
        try ServiceError.counting { [checks] () throws(ServiceError) in
            try LegacyParameters.check(
                fields,
                ["Expected", "ConditionalOperator"],
                expressions: ["ConditionExpression"],
            )
            try LegacyParameters.check(joinedBy, joins: "Expected", of: fields)
            try checks.finishValues()
        }
    }
}

extension PutItemResponse: OperationResponse {
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
