import Changes
import Engine
import HTTPServer
import JSON
import Wire

/// What the operator's tool has a region do: JSON over the peer port, each a job of the writer.
struct OperatorOrders: Sendable {
    let catalog: PublishedCatalog
    let writer: RegionWriter

    /// - Returns: false for a path that is none of these.
    func handle(_ request: HTTPRequest, path: String, _ reply: ResponseWriter) throws -> Bool {
        guard request.method == "POST" else { return false }
        switch path {
        case "/conflicts/restore":
            let restore = try ConflictRestore(JSONParser.parse(request.body))
            submit(reply) { try restore.perform(in: $0) }
        case "/quarantine/retry": try retry(JSONParser.parse(request.body), reply)
        case "/quarantine/discard": try discard(JSONParser.parse(request.body), reply)
        case "/repair":
            let repair = try RepairRequest(decoding: request.body)
            submit(reply) { group in
                .object([.init("outcome", .string(try group.repair(repair).rawValue))])
            }
        case "/recount":
            let table = try TableReference.table(
                JSONParser.parse(request.body)["table"],
                catalog.current,
            )
            submit(reply) { group in
                try group.recount(table.id)
                return .object([.init("table", .string(table.name))])
            }
        case "/skew/accept": try acceptSkew(JSONParser.parse(request.body), reply)
        case "/replica/remove": try remove(JSONParser.parse(request.body), reply)
        case "/fence": setFence(reply)
        case "/fence/lift": liftFence(reply)
        case "/unshipped/merge": try merge(JSONParser.parse(request.body), reply)
        case "/unshipped/merged": try noteMerged(JSONParser.parse(request.body), reply)
        default: return false
        }
        return true
    }

    private func retry(_ request: JSONValue, _ reply: ResponseWriter) throws {
        let table = try TableReference.table(request["table"], catalog.current)
        let item = try request["key"].map { try Inspection.key($0, of: table) }
        let after = request["after"]?.hexadecimal
        submit(reply) { group in
            describe(try group.retryQuarantine(of: table.id, item: item, after: after))
        }
    }

    private func discard(_ request: JSONValue, _ reply: ResponseWriter) throws {
        guard let row = request["id"]?.hexadecimal else {
            throw ServiceError.validation("id is missing")
        }
        submit(reply) { group in describe(try group.discardQuarantined(row)) }
    }

    private func acceptSkew(_ request: JSONValue, _ reply: ResponseWriter) throws {
        guard case .string(let source) = request["source"] else {
            throw ServiceError.validation("source is missing")
        }
        guard let limit = request["aheadMilliseconds"]?.integer, limit >= 0 else {
            throw ServiceError.validation("aheadMilliseconds is missing")
        }
        submit(reply) { group in
            let ahead = try group.acceptSkew(from: source, limitMilliseconds: UInt64(limit))
            return .object([.init("aheadMilliseconds", .integer(ahead))])
        }
    }

    func submit(
        _ reply: ResponseWriter,
        _ run: @escaping @Sendable (WriteGroup) throws -> JSONValue,
    ) {
        let job = RegionWriter.Job(reply: reply) { group in PeerResponse.json(try run(group)) }
        if !writer.submitPeer(job) {
            reply.respond(PeerResponse.failure("UNAVAILABLE", "the queue is full", status: 503))
        }
    }

    private func describe(_ retried: WriteGroup.Retried) -> JSONValue {
        .object([
            .init("merged", .integer(retried.tally.received)),
            .init("newer", .integer(retried.tally.newer)),
            .init("stale", .integer(retried.tally.stale)),
            .init("conflicts", .integer(retried.tally.conflicts)),
            .init("held", .integer(UInt64(retried.held))),
            .init("next", retried.next.map { .hexadecimal($0) } ?? .null),
        ])
    }
}

/// A table as the operator's tool names it: by its name, or by its id, as the system table must be.
enum TableReference {
    static func table(_ json: JSONValue?, _ catalog: TableCatalog) throws -> Table {
        guard case .string(let text) = json else {
            throw ServiceError.validation("table is missing")
        }
        let named = catalog.table(named: text)
        guard let table = named ?? TableID(text).flatMap({ catalog[id: $0] }) else {
            throw ServiceError.tableNotFound(text)
        }
        return table
    }
}
