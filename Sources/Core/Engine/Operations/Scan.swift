package import Wire

import Expressions
import Items

extension ScanRequest {
    package func perform(in context: ReadContext) throws -> ScanResponse {
        let (filter, projection) = try parsedExpressions()
        let table = try context.table(tableName)
        if indexName != nil, exclusiveStartKey != nil {
            throw ServiceError.validation("The provided starting key is invalid")
        }
        try table.checkIndex(indexName)
        let range = try range(of: table)
        try table.check(condition: filter, projection: projection)
        let page = try Page(
            of: table,
            in: range,
            Page.Wish(
                limit: limit,
                filter: filter,
                projection: projection,
                showsItems: select != .count,
            ),
            from: context,
        )
        return ScanResponse(
            items: page.items,
            count: page.count,
            scannedCount: page.scannedCount,
            lastEvaluatedKey: try page.lastEvaluatedKey(table.schema),
            consumedCapacity: ConsumedCapacity(
                returnConsumedCapacity,
                tableName: tableName,
                table: .read(bytes: page.evaluatedBytes, consistent: consistentRead),
            ),
        )
    }

    private func parsedExpressions() throws(ServiceError) -> (
        filter: ConditionExpression?, projection: ProjectionExpression?
    ) {
        var expressions = try ExpressionReader(
            names: names,
            values: values,
            expressions: [(.filter, filter != nil), (.projection, projection != nil)],
        )
        let parsedFilter = try expressions.condition(filter, kind: .filter)
        let parsedProjection = try expressions.projection(projection)
        try expressions.finish()
        return (
            parsedFilter ?? scanFilter.map(ConditionExpression.init),
            parsedProjection ?? attributesToGet.map(ProjectionExpression.init),
        )
    }

    /// The segment's keys behind the start key, which must be one of them.
    private func range(of table: Table) throws(ServiceError) -> KeyRange {
        var range = KeyRange.all
        if let segment {
            let bounds = ItemKey.segmentRange(segment: segment.index, total: segment.total)
            range = KeyRange(from: bounds.from, to: bounds.to)
        }
        guard let exclusiveStartKey else { return range }
        let key = try table.key(ofStart: exclusiveStartKey)
        if let segment, !range.contains(key) { throw .startKeyOutsideSegment(segment) }
        return range.after(key, reversed: false)
    }
}
