package import Items
package import JSON

/// Reads the items of one partition key, in the order of their sort keys.
package struct QueryRequest: Sendable {
    package var tableName: String
    /// `KeyConditionExpression` as written.
    package var keyCondition: String
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
    /// `FilterExpression` as written.
    package var filter: String?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?
    /// `ExpressionAttributeValues` in the order of the request; nil if absent.
    package var values: [(String, AttributeValue)]?
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        tableName: String,
        keyCondition: String,
        indexName: String? = nil,
        select: Select? = nil,
        limit: Int? = nil,
        consistentRead: Bool = false,
        scanIndexForward: Bool = true,
        exclusiveStartKey: Item? = nil,
        projection: String? = nil,
        filter: String? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.tableName = tableName
        self.keyCondition = keyCondition
        self.indexName = indexName
        self.select = select
        self.limit = limit
        self.consistentRead = consistentRead
        self.scanIndexForward = scanIndexForward
        self.exclusiveStartKey = exclusiveStartKey
        self.projection = projection
        self.filter = filter
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
        var checks = Checks()
        tableName = try checks.tableName(fields)
        indexName = try checks.indexName(fields)
        select = try checks.choice(fields, "Select")
        limit = try checks.integer(fields, "Limit", in: 1...Int(Int32.max))
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        consistentRead = try fields.bool("ConsistentRead") ?? false
        projection = try fields.string("ProjectionExpression")
        filter = try fields.string("FilterExpression")
        names = try checks.names(fields)
        values = try checks.values(fields)
        exclusiveStartKey = try checks.startKey(fields)
        scanIndexForward = try fields.bool("ScanIndexForward") ?? true
        let keyCondition = try fields.string("KeyConditionExpression")
        try checks.finish()
        try Unsupported.refuseLegacy(
            fields,
            ["AttributesToGet", "KeyConditions", "QueryFilter", "ConditionalOperator"]
        )
        try Select.check(select, hasProjection: projection != nil, hasIndex: indexName != nil)
        guard let keyCondition else {
            throw .validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified "
                    + "in the request."
            )
        }
        self.keyCondition = keyCondition
    }
}

extension QueryResponse: OperationResponse {
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
