import Changes
import Expressions
package import Items
import Testing
import Wire

@testable import Engine

/// A region in memory with tables to operate on.
///
/// Every operation is a group of its own.
final class OperationFixture {
    let store: MemoryStore
    let engine: RegionEngine
    private var wallMilliseconds: UInt64
    private var tableCount: UInt64 = 0
    private let known = ExpressionCache()

    convenience init(settings: EngineSettings = EngineSettings()) throws {
        try self.init(MemoryStore(), settings, wallMilliseconds: 1_800_000_000_000)
    }

    /// The region of another fixture, started again on what that one stored.
    convenience init(restarting other: OperationFixture) throws {
        let settings = other.engine.settings
        try self.init(other.store, settings, wallMilliseconds: other.wallMilliseconds)
    }

    private init(
        _ store: MemoryStore,
        _ settings: EngineSettings,
        wallMilliseconds now: UInt64,
    ) throws {
        self.store = store
        wallMilliseconds = now
        engine = try store.write { transaction in
            try RegionEngine(
                opening: transaction,
                region: "us-east-1",
                settings: settings,
                wallMilliseconds: now,
                randomBits: 7,
            )
        }
    }

    /// A region with the table `t`: partition key `p`, sort key `c` unless nil.
    convenience init(
        partition: TableSchema.KeyType,
        sort: TableSchema.KeyType? = nil,
    ) throws {
        try self.init()
        try create("t", partition: partition, sort: sort)
    }

    func create(
        _ name: String,
        partition: TableSchema.KeyType = .string,
        sort: TableSchema.KeyType? = nil,
        replicas: [String] = ["us-east-1"],
    ) throws {
        let schema = TableSchema(
            partition: TableSchema.KeyAttribute(name: "p", type: partition),
            sort: sort.map { TableSchema.KeyAttribute(name: "c", type: $0) },
        )
        let parts = TableParts(
            definition: TableParts.Definition(
                name: name,
                schema: schema,
                createdMilliseconds: Int64(wallMilliseconds),
            ),
            replicas: replicas.map { TableParts.Replica(region: $0, status: .active) },
        )
        tableCount += 1
        let id = TableID(randomBits: 1, tableCount)
        try store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: wallMilliseconds)
            try group.create(id, parts)
            try group.finish()
        }
    }

    func write<Response>(
        _ operation: (inout WriteContext) throws -> Response
    ) throws -> Response {
        wallMilliseconds += 1
        return try store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: wallMilliseconds)
            let response = try group.perform(operation)
            try group.finish()
            return response
        }
    }

    func wait(milliseconds: UInt64) {
        wallMilliseconds += milliseconds
    }

    func doChores() throws {
        try store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: wallMilliseconds)
            _ = try group.doChores()
            try group.finish()
        }
    }

    func read<Response>(_ operation: (ReadContext) throws -> Response) throws -> Response {
        let catalog = engine.catalog
        return try store.read { try operation(ReadContext(catalog: catalog, store: $0)) }
    }
}

/// The operations in short.
extension OperationFixture {
    @discardableResult
    func put(_ request: PutItemRequest) throws -> PutItemResponse {
        let prepared = try PreparedPutItem(request)
        return try write { try prepared.perform(in: &$0) }
    }

    @discardableResult
    func put(_ item: Item, in table: String = "t") throws -> PutItemResponse {
        try put(PutItemRequest(tableName: table, item: item))
    }

    @discardableResult
    func update(_ request: UpdateItemRequest) throws -> UpdateItemResponse {
        // As one whose expressions are known; a faulty one is none the better for it.
        let first = Result { try PreparedUpdateItem(request, known: known) }
        let prepared = try PreparedUpdateItem(request, known: known)
        _ = try first.get()
        return try write { try prepared.perform(in: &$0) }
    }

    @discardableResult
    func delete(_ request: DeleteItemRequest) throws -> DeleteItemResponse {
        let prepared = try PreparedDeleteItem(request)
        return try write { try prepared.perform(in: &$0) }
    }

    @discardableResult
    func batchWrite(_ request: BatchWriteItemRequest) throws -> BatchWriteItemResponse {
        let prepared = try PreparedBatchWriteItem(request)
        return try store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: wallMilliseconds)
            let writes = try group.perform { try prepared.checked(in: $0) }
            let consumed = try writes.map { write in
                try group.perform { try write.perform(in: &$0) }
            }
            try group.finish()
            return prepared.response(writes, consumed: consumed)
        }
    }

    /// Commits what the operation wrote before it failed, if it did: so does the writer, which runs
    /// many operations in one transaction.
    @discardableResult
    func transact(_ request: TransactWriteItemsRequest) throws -> TransactWriteItemsResponse {
        let prepared = try PreparedTransactWriteItems(request)
        let result: Result<TransactWriteItemsResponse, ServiceError> = try write { context in
            do {
                return .success(try prepared.perform(in: &context))
            } catch let error as ServiceError {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func get(_ key: Item, from table: String = "t") throws -> Item? {
        let request = GetItemRequest(tableName: table, key: key)
        return try read { try request.perform(in: $0).item?.read() }
    }

    func query(_ request: QueryRequest) throws -> QueryResponse {
        try read { try request.perform(in: $0) }
    }

    func scan(_ request: ScanRequest) throws -> ScanResponse {
        try read { try request.perform(in: $0) }
    }

    func batchGet(_ request: BatchGetItemRequest) throws -> BatchGetItemResponse {
        try read { try request.perform(in: $0) }
    }

    /// The version stored at a key, tombstones included.
    func version(at key: Item, in table: String = "t") throws -> Version? {
        let table = try #require(engine.catalog.table(named: table))
        let bytes = try ItemKey(schema: table.schema, key: key).bytes
        return try store.read { try $0.get(.items, table.row(bytes)) }.map(Version.init(decoding:))
    }
}

extension ResponseItem {
    func read() throws -> Item {
        switch self {
        case .item(let item): item
        case .stored(let bytes): try Item(decoding: Array(bytes))
        }
    }
}

extension [ResponseItem]? {
    func read() throws -> [Item] { try (self ?? []).map { try $0.read() } }
}

extension Item: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (Text, AttributeValue)...) {
        self.init(elements.map { Attribute($0.0, $0.1) })
    }
}

func text(_ string: String) -> AttributeValue { .string(Text(string)) }
func number(_ integer: Int) -> AttributeValue { .number(DecimalNumber(integer)) }
func filler(_ bytes: Int) -> AttributeValue { text(String(repeating: "x", count: bytes)) }

/// Expects a `ValidationException` with this message.
func expectInvalid(
    _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void,
) {
    #expect(throws: ServiceError.validation(message), sourceLocation: sourceLocation) {
        try body()
    }
}
