import Changes
import Expressions
import Items
import Wire

/// A statement that writes one item, in terms of its table's key.
enum StatementWrite {
    case insert(Item)
    case update(key: Item, PartiQLStatement.Update, ConditionExpression)
    /// Without a condition it deletes whatever is there; with one, only an item that fulfils it.
    case delete(key: Item, PartiQLStatement.Delete, ConditionExpression?)
    /// Writes nothing.
    case check(key: Item, ConditionExpression)

    init(_ statement: PartiQLStatement, schema: TableSchema) throws(ServiceError) {
        switch statement {
        case .select:
            preconditionFailure("a SELECT writes nothing")
        case .insert(let insert):
            self = .insert(insert.item)
        case .update(let update):
            let found = try StatementKey(update.condition, schema: schema)
            // Unlike UpdateItem it makes no item.
            let isThere = Condition.attributeExists(DocumentPath(schema.partition.name))
            let condition = found.rest.map { Condition.and([isThere, $0]) } ?? isThere
            self = .update(key: found.key, update, ConditionExpression(condition))
        case .delete(let delete):
            let found = try StatementKey(delete.condition, schema: schema)
            self = .delete(key: found.key, delete, found.rest.map(ConditionExpression.init))
        case .exists(let select):
            guard
                let found = try? StatementKey(
                    select.condition,
                    schema: schema,
                    firstCounts: true,
                ), let rest = found.rest
            else { throw .existsWithoutCondition }
            self = .check(key: found.key, ConditionExpression(rest))
        }
    }
}

/// A write by itself, of ExecuteStatement or a batch.
struct SingleStatementWrite {
    private let prepared: PreparedStatement
    private let table: Table
    private let write: StatementWrite

    struct Answer {
        /// What RETURNING asked for, if there is something to show.
        var item: Item?
        var consumedCapacity: ConsumedCapacity?
    }

    init(
        _ prepared: PreparedStatement,
        in context: borrowing WriteContext,
    ) throws(ServiceError) {
        self.prepared = prepared
        table = try context.table(prepared.tableName)
        write = try StatementWrite(prepared.statement, schema: table.schema)
    }

    func perform(
        _ shape: ReturnConsumedCapacity,
        in context: inout WriteContext,
    ) throws -> Answer {
        switch write {
        case .insert(let item):
            return try insert(item, shape, in: &context)
        case .update(let key, let update, let condition):
            let request = UpdateItemRequest(
                tableName: prepared.tableName,
                key: key,
                returnValues: ReturnValues(update.returning),
                returnValuesOnConditionCheckFailure: onFailure,
                returnConsumedCapacity: shape,
            )
            let prepared = PreparedUpdateItem(
                request,
                update: update.update,
                condition: condition,
            )
            let response = try prepared.perform(in: &context)
            return Answer(item: response.attributes, consumedCapacity: response.consumedCapacity)
        case .delete(let key, let delete, let condition):
            return try self.delete(key, delete, condition, shape, in: &context)
        case .check:
            throw ServiceError.existsOutsideTransaction
        }
    }

    private var onFailure: ReturnValuesOnConditionCheckFailure {
        prepared.request.returnValuesOnConditionCheckFailure
    }

    private func insert(
        _ item: Item,
        _ shape: ReturnConsumedCapacity,
        in context: inout WriteContext,
    ) throws -> Answer {
        let key = try table.key(ofItem: item)
        if let there = try context.version(of: table, at: key), there.image != nil {
            throw ServiceError.duplicateItem(itemBytes: max(there.sizeBytes, item.sizeBytes))
        }
        let request = PutItemRequest(
            tableName: prepared.tableName,
            item: item,
            returnConsumedCapacity: shape,
        )
        let response = try PreparedPutItem(request).perform(in: &context)
        return Answer(item: nil, consumedCapacity: response.consumedCapacity)
    }

    /// A condition is judged on items only: where there is none, nothing happens, and no tombstone is
    /// left that would delete another region's item unseen.
    private func delete(
        _ key: Item,
        _ delete: PartiQLStatement.Delete,
        _ condition: ConditionExpression?,
        _ shape: ReturnConsumedCapacity,
        in context: inout WriteContext,
    ) throws -> Answer {
        if condition != nil {
            let place = try table.key(named: key)
            guard try context.version(of: table, at: place)?.image != nil else {
                return Answer(
                    item: nil,
                    consumedCapacity: ConsumedCapacity(
                        shape,
                        tableName: prepared.tableName,
                        table: .write(bytes: 0),
                    ),
                )
            }
        }
        let request = DeleteItemRequest(
            tableName: prepared.tableName,
            key: key,
            returnValues: ReturnValues(delete.returning),
            returnValuesOnConditionCheckFailure: onFailure,
            returnConsumedCapacity: shape,
        )
        let prepared = PreparedDeleteItem(request, condition: condition)
        let response = try prepared.perform(in: &context)
        return Answer(item: response.attributes, consumedCapacity: response.consumedCapacity)
    }
}

extension ReturnValues {
    init(_ returning: StatementReturning?) {
        switch returning.map({ ($0.isModified, $0.isNew) }) {
        case nil: self = .none
        case (false, false)?: self = .allOld
        case (false, true)?: self = .allNew
        case (true, false)?: self = .updatedOld
        case (true, true)?: self = .updatedNew
        }
    }
}
