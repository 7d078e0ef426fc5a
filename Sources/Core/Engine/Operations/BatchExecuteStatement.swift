package import Wire

import Expressions
import Items

/// A `BatchExecuteStatement` that has been read: reads, or writes.
///
/// A statement that cannot be read or carried out fails alone. Each write is an operation of its own.
package enum PreparedBatchExecuteStatement: Sendable {
    case reads(Statements)
    case writes(Statements)

    package init(_ request: BatchExecuteStatementRequest) throws(ServiceError) {
        let statements = Statements(request)
        let selects = statements.prepared.filter { $0.isSelect }
        guard selects.isEmpty || selects.count == statements.prepared.count else {
            throw .readsAndWritesInBatch
        }
        self = selects.isEmpty ? .writes(statements) : .reads(statements)
    }

    /// The statements of a batch, in order.
    package struct Statements: Sendable {
        private let request: BatchExecuteStatementRequest
        fileprivate let results: [Result<PreparedStatement, ServiceError>]

        fileprivate init(_ request: BatchExecuteStatementRequest) {
            self.request = request
            results = request.statements.map { statement in
                do throws(ServiceError) {
                    return .success(try PreparedStatement(statement))
                } catch {
                    return .failure(error)
                }
            }
        }

        /// Those that could be read.
        fileprivate var prepared: [PreparedStatement] {
            results.compactMap { try? $0.get() }
        }

        package var indices: Range<Int> { results.indices }

        /// The table that a statement names; nil for one that could not be read.
        package func tableName(_ index: Int) -> String? {
            try? results[index].get().tableName
        }

        /// Refuses the batch if two of its statements name one item; those that do not name a whole
        /// key fail later, alone.
        package func checkDistinct(_ table: (String) -> Table?) throws(ServiceError) {
            var seen: Set<[[UInt8]]> = []
            for prepared in prepared {
                guard let key = table(prepared.tableName).flatMap({ prepared.key(in: $0.schema) })
                else { continue }
                guard seen.insert([Array(prepared.tableName.utf8), key]).inserted else {
                    throw .duplicateKeys
                }
            }
        }

        /// What became of a statement, and what it used.
        package struct Outcome {
            let part: BatchExecuteStatementResponse.Part
            package var consumedCapacity: ConsumedCapacity?
            /// Why the statement was not carried out.
            package private(set) var error: ServiceError?

            init(
                part: BatchExecuteStatementResponse.Part,
                consumedCapacity: ConsumedCapacity? = nil,
            ) {
                self.part = part
                self.consumedCapacity = consumedCapacity
            }

            /// A statement that is not carried out; the answer may name its table.
            package init(error: ServiceError, tableName: String? = nil) {
                part = BatchExecuteStatementResponse.Part(tableName: tableName, error: error)
                self.error = error
            }

            /// What a write used that was refused for what the item is; nil for any other outcome.
            fileprivate var refusedUnits: CapacityUnits? {
                guard let error, error.isRefusalByItem else { return nil }
                return .write(bytes: error.itemBytes)
            }
        }

        /// Refused writes count in the total of a table that another of the statements wrote, and in
        /// none of its parts, as the service tells it.
        package func response(_ outcomes: [Outcome]) -> BatchExecuteStatementResponse {
            var consumed = ConsumedCapacity.sum(outcomes.compactMap(\.consumedCapacity))
            for outcome in outcomes {
                guard let units = outcome.refusedUnits,
                    let place = consumed.firstIndex(where: {
                        $0.tableName == outcome.part.tableName
                    })
                else { continue }
                consumed[place].total += units
            }
            return BatchExecuteStatementResponse(
                parts: outcomes.map(\.part),
                consumedCapacity: consumed,
            )
        }

        // MARK: Reads

        package func read(in context: ReadContext) throws -> BatchExecuteStatementResponse {
            try checkDistinct { try? context.table($0) }
            return response(try indices.map { try read($0, in: context) })
        }

        package func read(_ index: Int, in context: ReadContext) throws -> Outcome {
            do {
                return try read(try results[index].get(), in: context)
            } catch let error as ServiceError {
                return Outcome(error: error)
            }
        }

        private func read(
            _ prepared: PreparedStatement,
            in context: ReadContext,
        ) throws -> Outcome {
            guard case .select(let select) = prepared.statement else {
                throw ServiceError.existsOutsideTransaction
            }
            let table = try context.table(prepared.tableName)
            let missing = ServiceError.selectWithoutKey(in: .batchExecuteStatement)
            if let name = select.source.indexName {
                try table.index(named: name)?.checkReadByStatements()
                throw missing
            }
            let plan = try SelectPlan(select.condition, schema: table.schema)
            guard let key = plan.onlyKey else { throw missing }
            try table.check(projection: select.projection)
            let found = try context.image(of: table, at: key)
            return Outcome(
                part: BatchExecuteStatementResponse.Part(
                    tableName: prepared.tableName,
                    item: try found.map { try ResponseItem($0.bytes, select.projection) },
                ),
                consumedCapacity: ConsumedCapacity(
                    request.returnConsumedCapacity,
                    tableName: prepared.tableName,
                    table: .read(
                        bytes: found?.sizeBytes ?? 0,
                        consistent: prepared.request.consistentRead,
                    ),
                ),
            )
        }

        // MARK: Writes

        /// Carries out one statement, in a context of its own.
        package func write(_ index: Int, in context: inout WriteContext) throws -> Outcome {
            var tableName: String?
            do {
                let prepared = try results[index].get()
                guard !prepared.isExists else { throw ServiceError.existsOutsideTransaction }
                let write = try SingleStatementWrite(prepared, in: context)
                // From here on the answer names the table, whatever becomes of the statement.
                tableName = prepared.tableName
                let answer = try write.perform(request.returnConsumedCapacity, in: &context)
                return Outcome(
                    part: BatchExecuteStatementResponse.Part(
                        tableName: tableName,
                        item: answer.item.map { .item($0) },
                    ),
                    consumedCapacity: answer.consumedCapacity,
                )
            } catch let error as ServiceError {
                return Outcome(error: error, tableName: tableName)
            }
        }
    }
}

extension PreparedStatement {
    /// The stored form of the key of the one item that the statement is about; nil if it names none.
    fileprivate func key(in schema: TableSchema) -> [UInt8]? {
        switch statement {
        case .exists: return nil
        case .select(let select):
            guard select.source.indexName == nil else { return nil }
            return (try? SelectPlan(select.condition, schema: schema))?.onlyKey
        case .insert(let insert): return try? ItemKey(schema: schema, item: insert.item).bytes
        case .update(let update): return key(update.condition, schema)
        case .delete(let delete): return key(delete.condition, schema)
        }
    }

    private func key(_ condition: Condition?, _ schema: TableSchema) -> [UInt8]? {
        guard let found = try? StatementKey(condition, schema: schema) else { return nil }
        return try? ItemKey(schema: schema, key: found.key).bytes
    }
}

extension ConsumedCapacity {
    /// What several requests used together, told for each table in the order in which they first
    /// name them.
    static func sum(_ capacities: [ConsumedCapacity]) -> [ConsumedCapacity] {
        var sums: [ConsumedCapacity] = []
        for capacity in capacities {
            if let index = sums.firstIndex(where: { $0.tableName == capacity.tableName }) {
                sums[index].add(capacity)
            } else {
                sums.append(capacity)
            }
        }
        return sums
    }

    private mutating func add(_ other: ConsumedCapacity) {
        total += other.total
        if let units = other.table { table = (table ?? .zero) + units }
        Self.add(other.localIndexes, to: &localIndexes)
        Self.add(other.globalIndexes, to: &globalIndexes)
    }

    private static func add(_ others: [IndexPart], to parts: inout [IndexPart]) {
        for other in others {
            if let index = parts.firstIndex(where: { $0.indexName == other.indexName }) {
                parts[index].units += other.units
            } else {
                parts.append(other)
            }
        }
    }
}
