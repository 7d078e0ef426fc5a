package import Wire

import Expressions
import Items

extension QueryRequest {
    package func perform(in context: ReadContext) throws -> QueryResponse {
        let parsed = try ParsedQuery(self)
        let table = try context.table(tableName)
        try table.checkIndex(indexName)
        let range = try parsed.range(of: table, exclusiveStartKey, reversed: !scanIndexForward)
        let page = try Page(
            of: table,
            in: range,
            reversed: !scanIndexForward,
            Page.Wish(
                limit: limit,
                filter: parsed.filter,
                projection: parsed.projection,
                showsItems: select != .count,
            ),
            from: context,
        )
        return QueryResponse(
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
        if let text = request.keyCondition {
            keyCondition = .expression(try expressions.keyCondition(text))
        } else {
            keyCondition = try KeyConditionSource(request.keyConditions ?? [])
        }
        filter =
            try expressions.condition(request.filter, kind: .filter)
            ?? request.queryFilter.map(ConditionExpression.init)
        filterName = request.queryFilter == nil ? "Filter Expression" : "QueryFilter"
        projection =
            try expressions.projection(request.projection)
            ?? request.attributesToGet.map(ProjectionExpression.init)
        try expressions.finish()
    }

    /// The keys to read, after checks in the service's order.
    func range(
        of table: Table,
        _ startKey: Item?,
        reversed: Bool,
    ) throws(ServiceError) -> KeyRange {
        let schema = table.schema
        if let startKey { try Self.checkNames(of: startKey, schema) }
        let condition = try ServiceError.from { () throws(ExpressionError) in
            try keyCondition.resolved(for: schema)
        }
        var range = try KeyRange(condition, schema: schema)
        if let startKey {
            let key = try table.key(ofStart: startKey)
            try Self.check(startKey, key, in: range, condition, schema)
            range = range.after(key, reversed: reversed)
        }
        try ServiceError.from { () throws(ExpressionError) in
            try projection?.checkKeyPaths(of: schema)
            try filter?.checkNoKeyAttributes(of: schema, in: filterName)
        }
        return range
    }

    private static func checkNames(
        of startKey: Item,
        _ schema: TableSchema,
    ) throws(ServiceError) {
        let keys = schema.keyAttributes
        guard startKey.attributes.count == keys.count,
            keys.allSatisfy({ startKey[$0.name] != nil })
        else { throw .validation("The provided starting key is invalid") }
    }

    /// Refuses a start key outside what the query reads; the service has three ways to say so.
    private static func check(
        _ startKey: Item,
        _ key: [UInt8],
        in range: KeyRange,
        _ condition: KeyCondition,
        _ schema: TableSchema,
    ) throws(ServiceError) {
        guard !range.contains(key) else { return }
        guard let sort = condition.sort, let partition = startKey[schema.partition.name] else {
            throw .startKeyOutsideQuery
        }
        let ownRange = try KeyRange(partition: partition, sort: sort, schema: schema)
        guard ownRange.contains(key) else {
            throw .validation(
                "The provided starting key does not match the range key predicate"
            )
        }
        guard case .equal = sort else { throw .startKeyOutsideQuery }
        throw .validation("The query can return at most one row and cannot be restarted")
    }
}
