import Causality
import Changes
import Engine
import Foundation
import HTTPServer
import Items
import JSON
import Logging
import SQLiteStore
import Settings
import Wire

/// What the operator's tool asks a region: JSON over the peer port, reading only.
///
/// `@unchecked Sendable`: the store's pool of readers has a lock of its own.
final class Inspection: @unchecked Sendable {
    let catalog: PublishedCatalog
    let store: SQLiteStore
    private let drills: DrillOrders
    /// After so long without a batch of a region's own changes the link from it is stalled.
    private let silenceMilliseconds: UInt64
    private let historyBytesMax: UInt64
    private let log: Logger

    init(
        catalog: PublishedCatalog,
        store: SQLiteStore,
        drills: DrillOrders,
        silenceMilliseconds: UInt64,
        historyBytesMax: UInt64,
        log: Logger,
    ) {
        self.catalog = catalog
        self.store = store
        self.drills = drills
        self.silenceMilliseconds = silenceMilliseconds
        self.historyBytesMax = historyBytesMax
        self.log = log
    }

    func handle(_ request: HTTPRequest, path: String, _ reply: ResponseWriter) {
        do {
            switch (request.method, path) {
            case ("GET", "/status"): reply.respond(PeerResponse.json(try status()))
            case ("GET", "/tables"): reply.respond(PeerResponse.json(try tables()))
            case ("GET", "/fence"): reply.respond(PeerResponse.json(try fenceReport().json))
            case ("POST", "/item"):
                reply.respond(PeerResponse.json(try item(JSONParser.parse(request.body))))
            case ("POST", "/conflicts"):
                let asked = try ConflictRequest(JSONParser.parse(request.body), catalog.current)
                reply.respond(PeerResponse.json(try conflicts(asked)))
            case ("POST", "/quarantine"):
                reply.respond(PeerResponse.json(try quarantine(JSONParser.parse(request.body))))
            case ("POST", "/replica/standing"):
                reply.respond(PeerResponse.json(try standing(JSONParser.parse(request.body))))
            case ("POST", "/unshipped"):
                reply.respond(PeerResponse.json(try unshipped(JSONParser.parse(request.body))))
            default:
                reply.respond(PeerResponse.failure("NOT_FOUND", "no such path", status: 404))
            }
        } catch let error as ServiceError {
            reply.respond(PeerResponse.failure(error.code, error.message, status: 400))
        } catch let error as JSONError {
            reply.respond(PeerResponse.failure("BAD_REQUEST", "\(error)", status: 400))
        } catch {
            log.error("an inspection failed", metadata: ["error": "\(error)"])
            reply.respond(PeerResponse.failure("UNAVAILABLE", "\(error)", status: 503))
        }
    }

    // MARK: Status

    private func status() throws -> JSONValue {
        let catalog = catalog.current
        return try store.read { store in
            let clock = try ClockRow.read(from: store)
            let applied = try AppliedTimes(reading: store)
            let own = clock?.own ?? .zero
            let vectors = catalog.all.map { table in
                var vector = applied[table.id]
                vector.raise(catalog.origin, to: own)
                return (table: table.id, vector: vector)
            }
            return .object([
                .init("region", .string(catalog.region)),
                .init("origin", .string(catalog.origin.description)),
                .init("version", .string(ProductVersion.text)),
                .init("wallMilliseconds", .integer(WallClock.milliseconds())),
                .init("tables", .integer(UInt64(catalog.named.count))),
                .init("vectors", .array(vectorGroups(vectors, catalog))),
                .init("peers", .array(try peers(store, catalog))),
                .init("fences", .array(catalog.fences.map(fence))),
                .init("recovered", try recovered(store)),
                .init("drill", drills.isAllowed ? drills.status : .null),
                .init("conflicts", .integer(try count(.conflicts, store))),
                .init("torn", .integer(try torn(store))),
                .init("tombstones", .integer(try count(.tombstones, store))),
                .init("unshipped", .integer(try count(.unshipped, store))),
                .init("quarantine", .integer(try QuarantineSummary.read(from: store).changes)),
                .init("historyBytes", .integer(clock?.historyBytes ?? 0)),
                .init("historyBytesMax", .integer(historyBytesMax)),
                .init("resync", .array(catalog.named.compactMap(resync))),
            ])
        }
    }

    /// How far a table has been brought up that was too far behind; nil for any other.
    private func resync(_ table: Table) -> JSONValue? {
        guard let resync = table.state.resync else { return nil }
        return .object([
            .init("table", .string(table.name)),
            .init("stage", .string(resync.stage.rawValue)),
            .init("source", resync.source.map { .string($0) } ?? .null),
            .init("rowsMerged", .integer(resync.rowsMerged)),
            .init("rowsExpected", .integer(resync.rowsExpected)),
            .init("sinceMilliseconds", .integer(resync.sinceMilliseconds)),
            .init("needed", .vector(resync.needed)),
        ])
    }

    private func vectorGroups(
        _ vectors: [(table: TableID, vector: VersionVector)],
        _ catalog: TableCatalog,
    ) -> [JSONValue] {
        LinkPosition.grouped(vectors).map { group in
            let names = group.tables.map { id in
                JSONValue.string(catalog[id: id]?.name ?? id.description)
            }
            return .object([
                .init("tables", .array(names)),
                .init("vector", .vector(group.vector)),
            ])
        }
    }

    /// What peers gave back to the region of its own writes; null for nothing.
    private func recovered(_ store: any StoreReader) throws -> JSONValue {
        guard let row = try RecoveredRow.read(from: store) else { return .null }
        return .object([
            .init("changes", .integer(row.changes)),
            .init("through", .string(row.through.description)),
            .init("lastMilliseconds", .integer(row.milliseconds)),
        ])
    }

    private func peers(
        _ store: any StoreReader,
        _ catalog: TableCatalog,
    ) throws -> [JSONValue] {
        let now = WallClock.milliseconds()
        return try IncomingLink.all(in: store, catalog)
            .map { $0.json(at: now, silenceMax: silenceMilliseconds) }
    }

    /// How many records of torn transactions there ever were of the tables that are here.
    private func torn(_ store: any StoreReader) throws -> UInt64 {
        try ConflictTotals.all(in: store).reduce(0) { $0 + $1.totals.torn }
    }

    /// Counts up to a bound: status is asked often, and a count walks the keys.
    private func count(_ keyspace: Keyspace, _ store: any StoreReader) throws -> UInt64 {
        var count: UInt64 = 0
        try store.range(keyspace, from: [], to: nil, reversed: false) { _, _ in
            count += 1
            return count < Inspection.countMax
        }
        return count
    }

    private static let countMax: UInt64 = 100_000

    // MARK: Tables

    private func tables() throws -> JSONValue {
        let catalog = catalog.current
        return try store.read { store in
            let context = ReadContext(catalog: catalog, store: store)
            let tables = try catalog.named.map { table in
                try describe(table, try context.counts(of: table))
            }
            return .object([.init("tables", .array(tables))])
        }
    }

    private func describe(_ table: Table, _ counts: TableCounts) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(table.name)),
            .init("id", .string(table.id.description)),
            .init("status", .string(table.status.rawValue)),
            .init("phase", .string(phase(table.state.phase))),
            .init("items", .integer(UInt64(max(0, counts.items)))),
            .init("bytes", .integer(UInt64(max(0, counts.bytes)))),
            .init("replicas", .array(table.description.replicas.map(describe))),
            .init("base", .string(table.state.base.description)),
        ]
        if case .joining(let copy) = table.state.phase {
            members.append(
                .init(
                    "progress",
                    .object([
                        .init("rowsCopied", .integer(copy.rowsCopied)),
                        .init("rowsExpected", .integer(copy.rowsExpected)),
                        .init("source", copy.source.map { .string($0) } ?? .null),
                    ]),
                )
            )
        }
        if let resync = resync(table) { members.append(.init("resync", resync)) }
        return .object(members)
    }

    private func describe(_ replica: TableParts.Replica) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("region", .string(replica.region)),
            .init("status", .string(replica.status.rawValue)),
        ]
        if let description = replica.statusDescription {
            members.append(.init("statusDescription", .string(description)))
        }
        return .object(members)
    }

    private func phase(_ phase: TableState.Phase) -> String {
        switch phase {
        case .joining: "joining"
        case .catchingUp: "catching up"
        case .active: "active"
        case .draining: "draining"
        case .expelled: "expelled"
        }
    }

    // MARK: Items and conflicts

    private func item(_ request: JSONValue) throws -> JSONValue {
        let catalog = catalog.current
        let table = try TableReference.table(request["table"], catalog)
        let bytes = try Inspection.key(request["key"], of: table)
        return try store.read { store in
            let row = try store.get(.items, table.row(bytes))
            let version = try row.map { try Version(decoding: $0) }
            var members: [JSONValue.Member] = [
                .init("region", .string(catalog.region)),
                .init("found", .bool(version.map { !$0.isTombstone } ?? false)),
                .init("tombstone", .bool(version?.isTombstone ?? false)),
            ]
            if let version { members += try JSONValue.members(of: version) }
            return .object(members)
        }
    }

    /// An item's key as stored, of its JSON.
    static func key(_ json: JSONValue?, of table: Table) throws -> [UInt8] {
        let key: Item
        do {
            guard let json else { throw ServiceError.validation("key is missing") }
            key = try Item(json: json)
        } catch let error as AttributeValueError {
            throw ServiceError.validation("\(error)")
        }
        do {
            return try ItemKey(schema: table.schema, key: key).bytes
        } catch {
            throw ServiceError.validation("the key does not match the table's schema: \(error)")
        }
    }

    private func conflicts(_ request: ConflictRequest) throws -> JSONValue {
        let catalog = catalog.current
        return try store.read { try request.answer(catalog, $0) }
    }
}
