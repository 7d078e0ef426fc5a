package import Wire

import Expressions
import Items

extension QueryRequest {
    package func perform(in context: ReadContext) throws -> QueryResponse {
        let parsed = try ParsedQuery(self)
        let table = try context.table(tableName)
        let source = try ReadSource(table, index: indexName, consistentRead: consistentRead)
        let range = try parsed.range(of: source, exclusiveStartKey, reversed: !scanIndexForward)
        try parsed.check(source, select)
        let page = try Page(
            of: source,
            in: range,
            reversed: !scanIndexForward,
            Page.Wish(
                limit: limit,
                filter: parsed.filter,
                projection: parsed.projection,
                showsItems: select != .count,
                showsAllAttributes: select == .allAttributes,
            ),
            from: context,
        )
        return QueryResponse(
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
}

/// The expressions of a Query, and the checks that need both them and the table.
private struct ParsedQuery {
    private let keyCondition: KeyConditionSource
    let filter: ConditionExpression?
    /// What messages call the filter.
    private let filterName: String
    let projection: ProjectionExpression?

    init(_ request: QueryRequest) throws(ServiceError) {
        var expressions = try ExpressionReader(
            names: request.names,
            values: request.values,
            expressions: [
                (.filter, request.filter != nil),
                (.keyCondition, request.keyCondition != nil),
                (.projection, request.projection != nil),
            ],
        )
        let condition = try expressions.keyCondition(request.keyCondition)
        filter =
            try expressions.condition(request.filter, kind: .filter)
            ?? request.queryFilter.map(ConditionExpression.init)
        filterName = request.queryFilter == nil ? "Filter Expression" : "QueryFilter"
        projection =
            try expressions.projection(request.projection)
            ?? request.attributesToGet.map(ProjectionExpression.init)
        if let condition {
            keyCondition = .expression(
                try ServiceError.from { () throws(ExpressionError) in
                    try KeyConditionExpression(condition)
                }
            )
        } else {
            keyCondition = try KeyConditionSource(request.keyConditions ?? [])
        }
        try expressions.finish()
    }

    /// The keys to read, after checks in the service's order.
    func range(
        of source: ReadSource,
        _ startKey: Item?,
        reversed: Bool,
    ) throws(ServiceError) -> KeyRange {
        let schema = source.schema
        if let startKey {
            try source.checkCount(ofStart: startKey)
            try source.check(schema.partition, ofStart: startKey)
        }
        let condition = try ServiceError.from { () throws(ExpressionError) in
            try keyCondition.resolved(for: schema)
        }
        let range = try KeyRange(condition, schema: schema)
        guard let startKey else { return range }
        try source.check(schema.sort, ofStart: startKey)
        let key = try source.key(ofStart: startKey)
        try Self.check(startKey, key, in: range, condition, schema)
        return range.after(key, reversed: reversed)
    }

    /// Refuses what cannot be shown or filtered by, in the service's order.
    func check(_ source: ReadSource, _ select: Select?) throws(ServiceError) {
        try source.table.check(projection: projection)
        try ServiceError.from { () throws(ExpressionError) in
            try filter?.checkNoKeyAttributes(of: source.schema, in: filterName)
        }
        try source.check(select)
        try source.table.check(condition: filter)
        try source.checkHeld(filter: filter, projection: projection)
    }

    /// Refuses a start key outside what the query reads; the service has three ways to say so.
    private static func check(
        _ startKey: Item,
        _ key: [UInt8],
        in range: KeyRange,
        _ condition: KeyCondition,
        _ schema: IndexSchema,
    ) throws(ServiceError) {
        guard !range.contains(key) else { return }
        let partition = schema.partition.compactMap { startKey[$0.name] }
        guard let sort = condition.sort, partition.count == schema.partition.count else {
            throw .startKeyOutsideQuery
        }
        let own = KeyCondition(partition: partition, leading: condition.leading, sort: sort)
        guard try KeyRange(own, schema: schema).contains(key) else {
            throw .startKeyOutsidePredicate
        }
        throw .startKeyOfOneRow
    }
}
