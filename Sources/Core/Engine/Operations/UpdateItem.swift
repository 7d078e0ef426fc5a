package import Expressions
package import Wire

import Changes
import Items

/// An `UpdateItem` that needs nothing but the store.
///
/// A reference, as `PreparedPutItem` is.
package final class PreparedUpdateItem: Sendable {
    private let request: UpdateItemRequest
    private let expressions: Expressions
    /// Whether what the update says is bounded as well, beside what comes of it.
    private let isCharged: Bool

    private enum Expressions {
        case trees(UpdateExpression?, ConditionExpression?)
        /// Of which trees are made only where they are asked for: by the writer, where an item or its table is
        /// not of the usual kind. The values are in the form's order.
        case form(UpdateForm, FlatUpdate, [(String, AttributeValue)])
    }

    package init(
        _ request: UpdateItemRequest,
        known: ExpressionCache? = nil,
    ) throws(ServiceError) {
        let texts = known == nil ? nil : request.texts
        if let known, let texts, let (form, values) = known.form(of: texts) {
            if let flat = form.flat, request.returnValues.isOfNew {
                expressions = .form(form, flat, values)
            } else {
                let (update, condition) = form.trees(values)
                expressions = .trees(update, condition)
            }
        } else {
            expressions = try Self.trees(of: request, known)
            if let known, let texts { known.keepForm(of: texts) }
        }
        self.request = request
        isCharged = request.update != nil
    }

    private static func trees(
        of request: UpdateItemRequest,
        _ known: ExpressionCache?,
    ) throws(ServiceError) -> Expressions {
        try ServiceError.counting { () throws(ServiceError) in
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
            return .trees(
                update ?? request.attributeUpdates.map(UpdateExpression.init),
                condition ?? request.expected.map(ConditionExpression.init),
            )
        }
    }

    /// An update whose expressions are trees already; those of the request are not looked at.
    init(
        _ request: UpdateItemRequest,
        update: UpdateExpression,
        condition: ConditionExpression?,
    ) {
        self.request = request
        expressions = .trees(update, condition)
        isCharged = false
    }

    private var trees: (UpdateExpression?, ConditionExpression?) {
        switch expressions {
        case .trees(let update, let condition): (update, condition)
        case .form(let form, _, let values): form.trees(values)
        }
    }

    /// Makes the item with its key where there is none, unless all that is asked is to remove.
    package func perform(in context: inout WriteContext) throws -> UpdateItemResponse {
        if let table = context.plainTable(request.tableName) {
            return try perform(in: table, &context)
        }
        let table = try context.table(request.tableName)
        let key = try table.key(named: request.key)
        let (update, condition) = trees
        if let update { try table.check(update) }
        try table.check(condition: condition)
        return try context.group.withPresent(of: table, at: key) { present in
            try self.update(update, condition, in: table, at: key, over: present, &context)
        }
    }

    /// The same in a plain table, which has no indexes to check anything against, and no collections.
    private func perform(
        in table: PlainTable,
        _ context: inout WriteContext,
    ) throws -> UpdateItemResponse {
        guard case .form(_, let flat, let values) = expressions,
            !flat.changesKey(of: table.schema),
            flat.chargedBytesMax(values) <= ItemLimits.itemBytesMax
        else {
            let (update, condition) = trees
            let putKey = { (row: inout ByteWriter) in
                try table.appendKey(named: self.request.key, to: &row)
                if let update { try table.check(update) }
                try table.check(condition: condition)
            }
            return try context.group.withPresent(ofNumber: table.target.number, putKey) {
                try self.update(update, condition, in: table, over: $0, &context)
            }
        }
        let putKey = { (row: inout ByteWriter) in
            try table.appendKey(named: self.request.key, to: &row)
        }
        return try context.group.withPresent(ofNumber: table.target.number, putKey) { present in
            if let response = try self.update(flat, values, in: table, over: present, &context) {
                return response
            }
            // They write no key, and their paths are to whole attributes: there is nothing to check them for.
            let (update, condition) = trees
            return try self.update(update, condition, in: table, over: present, &context)
        }
    }

    private func update(
        _ update: UpdateExpression?,
        _ condition: ConditionExpression?,
        in table: PlainTable,
        over present: Present,
        _ context: inout WriteContext,
    ) throws -> UpdateItemResponse {
        guard let (result, old, sizeBefore) = try outcome(update, condition, over: present) else {
            return response(to: nil, old: nil)
        }
        let sizeBytes = result.item.sizeBytes
        try context.write(result.item.encoded(), sizeBytes: sizeBytes, to: table, over: present)
        return response(to: result, old: old, sizeBytes: max(sizeBytes, sizeBefore))
    }

    private func update(
        _ update: UpdateExpression?,
        _ condition: ConditionExpression?,
        in table: Table,
        at key: [UInt8],
        over present: Present,
        _ context: inout WriteContext,
    ) throws -> UpdateItemResponse {
        guard let (result, old, sizeBefore) = try outcome(update, condition, over: present) else {
            return response(to: nil, old: nil)
        }
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

    /// What the trees make of the item that is there, if its condition holds; nil where there is nothing to do.
    private func outcome(
        _ update: UpdateExpression?,
        _ condition: ConditionExpression?,
        over present: Present,
    ) throws -> (result: UpdateResult, old: Item?, sizeBefore: Int)? {
        let (old, sizeBefore) = (try present.item(), try present.sizeBytes)
        try checkCharge(of: update, on: old)
        try condition?.check(old, returning: request.returnValuesOnConditionCheckFailure)
        if old == nil, update?.onlyRemoves == true { return nil }
        return (try result(of: update, on: old), old, sizeBefore)
    }

    /// Refuses an expression that says too much; see `Update.chargedBytes`.
    private func checkCharge(
        of update: UpdateExpression?,
        on old: Item?,
    ) throws(ServiceError) {
        guard isCharged, let update,
            update.update.chargedBytes(on: old) > ItemLimits.itemBytesMax
        else { return }
        throw .itemToUpdateTooLarge
    }

    private func result(
        of update: UpdateExpression?,
        on old: Item?,
    ) throws(ServiceError) -> UpdateResult {
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
        return response(attributes, sizeBytes: sizeBytes, effects)
    }

    private func response(
        _ attributes: Item?,
        sizeBytes: Int,
        _ effects: WriteEffects,
    ) -> UpdateItemResponse {
        UpdateItemResponse(
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

extension PreparedUpdateItem {
    /// The same without trees; nil where it takes these to tell what is so, and nothing was done.
    private func update(
        _ flat: FlatUpdate,
        _ values: [(String, AttributeValue)],
        in table: PlainTable,
        over present: Present,
        _ context: inout WriteContext,
    ) throws -> UpdateItemResponse? {
        let isTelling = request.returnValues == .updatedNew
        guard let stored = present.stored,
            let result = flat.result(on: stored.image, values, isTelling: isTelling)
        else { return nil }
        let sizeBytes = result.item.sizeBytes
        guard sizeBytes <= ItemLimits.itemBytesMax else { return nil }
        try context.write(result.item.encoded(), sizeBytes: sizeBytes, to: table, over: present)
        let attributes: Item? =
            switch request.returnValues {
            case .allNew: result.item
            case .updatedNew: Item(result.changed)
            case .none, .allOld, .updatedOld: nil
            }
        let written = max(sizeBytes, stored.sizeBytes)
        return response(attributes, sizeBytes: written, WriteEffects())
    }
}

extension ReturnValues {
    /// Whether nothing of the item before the update is told.
    fileprivate var isOfNew: Bool {
        switch self {
        case .none, .allNew, .updatedNew: true
        case .allOld, .updatedOld: false
        }
    }
}

extension UpdateItemRequest {
    /// What its expressions are known by; nil for one without an `UpdateExpression`, and one with a fault that
    /// no text shows.
    fileprivate var texts: UpdateTexts? {
        guard let update, attributeUpdates == nil, expected == nil, names?.isEmpty != true,
            values?.isEmpty != true
        else { return nil }
        return UpdateTexts(update: update, condition: condition, names: names, values: values)
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
