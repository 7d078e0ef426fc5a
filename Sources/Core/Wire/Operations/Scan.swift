package import Items
package import JSON

/// Reads every item of a table, or of one segment of it.
package struct ScanRequest: Sendable {
    package var tableName: String
    package var indexName: String?
    /// As sent; nil if absent.
    package var select: Select?
    /// The most items to evaluate, at least 1; nil for no limit but the page's size.
    package var limit: Int?
    package var consistentRead: Bool
    /// Nil for the whole table.
    package var segment: ScanSegment?
    package var exclusiveStartKey: Item?
    /// `ProjectionExpression` as written.
    package var projection: String?
    /// `AttributesToGet`, which stand where a `ProjectionExpression` can.
    package var attributesToGet: [Text]?
    /// `FilterExpression` as written.
    package var filter: String?
    /// `ScanFilter`, which stands where a `FilterExpression` can; nil if it filters nothing.
    package var scanFilter: LegacyConditions?
    /// `ExpressionAttributeNames` in the order of the request; nil if absent.
    package var names: [(String, String)]?
    /// `ExpressionAttributeValues` in the order of the request; nil if absent.
    package var values: [(String, AttributeValue)]?
    package var returnConsumedCapacity: ReturnConsumedCapacity

    package init(
        tableName: String,
        indexName: String? = nil,
        select: Select? = nil,
        limit: Int? = nil,
        consistentRead: Bool = false,
        segment: ScanSegment? = nil,
        exclusiveStartKey: Item? = nil,
        projection: String? = nil,
        attributesToGet: [Text]? = nil,
        filter: String? = nil,
        scanFilter: LegacyConditions? = nil,
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
        returnConsumedCapacity: ReturnConsumedCapacity = .none,
    ) {
        self.tableName = tableName
        self.indexName = indexName
        self.select = select
        self.limit = limit
        self.consistentRead = consistentRead
        self.segment = segment
        self.exclusiveStartKey = exclusiveStartKey
        self.projection = projection
        self.attributesToGet = attributesToGet
        self.filter = filter
        self.scanFilter = scanFilter
        self.names = names
        self.values = values
        self.returnConsumedCapacity = returnConsumedCapacity
    }
}

/// One of the parts a parallel scan cuts a table into.
package struct ScanSegment: Equatable, Sendable {
    /// 0 ..< total.
    package var index: Int
    /// 1 … 1,000,000.
    package var total: Int

    package init(index: Int, total: Int) {
        self.index = index
        self.total = total
    }
}

/// The answer to `Scan`: one page.
package struct ScanResponse: Sendable {
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

extension ScanRequest: OperationRequest {
    package typealias Response = ScanResponse
    package static let operation = OperationName.scan

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        // Violations are listed in the service's order.
        limit = try checks.integer(fields, "Limit", in: 1...Int(Int32.max))
        let total = try checks.integer(fields, "TotalSegments", in: 1...ScanSegment.totalMax)
        returnConsumedCapacity = try checks.choice(fields, "ReturnConsumedCapacity") ?? .none
        attributesToGet = try checks.attributesToGet(fields)
        select = try checks.choice(fields, "Select")
        tableName = try checks.itemTableName(fields)
        let index = try checks.integer(fields, "Segment", in: 0...ScanSegment.totalMax - 1)
        indexName = try checks.indexName(fields)
        consistentRead = try fields.bool("ConsistentRead") ?? false
        projection = try fields.string("ProjectionExpression")
        filter = try fields.string("FilterExpression")
        names = try checks.names(fields)
        values = try checks.values(fields)
        let joinedBy: ConditionalOperator? = try checks.choice(fields, "ConditionalOperator")
        scanFilter = LegacyConditions(try checks.conditions(fields, "ScanFilter"), joinedBy)
        exclusiveStartKey = try checks.startKey(fields)
        try checks.finishConstraints()
        try LegacyParameters.check(
            fields,
            ["AttributesToGet", "ScanFilter", "ConditionalOperator"],
            expressions: ["ProjectionExpression", "FilterExpression"],
        )
        try LegacyParameters.check(joinedBy, joins: "ScanFilter", of: fields)
        try checks.finishValues()
        try Select.check(select, projectedBy: projectedBy, hasIndex: indexName != nil)
        segment = try ScanSegment(index: index, total: total)
    }

    private var projectedBy: String? {
        projection != nil
            ? "ProjectionExpression" : attributesToGet != nil ? "AttributesToGet" : nil
    }
}

extension ScanSegment {
    /// A table can be cut into this many segments.
    package static let totalMax = 1_000_000

    /// Nil if the request has neither parameter; it must not have one without the other.
    fileprivate init?(index: Int?, total: Int?) throws(ServiceError) {
        switch (index, total) {
        case (nil, nil): return nil
        case (_?, nil):
            throw .validation(
                "The TotalSegments parameter is required but was not present in the request when "
                    + "Segment parameter is present"
            )
        case (nil, _?):
            throw .validation(
                "The Segment parameter is required but was not present in the request when "
                    + "parameter TotalSegments is present"
            )
        case (let index?, let total?):
            guard index < total else {
                throw .validation(
                    "The Segment parameter is zero-based and must be less than parameter "
                        + "TotalSegments: Segment: \(index) is not less than TotalSegments: "
                        + "\(total)"
                )
            }
            self.init(index: index, total: total)
        }
    }
}

extension ScanResponse: OperationResponse {
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
