package import Items
package import JSON

/// Reads the items of one partition key, in the order of their sort keys.
package struct QueryRequest: Sendable {
    package var tableName: String
    /// `KeyConditionExpression` as written; nil if there are `keyConditions`.
    package var keyCondition: String?
    /// `KeyConditions`, which stand where a `KeyConditionExpression` can.
    package var keyConditions: [LegacyCondition]?
    package var indexName: String?
    /// As sent; nil if absent.
    package var select: Select?
    /// The most items to evaluate, at least 1; nil for no limit but the page's size.
    package var limit: Int?
    package var consistentRead: Bool
    /// False for descending sort keys.
    package var scanIndexForward: Bool
    package var exclusiveStartKey: Item?
    /// `ProjectionExpression` as written.
    package var projection: String?
    /// `AttributesToGet`, which stand where a `ProjectionExpression` can.
    package var attributesToGet: [Text]?
    /// `FilterExpression` as written.
    package var filter: String?
    /// `QueryFilter`, which stands where a `FilterExpression` can; nil if it filters nothing.
    package var queryFilter: LegacyConditions?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?
    /// `ExpressionAttributeValues` in the order of the request; nil if absent.
    package var values: [(String, AttributeValue)]?
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        tableName: String,
        keyCondition: String? = nil,
        keyConditions: [LegacyCondition]? = nil,
        indexName: String? = nil,
        select: Select? = nil,
        limit: Int? = nil,
        consistentRead: Bool = false,
        scanIndexForward: Bool = true,
        exclusiveStartKey: Item? = nil,
        projection: String? = nil,
        attributesToGet: [Text]? = nil,
        filter: String? = nil,
        queryFilter: LegacyConditions? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.tableName = tableName
        self.keyCondition = keyCondition
        self.keyConditions = keyConditions
        self.indexName = indexName
        self.select = select
        self.limit = limit
        self.consistentRead = consistentRead
        self.scanIndexForward = scanIndexForward
        self.exclusiveStartKey = exclusiveStartKey
        self.projection = projection
        self.attributesToGet = attributesToGet
        self.filter = filter
        self.queryFilter = queryFilter
        self.names = names
        self.values = values
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// The answer to `Query`: one page.
package struct QueryResponse: Sendable {
    /// Nil for `Select` COUNT, which answers with counts alone.
    package var items: [ResponseItem]?
    /// The number of items after the filter.
    package var count: Int
    /// The number of items before the filter.
    package var scannedCount: Int
    /// Where the next page begins; nil at the end.
    package var lastEvaluatedKey: Item?
    package var consumedCapacity: ConsumedCapacity?

    package init(
        items: [ResponseItem]?,
        count: Int,
        scannedCount: Int,
        lastEvaluatedKey: Item? = nil,
        consumedCapacity: ConsumedCapacity? = nil,
    ) {
        self.items = items
        self.count = count
        self.scannedCount = scannedCount
        self.lastEvaluatedKey = lastEvaluatedKey
        self.consumedCapacity = consumedCapacity
    }
}

extension QueryRequest: OperationRequest {
    package typealias Response = QueryResponse
    package static let operation = OperationName.query

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks(.newer)
        // Violations are listed in the service's order.
        limit = try fields.integer("Limit")
        if let limit, limit < 1 {
            checks.violateNewly("Limit", "Member must have value greater than or equal to 1")
        }
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        attributesToGet = try checks.attributesToGet(fields)
        tableName = try checks.itemTableName(fields)
        select = try checks.choice(fields, "Select")
        indexName = try checks.indexName(fields)
        consistentRead = try fields.bool("ConsistentRead") ?? false
        projection = try fields.string("ProjectionExpression")
        filter = try fields.string("FilterExpression")
        names = try checks.names(fields)
        values = try checks.values(fields)
        let operatorName = try fields.string("ConditionalOperator")
        let joinedBy = operatorName.flatMap(ConditionalOperator.init)
        queryFilter = LegacyConditions(try checks.conditions(fields, "QueryFilter"), joinedBy)
        exclusiveStartKey = try checks.startKey(fields)
        keyConditions = try checks.conditions(fields, "KeyConditions")
        scanIndexForward = try fields.bool("ScanIndexForward") ?? true
        keyCondition = try fields.string("KeyConditionExpression")
        guard operatorName == nil || joinedBy != nil else {
            // The service says this of a query alone, before all else and with another set than of
            // a scan.
            throw .validation(
                "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]"
            )
        }
        try checks.finishConstraints()
        try LegacyParameters.check(
            fields,
            ["AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"],
            expressions: ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"],
        )
        try LegacyParameters.check(joinedBy, joins: "QueryFilter", of: fields)
        try checks.finishValues()
        try Select.check(
            select,
            projectedBy: projectedBy,
            hasIndex: indexName != nil,
            prefix: "1 validation error detected: ",
        )
        guard keyCondition != nil || keyConditions != nil else {
            throw .validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified "
                    + "in the request."
            )
        }
    }

    private var projectedBy: String? {
        projection != nil
            ? "ProjectionExpression" : attributesToGet != nil ? "AttributesToGet" : nil
    }
}

extension QueryResponse: OperationResponse {
    package var itemBytes: Int { ResponseItem.bodyBytes(of: items ?? []) }

    package func write(to writer: inout JSONWriter) throws(StoredFormError) {
        writer.beginObject()
        try writer.member("Items", items)
        writer.member("Count", Int64(count))
        writer.member("ScannedCount", Int64(scannedCount))
        writer.member("LastEvaluatedKey", lastEvaluatedKey)
        writer.member("ConsumedCapacity", consumedCapacity)
        writer.endObject()
    }
}
