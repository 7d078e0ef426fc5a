import Engine
import Wire

/// PartiQL when tables are held to their capacity: as `RequestPipeline+Metering` has it for the
/// operations that statements stand for.
extension RequestPipeline {
    func execute(
        _ request: ExecuteStatementRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let wish = request.returnConsumedCapacity
        var asked = request
        asked.returnConsumedCapacity = .indexes
        switch try PreparedExecuteStatement(asked) {
        case .read(let statement):
            try read(asker) { context in
                let table = try context.table(statement.tableName)
                try meter.check(.read, of: table, index: statement.indexName)
                var response = try statement.perform(in: context)
                response.consumedCapacity = meter.charge(
                    .read,
                    response.consumedCapacity,
                    of: table,
                    answering: wish,
                )
                return response
            }
        case .write(let statement):
            try write(asker) { context in
                let table = try context.table(statement.tableName)
                try meter.check(.write, of: table)
                do {
                    var response = try statement.perform(in: &context)
                    response.consumedCapacity = meter.charge(
                        .write,
                        response.consumedCapacity,
                        of: table,
                        answering: wish,
                    )
                    return response
                } catch let error as ServiceError {
                    meter.chargeRefused(error, of: table)
                    throw error
                }
            }
        }
    }

    /// A table that is not there is no table to be held to anything: the transaction says so itself.
    func execute(
        _ request: ExecuteTransactionRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let wish = request.returnConsumedCapacity
        var asked = request
        asked.returnConsumedCapacity = .indexes
        switch try PreparedExecuteTransaction(asked) {
        case .reads(let reads):
            try read(asker) { context in
                let tables = reads.tableNames.compactMap { try? context.table($0) }
                if tables.count == reads.tableNames.count { try meter.checkAll(.read, tables) }
                var response = try reads.perform(in: context)
                response.consumedCapacity = Self.charge(
                    response.consumedCapacity,
                    tables,
                    meter,
                    wish
                )
                return response
            }
        case .writes(let writes):
            try write(asker, isBehindFence: true) { context in
                var tables: [Table] = []
                for name in writes.tableNames {
                    if let table = try? context.table(name) { tables.append(table) }
                }
                if tables.count == writes.tableNames.count { try meter.checkAll(.write, tables) }
                var response = try writes.perform(in: &context)
                response.consumedCapacity = Self.charge(
                    response.consumedCapacity,
                    tables,
                    meter,
                    wish
                )
                return response
            }
        }
    }

    private static func charge(
        _ consumed: [ConsumedCapacity],
        _ tables: [Table],
        _ meter: CapacityMeter,
        _ wish: ReturnConsumedCapacity,
    ) -> [ConsumedCapacity] {
        consumed.compactMap { consumed in
            guard let table = tables.first(where: { $0.name == consumed.tableName }) else {
                return nil
            }
            let use: CapacityBudgets.Use = consumed.kind == .read ? .read : .write
            return meter.charge(use, consumed, of: table, answering: wish)
        }
    }

    /// A statement whose table has no capacity left fails alone.
    func execute(
        _ request: BatchExecuteStatementRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let wish = request.returnConsumedCapacity
        var asked = request
        asked.returnConsumedCapacity = .indexes
        switch try PreparedBatchExecuteStatement(asked) {
        case .reads(let batch):
            try read(asker) { context in
                try batch.checkDistinct { try? context.table($0) }
                let outcomes = try batch.indices.map { index in
                    let table = batch.tableName(index).flatMap { try? context.table($0) }
                    return try Self.metered(.read, table, meter, wish) {
                        try batch.read(index, in: context)
                    }
                }
                return batch.response(outcomes)
            }
        case .writes(let batch):
            try submit(asker) { group in
                try group.perform { context in
                    try batch.checkDistinct { name in try? context.table(name) }
                }
                let outcomes = try batch.indices.map { index in
                    try group.perform { context in
                        var table: Table?
                        if let name = batch.tableName(index) { table = try? context.table(name) }
                        return try Self.metered(.write, table, meter, wish) {
                            try batch.write(index, in: &context)
                        }
                    }
                }
                return try APIResponse.encoding(batch.response(outcomes))
            }
        }
    }

    private static func metered(
        _ use: CapacityBudgets.Use,
        _ table: Table?,
        _ meter: CapacityMeter,
        _ wish: ReturnConsumedCapacity,
        _ perform: () throws -> PreparedBatchExecuteStatement.Statements.Outcome,
    ) throws -> PreparedBatchExecuteStatement.Statements.Outcome {
        guard let table else { return try perform() }
        do throws(ServiceError) {
            try meter.check(use, of: table)
        } catch {
            return PreparedBatchExecuteStatement.Statements.Outcome(error: error)
        }
        var outcome = try perform()
        if let error = outcome.error { meter.chargeRefused(error, of: table) }
        outcome.consumedCapacity = meter.charge(
            use,
            outcome.consumedCapacity,
            of: table,
            answering: wish,
        )
        return outcome
    }
}
