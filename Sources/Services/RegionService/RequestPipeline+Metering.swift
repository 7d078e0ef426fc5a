import Engine
import Wire

/// Operations on items when tables are held to their capacity.
///
/// Each is performed as ever, between a check of its tables' budgets and the counting of what it
/// used. Writes are checked by the writer, one after another, so that none slips by while
/// others wait.
extension RequestPipeline {
    /// Performs an operation on items; false for any other.
    func performMetered(
        _ request: AnyRequest,
        for asker: Asker,
        _ meter: CapacityMeter,
    ) throws -> Bool {
        switch request {
        case .getItem(let request): try read(request, asker, meter)
        case .query(let request): try read(request, asker, meter)
        case .scan(let request): try read(request, asker, meter)
        case .batchGetItem(let request): try readBatch(request, asker, meter)
        case .transactGetItems(let request): try readTransaction(request, asker, meter)
        case .putItem(let request):
            let prepared = try PreparedPutItem(asked(request))
            try write(request, asker, meter) { try prepared.perform(in: &$0) }
        case .updateItem(let request):
            let prepared = try PreparedUpdateItem(asked(request))
            try write(request, asker, meter) { try prepared.perform(in: &$0) }
        case .deleteItem(let request):
            let prepared = try PreparedDeleteItem(asked(request))
            try write(request, asker, meter) { try prepared.perform(in: &$0) }
        case .batchWriteItem(let request): try writeBatch(request, asker, meter)
        case .transactWriteItems(let request): try writeTransaction(request, asker, meter)
        case .executeStatement(let request): try execute(request, asker, meter)
        case .executeTransaction(let request): try execute(request, asker, meter)
        case .batchExecuteStatement(let request): try execute(request, asker, meter)
        default: return false
        }
        return true
    }

    /// The request with the wish to be told everything about capacity.
    private func asked<Request: MeteredRequest>(_ request: Request) -> Request {
        var asked = request
        asked.returnConsumedCapacity = .indexes
        return asked
    }

    private func read<Request: MeteredRead>(
        _ request: Request,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let asked = asked(request)
        try read(asker) { context in
            let table = try context.table(request.tableName)
            try meter.check(.read, of: table, index: request.indexName)
            var response = try asked.perform(in: context)
            response.consumedCapacity = meter.charge(
                .read,
                response.consumedCapacity,
                of: table,
                answering: request.returnConsumedCapacity,
            )
            return response
        }
    }

    private func write<Request: MeteredWrite>(
        _ request: Request,
        _ asker: Asker,
        _ meter: CapacityMeter,
        _ perform: @escaping @Sendable (inout WriteContext) throws -> Request.Response,
    ) throws {
        try write(asker) { context in
            let table = try context.table(request.tableName)
            try meter.check(.write, of: table)
            do {
                var response = try perform(&context)
                response.consumedCapacity = meter.charge(
                    .write,
                    response.consumedCapacity,
                    of: table,
                    answering: request.returnConsumedCapacity,
                )
                return response
            } catch let error as ServiceError {
                meter.chargeRefused(error, of: table)
                throw error
            }
        }
    }

    /// Tables without capacity are left for another time, unless there is no other.
    private func readBatch(
        _ request: BatchGetItemRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let asked = asked(request)
        try read(asker) { context in
            var split = asked
            var left: [TableKeys] = []
            split.tables = try request.tables.filter { part in
                let isLeft = try meter.isThrottled(.read, context.table(part.tableName))
                if isLeft { left.append(part) }
                return !isLeft
            }
            if split.tables.isEmpty, let first = left.first {
                try meter.check(.read, of: context.table(first.tableName))
            }
            var response = try split.perform(in: context)
            response.unprocessed += left
            response.consumedCapacity = try response.consumedCapacity.compactMap { consumed in
                meter.charge(
                    .read,
                    consumed,
                    of: try context.table(consumed.tableName),
                    answering: request.returnConsumedCapacity,
                )
            }
            return response
        }
    }

    private func writeBatch(
        _ request: BatchWriteItemRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        // What is wrong with the request is said before anything waits.
        _ = try PreparedBatchWriteItem(request)
        let asked = asked(request)
        try submit(asker) { group in
            var split = asked
            var left: [TableWrites] = []
            let tables = try group.perform { context in
                try request.tables.map { try context.table($0.tableName) }
            }
            split.tables = []
            for (part, table) in zip(request.tables, tables) {
                if meter.isThrottled(.write, table) {
                    left.append(part)
                } else {
                    split.tables.append(part)
                }
            }
            if split.tables.isEmpty, let first = tables.first {
                try meter.check(.write, of: first)
            }
            let prepared = try PreparedBatchWriteItem(split)
            let writes = try group.perform { try prepared.checked(in: $0) }
            let used = try writes.map { write in
                try group.perform { try write.perform(in: &$0) }
            }
            var response = prepared.response(writes, consumed: used)
            response.unprocessed += left
            response.consumedCapacity = response.consumedCapacity.compactMap { consumed in
                guard let table = tables.first(where: { $0.isCalled(consumed.tableName) }) else {
                    return nil
                }
                return meter.charge(
                    .write,
                    consumed,
                    of: table,
                    answering: request.returnConsumedCapacity,
                )
            }
            return try APIResponse.encoding(response)
        }
    }

    private func readTransaction(
        _ request: TransactGetItemsRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let asked = asked(request)
        try read(asker) { context in
            let tables = try request.gets.map { try context.table($0.tableName) }
            try meter.checkAll(.read, tables)
            var response = try asked.perform(in: context)
            response.consumedCapacity = try response.consumedCapacity.compactMap { consumed in
                meter.charge(
                    .read,
                    consumed,
                    of: try context.table(consumed.tableName),
                    answering: request.returnConsumedCapacity,
                )
            }
            return response
        }
    }

    private func writeTransaction(
        _ request: TransactWriteItemsRequest,
        _ asker: Asker,
        _ meter: CapacityMeter,
    ) throws {
        let prepared = try PreparedTransactWriteItems(asked(request))
        try write(asker, isBehindFence: true) { context in
            var tables: [Table] = []
            for action in request.actions { tables.append(try context.table(action.tableName)) }
            try meter.checkAll(.write, tables)
            var response = try prepared.perform(in: &context)
            response.consumedCapacity = response.consumedCapacity.compactMap { consumed in
                guard let table = tables.first(where: { $0.isCalled(consumed.tableName) }) else {
                    return nil
                }
                return meter.charge(
                    consumed.kind == .read ? .read : .write,
                    consumed,
                    of: table,
                    answering: request.returnConsumedCapacity,
                )
            }
            return response
        }
    }
}

/// A request that can be asked to tell what it used.
private protocol MeteredRequest: OperationRequest {
    var returnConsumedCapacity: ReturnConsumedCapacity { get set }
}

/// One that uses a single table.
private protocol SingleTableRequest: MeteredRequest where Response: MeteredResponse {
    var tableName: String { get }
}

private protocol MeteredResponse: OperationResponse {
    var consumedCapacity: ConsumedCapacity? { get set }
}

private protocol MeteredRead: SingleTableRequest {
    var indexName: String? { get }

    func perform(in context: ReadContext) throws -> Response
}

private protocol MeteredWrite: SingleTableRequest {}

extension GetItemRequest: MeteredRead {
    fileprivate var indexName: String? { nil }
}
extension QueryRequest: MeteredRead {}
extension ScanRequest: MeteredRead {}
extension PutItemRequest: MeteredWrite {}
extension UpdateItemRequest: MeteredWrite {}
extension DeleteItemRequest: MeteredWrite {}
extension BatchGetItemRequest: MeteredRequest {}
extension BatchWriteItemRequest: MeteredRequest {}
extension TransactGetItemsRequest: MeteredRequest {}
extension TransactWriteItemsRequest: MeteredRequest {}
extension GetItemResponse: MeteredResponse {}
extension QueryResponse: MeteredResponse {}
extension ScanResponse: MeteredResponse {}
extension PutItemResponse: MeteredResponse {}
extension UpdateItemResponse: MeteredResponse {}
extension DeleteItemResponse: MeteredResponse {}
