package import Wire

import Expressions
import Items

extension ScanRequest {
    package func perform(in context: ReadContext) throws -> ScanResponse {
        let (filter, projection) = try parsedExpressions()
        let table = try context.table(tableName)
        let source = try ReadSource(table, index: indexName, consistentRead: consistentRead)
        let range = try range(of: source)
        try table.check(projection: projection)
        try table.check(condition: filter)
        try source.checkHeld(filter: filter, projection: projection)
        let page = try Page(
            of: source,
            in: range,
            Page.Wish(
                limit: limit,
                filter: filter,
                projection: projection,
                showsItems: select != .count,
                showsAllAttributes: select == .allAttributes,
            ),
            from: context,
        )
        return ScanResponse(
            items: page.items(),
            count: page.count,
            scannedCount: page.scannedCount,
            lastEvaluatedKey: try page.startKey(),
            consumedCapacity: page.used(
                returnConsumedCapacity,
                of: tableName,
                consistent: consistentRead,
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

    /// The segment's keys behind the start key, which must be one of them, after checks in the
    /// service's order.
    private func range(of source: ReadSource) throws(ServiceError) -> KeyRange {
        var range = KeyRange.all
        if let segment {
            let bounds = ItemKey.segmentRange(segment: segment.index, total: segment.total)
            range = KeyRange(from: bounds.from, to: bounds.to)
        }
        if let exclusiveStartKey, let index = source.index {
            try source.checkCount(ofStart: exclusiveStartKey)
            try source.check(index.schema.keyAttributes, ofStart: exclusiveStartKey)
        }
        try source.check(select)
        guard let exclusiveStartKey else { return range }
        let key = try source.key(ofStart: exclusiveStartKey)
        if let segment, !range.contains(key) { throw .startKeyOutsideSegment(segment) }
        return range.after(key, reversed: false)
    }
}
