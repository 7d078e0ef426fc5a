package import Expressions
package import Wire

import Changes
import Items

/// An `UpdateItem` that needs nothing but the store.
///
/// A reference, as `PreparedPutItem` is.
package final class PreparedUpdateItem: Sendable {
    private let request: UpdateItemRequest
    private let update: UpdateExpression?
    private let condition: ConditionExpression?
    /// Whether what the update says is bounded as well, beside what comes of it.
    private let isCharged: Bool

    package init(
        _ request: UpdateItemRequest,
        known: ExpressionCache? = nil,
    ) throws(ServiceError) {
        (update, condition) = try ServiceError.counting { () throws(ServiceError) in
            var expressions = try ExpressionReader(
                writeNames: request.names,
                values: request.values,
                expressions: [
                    (.update, request.update != nil),
                    (.condition, request.condition != nil),
                ],
                known: known,
            )
            // The other way round than a transaction's update, whose words are older.
            let condition = try expressions.condition(request.condition)
            let update = try expressions.update(request.update)
            try expressions.finish()
            return (
                update ?? request.attributeUpdates.map(UpdateExpression.init),
                condition ?? request.expected.map(ConditionExpression.init)
            )
        }
        self.request = request
        isCharged = request.update != nil
    }

    /// An update whose expressions are trees already; those of the request are not looked at.
    init(
        _ request: UpdateItemRequest,
        update: UpdateExpression,
        condition: ConditionExpression?,
    ) {
        self.request = request
        self.update = update
        self.condition = condition
        isCharged = false
    }

    /// Makes the item with its key where there is none, unless all that is asked is to remove.
    package func perform(in context: inout WriteContext) throws -> UpdateItemResponse {
        if let table = context.plainTable(request.tableName) {
            return try perform(in: table, &context)
        }
        let table = try context.table(request.tableName)
        let key = try table.key(named: request.key)
        if let update { try table.check(update) }
        try table.check(condition: condition)
        return try context.group.withPresent(of: table, at: key) { present in
            try update(in: table, at: key, over: present, &context)
        }
    }

    /// The same in a plain table, which has no indexes to check anything against, and no collections.
    private func perform(
        in table: PlainTable,
        _ context: inout WriteContext,
    ) throws -> UpdateItemResponse {
        let key = try table.key(named: request.key)
        if let update { try table.check(update) }
        try table.check(condition: condition)
        return try context.group.withPresent(ofNumber: table.target.number, at: key) { present in
            let (old, sizeBefore) = (try present.item(), try present.sizeBytes)
            try checkCharge(on: old)
            try condition?.check(old, returning: request.returnValuesOnConditionCheckFailure)
            if old == nil, update?.onlyRemoves == true { return response(to: nil, old: nil) }
            let result = try result(on: old)
            let sizeBytes = result.item.sizeBytes
            try context.write(
                result.item.encoded(),
                sizeBytes: sizeBytes,
                to: table,
                at: key,
                over: present,
            )
            return response(to: result, old: old, sizeBytes: max(sizeBytes, sizeBefore))
        }
    }

    private func update(
        in table: Table,
        at key: [UInt8],
        over present: Present,
        _ context: inout WriteContext,
    ) throws -> UpdateItemResponse {
        let (old, sizeBefore) = (try present.item(), try present.sizeBytes)
        try checkCharge(on: old)
        try condition?.check(old, returning: request.returnValuesOnConditionCheckFailure)
        if old == nil, update?.onlyRemoves == true {
            return response(to: nil, old: nil)
        }

        let result = try result(on: old)
        if let fault = table.indexKeyFault(in: result.item) { throw fault.resultError }
        let sizeBytes = result.item.sizeBytes
        let image = result.item.encoded()
        try context.checkCollection(
            of: table,
            at: key,
            image: image,
            sizeBytes: sizeBytes,
            over: present,
        )
        let effects = try context.write(
            image,
            sizeBytes: sizeBytes,
            to: table,
            at: key,
            over: present,
        )
        var response = response(
            to: result,
            old: old,
            sizeBytes: max(sizeBytes, sizeBefore),
            effects,
        )
        response.itemCollectionMetrics = table.collection(
            request.returnItemCollectionMetrics,
            of: request.key,
            effects,
        )
        return response
    }

    /// Refuses an expression that says too much; see `Update.chargedBytes`.
    private func checkCharge(on old: Item?) throws(ServiceError) {
        guard isCharged, let update,
            update.update.chargedBytes(on: old) > ItemLimits.itemBytesMax
        else { return }
        throw .itemToUpdateTooLarge
    }

    private func result(on old: Item?) throws(ServiceError) -> UpdateResult {
        let update = update ?? UpdateExpression(Update([]))
        do throws(ServiceError) {
            return try update.result(on: old, key: request.key)
        } catch {
            // The service has words of its own for updates without an expression.
            guard request.attributeUpdates != nil,
                error == .validation(ExpressionError.wrongOperandType.message)
            else { throw error }
            throw .validation("Type mismatch for attribute to update")
        }
    }

    private func response(
        to result: UpdateResult?,
        old: Item?,
        sizeBytes: Int = 0,
        _ effects: WriteEffects = WriteEffects(),
    ) -> UpdateItemResponse {
        let attributes: Item? =
            switch request.returnValues {
            case .none: nil
            case .allOld: old
            case .allNew: result?.item
            case .updatedOld: result?.updatedOld
            case .updatedNew: result?.updatedNew
            }
        return UpdateItemResponse(
            attributes: attributes.flatMap { $0.isEmpty ? nil : $0 },
            consumedCapacity: ConsumedCapacity(
                request.returnConsumedCapacity,
                tableName: request.tableName,
                written: sizeBytes,
                effects,
            ),
        )
    }
}

extension UpdateExpression {
    /// Whether there is nothing to do to an item that does not exist.
    ///
    /// The service does not make an item of the key alone for such an update, as it does for one
    /// without any action; and an item made here could only stand in another region's way.
    var onlyRemoves: Bool {
        update.actions.allSatisfy { action in
            switch action {
            case .remove, .delete: true
            case .set, .add: false
            }
        }
    }

    /// The item after the update, within the bounds of items.
    func result(on old: Item?, key: Item) throws(ServiceError) -> UpdateResult {
        let result = try ServiceError.from { () throws(ExpressionError) in
            try apply(to: old, key: key)
        }
        // An update can put a deep value at the end of a deep path.
        guard !result.item.isNested(deeperThan: AttributeValue.nestingLevelsMax) else {
            throw .validation("Nesting Levels have exceeded supported limits")
        }
        guard result.item.sizeBytes <= ItemLimits.itemBytesMax else {
            throw .itemToUpdateTooLarge
        }
        return result
    }
}
