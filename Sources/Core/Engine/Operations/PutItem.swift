package import Expressions
package import Wire

import Changes
import Items

/// A `PutItem` that needs nothing but the store: parsed, measured and encoded.
///
/// A reference, since it goes from hand to hand until the writer has it, and has a dozen to count with each
/// copy.
package final class PreparedPutItem: Sendable {
    private let request: PutItemRequest
    private let condition: ConditionExpression?
    private let encoded: EncodedItem

    package init(
        _ request: PutItemRequest,
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
        encoded = try EncodedItem(request.item)
        self.request = request
    }

    package func perform(in context: inout WriteContext) throws -> PutItemResponse {
        if let table = context.plainTable(request.tableName) {
            return try perform(in: table, &context)
        }
        let table = try context.table(request.tableName)
        let key = try table.key(ofItem: request.item)
        if let fault = table.indexKeyFault(in: request.item) { throw fault.itemError }
        try table.check(condition: condition)
        return try context.group.withPresent(of: table, at: key) { present in
            try put(in: table, at: key, over: present, &context)
        }
    }

    /// The same in a plain table, which has no indexes to check anything against, and no collections.
    private func perform(
        in table: PlainTable,
        _ context: inout WriteContext,
    ) throws -> PutItemResponse {
        let number = table.target.number
        let putKey = { (row: inout ByteWriter) in
            try table.appendKey(ofItem: self.request.item, to: &row)
            try table.check(condition: self.condition)
        }
        return try context.group.withPresent(ofNumber: number, putKey) { present in
            let sizeBefore = try present.sizeBytes
            let old = try old(in: present)
            try context.write(
                encoded.image,
                sizeBytes: encoded.sizeBytes,
                to: table,
                over: present,
            )
            return PutItemResponse(
                attributes: request.returnValues == .allOld ? old : nil,
                consumedCapacity: consumed(over: sizeBefore, WriteEffects()),
            )
        }
    }

    /// What was there, as far as somebody asks for it, once it satisfies the condition.
    private func old(in present: Present) throws -> Item? {
        guard condition != nil || request.returnValues == .allOld else { return nil }
        let old = try present.item()
        try condition?.check(old, returning: request.returnValuesOnConditionCheckFailure)
        return old
    }

    private func consumed(over sizeBefore: Int, _ effects: WriteEffects) -> ConsumedCapacity? {
        ConsumedCapacity(
            request.returnConsumedCapacity,
            tableName: request.tableName,
            written: max(encoded.sizeBytes, sizeBefore),
            effects,
        )
    }

    private func put(
        in table: Table,
        at key: [UInt8],
        over present: Present,
        _ context: inout WriteContext,
    ) throws -> PutItemResponse {
        let sizeBefore = try present.sizeBytes
        let old = try old(in: present)
        try context.checkCollection(
            of: table,
            at: key,
            image: encoded.image,
            sizeBytes: encoded.sizeBytes,
            over: present,
        )
        let effects = try context.write(
            encoded.image,
            sizeBytes: encoded.sizeBytes,
            to: table,
            at: key,
            over: present,
        )
        return PutItemResponse(
            attributes: request.returnValues == .allOld ? old : nil,
            consumedCapacity: consumed(over: sizeBefore, effects),
            itemCollectionMetrics: table.collection(
                request.returnItemCollectionMetrics,
                of: request.item,
                effects,
            ),
        )
    }
}

/// An item to be put, in its stored form, small enough to be stored.
struct EncodedItem: Sendable {
    let image: [UInt8]
    /// At most `ItemLimits.itemBytesMax`.
    let sizeBytes: Int

    init(_ item: Item) throws(ServiceError) {
        sizeBytes = item.sizeBytes
        guard sizeBytes <= ItemLimits.itemBytesMax else { throw .itemTooLarge }
        image = item.encoded()
    }
}
