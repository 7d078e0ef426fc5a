package import Items

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
    /// `FilterExpression` as written.
    package var filter: String?
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
        filter: String? = nil,
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
        self.filter = filter
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
