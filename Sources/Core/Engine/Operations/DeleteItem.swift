package import Expressions
package import Wire

import Changes
import Items

/// A `DeleteItem` that needs nothing but the store.
package struct PreparedDeleteItem: Sendable {
    private let request: DeleteItemRequest
    private let condition: ConditionExpression?

    package init(
        _ request: DeleteItemRequest,
        known: ExpressionCache? = nil,
    ) throws(ServiceError) {
        condition = try ServiceError.counting { () throws(ServiceError) in
            if request.condition == nil, request.names == nil, request.values == nil {
                return request.expected.map(ConditionExpression.init)
            }
            var expressions = try ExpressionReader(
                writeNames: request.names,
                values: request.values,
                expressions: [(.condition, request.condition != nil)],
                known: known,
            )
            let condition = try expressions.condition(request.condition)
            try expressions.finish()
            return condition ?? request.expected.map(ConditionExpression.init)
        }
        self.request = request
    }

    /// A delete whose condition is a tree already; the one of the request is not looked at.
    init(_ request: DeleteItemRequest, condition: ConditionExpression?) {
        self.request = request
        self.condition = condition
    }

    /// Leaves a tombstone, also where there was no item: another region may have one.
    package func perform(in context: inout WriteContext) throws -> DeleteItemResponse {
        let table = try context.table(request.tableName)
        let key = try table.key(named: request.key)
        try table.check(condition: condition)
        let current = try context.version(of: table, at: key)
        let needsOld = condition != nil || request.returnValues == .allOld
        let old = needsOld ? try current?.item() : nil
        try condition?.check(old, returning: request.returnValuesOnConditionCheckFailure)
        let effects = try context.write(nil, sizeBytes: 0, to: table, at: key, over: current)
        return DeleteItemResponse(
            attributes: request.returnValues == .allOld ? old : nil,
            consumedCapacity: ConsumedCapacity(
                request.returnConsumedCapacity,
                tableName: request.tableName,
                written: current?.sizeBytes ?? 0,
                effects,
            ),
            itemCollectionMetrics: table.collection(
                request.returnItemCollectionMetrics,
                of: request.key,
                effects,
            ),
        )
    }
}
