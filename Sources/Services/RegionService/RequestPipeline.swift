import Changes
import Engine
import Expressions
import HTTPServer
import Logging
import SQLiteStore
import Wire

/// What becomes of a request on the API port: authenticate, decode, then read on the spot or queue
/// for the writer.
///
/// Reads run on the event loop, on a reading connection that belongs to it, and answer without a
/// hop between threads. Writes are decoded and their expressions parsed here; only what needs the
/// current item runs with the writer.
///
/// `@unchecked Sendable`: each reader and cache is used on its own event loop only.
final class RequestPipeline: @unchecked Sendable {
    let catalog: PublishedCatalog
    let readers: [SQLiteReader]
    /// For each event loop, what its requests need not parse again.
    private let known: [ExpressionCache]
    private let spares: [SpareBody]
    private let writer: RegionWriter
    let waits: CausalWaits
    /// Nil unless tables are held to their capacity.
    private let meter: CapacityMeter?
    /// The region that tables' ARNs have to name.
    private let region: String
    private let address: @Sendable () -> String
    private let bodyBytesMax: Int
    private let log: Logger

    init(
        catalog: PublishedCatalog,
        readers: [SQLiteReader],
        writer: RegionWriter,
        waits: CausalWaits,
        meter: CapacityMeter?,
        region: String,
        address: @escaping @Sendable () -> String,
        bodyBytesMax: Int,
        log: Logger,
    ) {
        self.catalog = catalog
        self.readers = readers
        known = readers.map { _ in ExpressionCache() }
        spares = readers.map { _ in SpareBody() }
        self.writer = writer
        self.waits = waits
        self.meter = meter
        self.region = region
        self.address = address
        self.bodyBytesMax = bodyBytesMax
        self.log = log
    }

    func handle(_ request: HTTPRequest, _ reply: ResponseWriter) {
        var reply = reply
        let fields = APIFields(request)
        guard request.method == "POST" else {
            reply.headers = fields.headersForOthers
            return reply.respond(APIRequest.answerToOthers(request, address: address()))
        }
        reply.headers = fields.replyHeaders
        reply.note = ReplyNote(began: MonotonicClock.nanoseconds())
        do {
            let asked = try APIRequest(request, fields, region: region, bodyBytesMax: bodyBytesMax)
            reply.note?.kind = UInt8(truncatingIfNeeded: asked.operation.ordinal)
            var asker = Asker(
                reply: reply,
                loop: request.eventLoopIndex,
                bytes: asked.bodyBytes,
                host: asked.operation == .describeEndpoints ? request.header("host") : nil,
            )
            guard fields.hasToken, let presented = try PresentedToken(request) else {
                return try perform(asked.request, for: asker)
            }
            asker.presented = presented.token
            try perform(asked.request, for: asker, after: presented)
        } catch {
            answer(reply, with: error)
        }
    }

    /// Runs `body`, and answers with what it throws.
    func answering(_ reply: ResponseWriter, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            answer(reply, with: error)
        }
    }

    private func answer(_ reply: ResponseWriter, with error: any Error) {
        do {
            throw error
        } catch let refusal as APIRequest.Refusal {
            reply.respond(refusal.response)
        } catch let error as ServiceError {
            reply.respond(APIResponse.error(error))
        } catch {
            log.error("a request failed", metadata: ["error": "\(error)"])
            reply.respond(APIResponse.error(.internalFailure("Internal server error")))
        }
    }

    func perform(
        _ request: AnyRequest,
        for asker: Asker,
    ) throws {
        if let meter, try performMetered(request, for: asker, meter) { return }
        switch request {
        case .absentFeature(let request): try read(asker) { try request.perform(in: $0) }
        case .getItem(let request): try read(asker) { try request.perform(in: $0) }
        case .batchGetItem(let request): try read(asker) { try request.perform(in: $0) }
        case .transactGetItems(let request):
            try read(asker) { try request.perform(in: $0) }
        case .query(let request): try read(asker) { try request.perform(in: $0) }
        case .scan(let request): try read(asker) { try request.perform(in: $0) }
        case .describeTable(let request):
            let now = WallClock.milliseconds()
            try read(asker) { try request.perform(in: $0, now: now) }
        case .listTagsOfResource(let request):
            try read(asker) { try request.perform(in: $0) }
        case .tagResource(let request): try write(asker) { try request.perform(in: &$0) }
        case .untagResource(let request): try write(asker) { try request.perform(in: &$0) }
        case .deleteResourcePolicy(let request):
            try write(asker) { try request.perform(in: &$0) }
        case .describeContinuousBackups(let request):
            let now = WallClock.milliseconds()
            try read(asker) { try request.perform(in: $0, now: now) }
        case .getResourcePolicy(let request):
            try read(asker) { try request.perform(in: $0) }
        case .putResourcePolicy(let request):
            try write(asker) { try request.perform(in: &$0) }
        case .updateContinuousBackups(let request):
            let now = WallClock.milliseconds()
            try read(asker) { try request.perform(in: $0, now: now) }
        case .createGlobalTable(let request):
            try write(asker) { try request.perform(in: &$0) }
        case .describeGlobalTable(let request):
            try read(asker) { try request.perform(in: $0) }
        case .describeGlobalTableSettings(let request):
            try read(asker) { try request.perform(in: $0) }
        case .describeTableReplicaAutoScaling(let request):
            try read(asker) { try request.perform(in: $0) }
        case .listGlobalTables(let request):
            try read(asker) { try request.perform(in: $0) }
        case .updateGlobalTable(let request):
            try write(asker) { try request.perform(in: &$0) }
        case .updateGlobalTableSettings(let request):
            try write(asker) { try request.perform(in: &$0) }
        case .updateTableReplicaAutoScaling(let request):
            try write(asker) { try request.perform(in: &$0) }
        case .listTables(let request): try read(asker) { try request.perform(in: $0) }
        case .describeTimeToLive(let request): try read(asker) { try request.perform(in: $0) }
        case .updateTimeToLive(let request): try write(asker) { try request.perform(in: &$0) }
        case .listStreams(let request): try read(asker) { try request.perform(in: $0) }
        case .describeStream(let request): try read(asker) { try request.perform(in: $0) }
        case .getShardIterator(let request):
            let now = WallClock.milliseconds()
            try read(asker) { try request.perform(in: $0, wallMilliseconds: now) }
        case .getRecords(let request):
            let now = WallClock.milliseconds()
            try read(asker) { try request.perform(in: $0, wallMilliseconds: now) }
        case .describeLimits:
            asker.reply.respond(try APIResponse.encoding(DescribeLimitsResponse()))
        case .describeEndpoints:
            // By the name the client knows the region by, so that it can go on there.
            let endpoint = DescribeEndpointsResponse(address: asker.host ?? address())
            asker.reply.respond(try APIResponse.encoding(endpoint))
        case .putItem(let request):
            let prepared = try PreparedPutItem(request, known: known[asker.loop])
            // As in `write`, but with one closure to make and to let go of in place of two.
            try submit(asker) { group in
                try APIResponse.encoding(group.perform { try prepared.perform(in: &$0) })
            }
        case .updateItem(let request):
            let prepared = try PreparedUpdateItem(request, known: known[asker.loop])
            try submit(asker) { group in
                try APIResponse.encoding(group.perform { try prepared.perform(in: &$0) })
            }
        case .deleteItem(let request):
            let prepared = try PreparedDeleteItem(request, known: known[asker.loop])
            try write(asker) { try prepared.perform(in: &$0) }
        case .batchWriteItem(let request): try writeBatch(request, asker)
        case .transactWriteItems(let request):
            let prepared = try PreparedTransactWriteItems(request, known: known[asker.loop])
            // It may have taken effect before a fence, and then says so.
            try write(asker, isBehindFence: true) { try prepared.perform(in: &$0) }
        case .executeStatement(let request):
            switch try PreparedExecuteStatement(request) {
            case .read(let statement): try read(asker) { try statement.perform(in: $0) }
            case .write(let statement): try write(asker) { try statement.perform(in: &$0) }
            }
        case .executeTransaction(let request):
            switch try PreparedExecuteTransaction(request) {
            case .reads(let reads): try read(asker) { try reads.perform(in: $0) }
            case .writes(let writes):
                try write(asker, isBehindFence: true) { try writes.perform(in: &$0) }
            }
        case .batchExecuteStatement(let request):
            switch try PreparedBatchExecuteStatement(request) {
            case .reads(let reads): try read(asker) { try reads.read(in: $0) }
            case .writes(let writes): try writeBatch(writes, asker)
            }
        case .createTable(let request): try write(asker) { try request.perform(in: &$0) }
        case .updateTable(let request): try write(asker) { try request.perform(in: &$0) }
        case .deleteTable(let request): try write(asker) { try request.perform(in: &$0) }
        }
    }

    func read(
        _ asker: Asker,
        _ perform: (ReadContext) throws -> some OperationResponse,
    ) throws {
        // The catalog first: it is then never ahead of the snapshot.
        let shared = catalog.shared
        let (response, token) = try readers[asker.loop].read { store in
            let response = try perform(ReadContext(shared, store: store))
            let token = try asker.presented.map { _ in
                try Reach(catalog: shared.catalog, reading: store).token
            }
            return (response, token)
        }
        let spare = spares[asker.loop]
        var reply = try APIResponse.encoding(response, taking: &spare.bytes)
        if let token { asker.replyToken.add(token, nil, to: &reply) }
        asker.reply.respond(reply)
        spare.giveBack(&reply.body)
    }

    /// `isBehindFence` is for operations that look themselves whether a fence keeps writes out.
    func write(
        _ asker: Asker,
        isBehindFence: Bool = false,
        _ perform: @escaping @Sendable (inout WriteContext) throws -> some OperationResponse,
    ) throws {
        try submit(asker) { group in
            let response = try group.perform(isBehindFence: isBehindFence, perform)
            return try APIResponse.encoding(response)
        }
    }

    private func writeBatch(_ request: BatchWriteItemRequest, _ asker: Asker) throws {
        let prepared = try PreparedBatchWriteItem(request)
        try submit(asker) { group in
            let writes = try group.perform { try prepared.checked(in: $0) }
            let consumed = try writes.map { write in
                try group.perform { try write.perform(in: &$0) }
            }
            return try APIResponse.encoding(prepared.response(writes, consumed: consumed))
        }
    }

    private func writeBatch(
        _ batch: PreparedBatchExecuteStatement.Statements,
        _ asker: Asker,
    ) throws {
        try submit(asker) { group in
            try group.perform { context in
                try batch.checkDistinct { name in try? context.table(name) }
            }
            let outcomes = try batch.indices.map { index in
                try group.perform { try batch.write(index, in: &$0) }
            }
            return try APIResponse.encoding(batch.response(outcomes))
        }
    }

    func submit(
        _ asker: Asker,
        _ run: @escaping @Sendable (WriteGroup) throws -> HTTPResponse,
    ) throws(ServiceError) {
        let job = RegionWriter.Job(
            reply: asker.reply,
            bytes: asker.bytes,
            token: asker.replyToken,
            run: run,
        )
        guard writer.submit(job) else {
            throw .throttled("Too many writes are waiting for the disk; try again")
        }
    }
}

/// Whom an operation answers, and what it costs to let that wait.
struct Asker {
    let reply: ResponseWriter
    /// The event loop the request came on; its reader serves it.
    let loop: Int
    /// The size of the request's body.
    let bytes: Int
    /// What the client calls the region; of one who asks for an endpoint.
    let host: String?
    /// What the client has seen, if it said so.
    var presented: CausalToken?

    /// A reply to a client that said what it has seen covers that too.
    var replyToken: ReplyToken { presented.map { .joined($0) } ?? .plain }
}
