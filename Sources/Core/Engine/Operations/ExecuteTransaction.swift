package import Wire

import Changes
import Expressions
import Items

/// An `ExecuteTransaction` that has been read: reads of one item each, or writes and conditions.
package enum PreparedExecuteTransaction: Sendable {
    case reads(Reads)
    case writes(Writes)

    package init(_ request: ExecuteTransactionRequest) throws(ServiceError) {
        var statements: [PreparedStatement] = []
        for (index, statement) in request.statements.enumerated() {
            do throws(ServiceError) {
                statements.append(try PreparedStatement(statement))
            } catch {
                throw error.inTransactStatement(index)
            }
        }
        let selects = statements.filter { $0.isSelect }
        guard selects.isEmpty || selects.count == statements.count else {
            throw .readsAndWritesInTransaction
        }
        let payloadBytes = request.statements.reduce(0) { $0 + $1.payloadBytes }
        guard payloadBytes <= TransactionLimits.payloadBytesMax else {
            throw .transactionPayloadTooLarge
        }
        self =
            selects.isEmpty
            ? .writes(Writes(request, statements)) : .reads(Reads(request, statements))
    }

    // MARK: Reads

    /// One snapshot answers for all items.
    package struct Reads: Sendable {
        private let request: ExecuteTransactionRequest
        private let statements: [PreparedStatement]

        fileprivate init(_ request: ExecuteTransactionRequest, _ statements: [PreparedStatement]) {
            self.request = request
            self.statements = statements
        }

        /// One for each statement.
        package var tableNames: [String] { statements.map(\.tableName) }

        package func perform(in context: ReadContext) throws -> ExecuteTransactionResponse {
            var tables = StatementTables()
            var keys: [ActionKey] = []
            for (index, prepared) in statements.enumerated() {
                do throws(ServiceError) {
                    guard let table = tables.add(named: prepared.tableName, context.table) else {
                        keys.append(.failure(.tableNotFound))
                        continue
                    }
                    keys.append(try Self.key(of: prepared, in: table))
                } catch {
                    throw error.inTransactStatement(index)
                }
            }
            let found = try tables.allFound()
            let targets = try TransactionReasons.collect(count: statements.count) {
                (index) throws(ServiceError) in
                let key = try keys[index].get()
                try found[index].check(projection: statements[index].projection)
                return Target(table: found[index], key: key)
            }
            let read = try TransactionRead(targets, statements.map(\.projection), from: context)
            return ExecuteTransactionResponse(
                items: read.items,
                consumedCapacity: read.told(
                    request.returnConsumedCapacity,
                    of: statements.map(\.tableName),
                ),
            )
        }

        /// The key that a SELECT reads, or why it cancels the transaction.
        private static func key(
            of prepared: PreparedStatement,
            in table: Table,
        ) throws(ServiceError) -> ActionKey {
            guard case .select(let select) = prepared.statement else {
                preconditionFailure("all statements are SELECTs")
            }
            guard select.source.indexName == nil else { throw .indexReadInTransaction }
            do throws(ServiceError) {
                let plan = try SelectPlan(select.condition, schema: table.schema)
                guard let key = plan.onlyKey else {
                    throw .selectWithoutKey(in: .executeTransaction)
                }
                return .success(key)
            } catch {
                let mismatches = table.schema.keyAttributes.map {
                    ServiceError.whereKeyTypeMismatch($0.name)
                }
                guard mismatches.contains(error) else { throw error }
                return .failure(.keyMismatch)
            }
        }
    }

    // MARK: Writes

    /// Becomes a `PreparedTransactWriteItems` once the tables' keys are known.
    package struct Writes: Sendable {
        private let request: ExecuteTransactionRequest
        private let statements: [PreparedStatement]
        private let token: RequestToken?

        fileprivate init(_ request: ExecuteTransactionRequest, _ statements: [PreparedStatement]) {
            self.request = request
            self.statements = statements
            token = request.clientRequestToken.map { text in
                RequestToken(
                    operation: .executeTransaction,
                    text: text,
                    fingerprint: StatementRequest.fingerprint(of: request.statements),
                )
            }
        }

        /// One for each statement.
        package var tableNames: [String] { statements.map(\.tableName) }

        package func perform(
            in context: inout WriteContext
        ) throws -> ExecuteTransactionResponse {
            if let token, let row = try context.row(of: token) { return replay(row) }
            let response = try transaction(in: context).perform(in: &context)
            return ExecuteTransactionResponse(consumedCapacity: response.consumedCapacity)
        }

        /// The answer to a request that took effect before: as that of a TransactWriteItems.
        private func replay(_ row: TokenRow) -> ExecuteTransactionResponse {
            ExecuteTransactionResponse(
                consumedCapacity: TransactionCapacity.told(
                    request.returnConsumedCapacity,
                    .read,
                    statements.enumerated().map { index, statement in
                        (statement.tableName, row.units(ofAction: index), WriteEffects())
                    },
                )
            )
        }

        private func transaction(
            in context: borrowing WriteContext
        ) throws(ServiceError) -> PreparedTransactWriteItems {
            var tables = StatementTables()
            for (index, prepared) in statements.enumerated() {
                guard
                    let table = tables.add(
                        named: prepared.tableName,
                        { (name) throws(ServiceError) in try context.table(name) },
                    )
                else { continue }
                do throws(ServiceError) {
                    try Self.check(prepared, in: table)
                } catch {
                    throw error.inTransactStatement(index)
                }
            }
            let found = try tables.allFound()
            let actions = try TransactionReasons.collect(count: statements.count) {
                (index) throws(ServiceError) in
                try StatementAction(statements[index], in: found[index])
            }
            return PreparedTransactWriteItems(
                TransactWriteItemsRequest(
                    actions: actions.map(\.request),
                    returnConsumedCapacity: request.returnConsumedCapacity,
                ),
                actions.map(\.prepared),
                token,
            )
        }

        /// What makes the request a wrong one, before there is a transaction to cancel.
        private static func check(
            _ prepared: PreparedStatement,
            in table: Table,
        ) throws(ServiceError) {
            guard prepared.statement.returning == nil else { throw .returningInTransaction }
            guard prepared.isExists else { return }
            guard prepared.statement.source.indexName == nil else { throw .indexInTransaction }
            _ = try StatementWrite(prepared.statement, schema: table.schema)
        }
    }
}

/// The tables that the statements of a transaction name, in order.
private struct StatementTables {
    private var results: [Result<Table, ServiceError>] = []

    /// Nil, and remembered, if there is no such table.
    mutating func add(
        named name: String,
        _ find: (String) throws(ServiceError) -> Table,
    ) -> Table? {
        do throws(ServiceError) {
            let table = try find(name)
            results.append(.success(table))
            return table
        } catch {
            results.append(.failure(error))
            return nil
        }
    }

    /// Cancels the transaction unless all are there.
    func allFound() throws(ServiceError) -> [Table] {
        try TransactionReasons.collect(count: results.count) { (index) throws(ServiceError) in
            try results[index].get()
        }
    }
}

/// A write statement as an action of a transaction.
private struct StatementAction {
    let request: TransactWrite
    let prepared: PreparedAction

    init(_ statement: PreparedStatement, in table: Table) throws(ServiceError) {
        let work: PreparedAction.Work
        let kind: TransactWrite.Kind
        var condition: ConditionExpression?
        switch try Self.write(statement, table) {
        case .insert(let item):
            _ = try table.actionKey(ofItem: item).get()
            work = .insert(try EncodedItem(item))
            kind = .put(item: item)
        case .update(let key, let update, let found):
            _ = try table.actionKey(named: key).get()
            work = .update(key: key, update.update)
            // The text is not looked at: the prepared action has the tree.
            kind = .update(key: key, expression: "")
            condition = found
        case .delete(let key, _, let found):
            _ = try table.actionKey(named: key).get()
            work = found == nil ? .delete : .deletePresent
            kind = .delete(key: key)
            condition = found
        case .check(let key, let found):
            _ = try table.actionKey(named: key).get()
            work = .check
            kind = .conditionCheck(key: key)
            condition = found
        }
        let returning = statement.request.returnValuesOnConditionCheckFailure
        request = TransactWrite(tableName: statement.tableName, kind: kind)
        prepared = PreparedAction(work, condition: condition, returning: returning)
    }

    /// Inside a transaction there is one word for all keys that are none.
    private static func write(
        _ statement: PreparedStatement,
        _ table: Table,
    ) throws(ServiceError) -> StatementWrite {
        do throws(ServiceError) {
            return try StatementWrite(statement.statement, schema: table.schema)
        } catch {
            throw .keyMismatch
        }
    }
}

extension StatementRequest {
    /// What the statement and its parameters count towards a transaction's payload.
    fileprivate var payloadBytes: Int {
        parameters.reduce(text.utf8.count) { $0 + $1.sizeBytes }
    }
}

extension PreparedStatement {
    fileprivate var projection: ProjectionExpression? {
        guard case .select(let select) = statement else { return nil }
        return select.projection
    }
}
