import Changes
import Engine
import Items
import JSON
import Wire

/// A question for records of the conflict log, over the peer port.
///
/// `{"id"}` asks for one of them. Otherwise `table`, `key`, `since` and `until` (milliseconds since
/// 1970), `origin` (the region that wrote the loser) and `torn` say which ones, `limit` how many,
/// `seen`, with an id of any table each, that those of the same table up to it are known, and `after`,
/// the `next` of the answer before, where to go on. An answer without records may have a `next`: a
/// look takes its time.
struct ConflictRequest {
    private static let limitMax = 1_000
    private static let limitDefault = 100
    /// Rows looked at for one answer.
    private static let examinedMax = 20_000
    /// Bytes of records past which an answer takes no further one; each may hold two items of the
    /// greatest size.
    private static let bytesMax = 8 << 20

    private let id: [UInt8]?
    private var query = ConflictQuery()
    private let limit: Int

    init(_ json: JSONValue, _ catalog: TableCatalog) throws {
        id = json["id"]?.hexadecimal
        guard json["id"] == nil || id != nil else {
            throw ServiceError.validation("id is none of a conflict")
        }
        limit = min(max(1, json["limit"]?.integer ?? Self.limitDefault), Self.limitMax)
        guard id == nil else { return }
        if let name = json["table"] { query.table = try TableReference.table(name, catalog) }
        if let key = json["key"] {
            guard let table = query.table else {
                throw ServiceError.validation("a key needs its table")
            }
            query.item = try Inspection.key(key, of: table)
        }
        query.since = UInt64(clamping: json["since"]?.integer ?? 0)
        query.until = json["until"]?.integer.map { UInt64(clamping: $0) } ?? .max
        if case .string(let origin)? = json["origin"] { query.origin = origin }
        query.isTornOnly = json["torn"] == .bool(true)
        for id in json["seen"]?.elements.compactMap(\.hexadecimal) ?? [] { see(id) }
        guard let after = json["after"]?.hexadecimal, let number = see(after) else { return }
        for table in catalog.all where table.number < number {
            query.seen[table.number] = table.rowEnd
        }
    }

    /// - Returns: the number of the table that an id is of; nil for what is no id.
    @discardableResult
    private mutating func see(_ id: [UInt8]) -> UInt32? {
        guard let number = try? ConflictKey(decoding: id).table else { return nil }
        let before = query.seen[number] ?? []
        if before.lexicographicallyPrecedes(id) { query.seen[number] = id }
        return number
    }

    func answer(_ catalog: TableCatalog, _ store: any StoreReader) throws -> JSONValue {
        if let id { return try one(id, catalog, store) }
        var found: [JSONValue] = []
        var bytes = 0
        let next = try query.walk(catalog, store, examinedMax: Self.examinedMax) { key, record in
            guard found.count < limit, bytes < Self.bytesMax else { return false }
            bytes += record.sizeBytes
            found.append(.object(try ConflictJSON.members(of: record, id: key, catalog)))
            return true
        }
        return .object([
            .init("conflicts", .array(found)),
            .init("next", next.map { .hexadecimal($0) } ?? .null),
        ])
    }

    private func one(
        _ id: [UInt8],
        _ catalog: TableCatalog,
        _ store: any StoreReader,
    ) throws -> JSONValue {
        guard let row = try store.get(.conflicts, id) else {
            return .object([.init("conflicts", .array([])), .init("next", .null)])
        }
        let record = try ConflictRecord(decoding: row)
        var members = try ConflictJSON.members(of: record, id: id, catalog)
        if record.isTorn {
            members.removeAll { $0.name == "transaction" }
            let transaction = try ConflictJSON.transaction(of: record, catalog, store)
            members.append(.init("transaction", transaction))
        }
        return .object([.init("conflicts", .array([.object(members)])), .init("next", .null)])
    }
}

extension JSONValue {
    fileprivate var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }
}

extension ConflictRecord {
    /// About what the record weighs in an answer.
    fileprivate var sizeBytes: Int {
        (winner.image?.count ?? 0) + (loser.image?.count ?? 0) + key.count
            + transaction.reduce(0) { $0 + $1.key.count }
    }
}

/// Records of conflicts as JSON: the form that `globalctl conflicts export` writes line by line.
enum ConflictJSON {
    static func members(
        of record: ConflictRecord,
        id: [UInt8],
        _ catalog: TableCatalog,
    ) throws -> [JSONValue.Member] {
        let table = catalog[id: record.table]
        return [
            .init("id", .hexadecimal(id)),
            .init("table", .string(table?.name ?? record.table.description)),
            .init("key", try key(record.key, of: table)),
            .init("detectedMilliseconds", .integer(record.detectedMilliseconds)),
            .init("winner", .object(try JSONValue.members(of: record.winner))),
            .init("loser", .object(try JSONValue.members(of: record.loser))),
            .init("transaction", try transaction(of: record, catalog, nil)),
        ]
    }

    /// Null unless a transaction is torn; with what became of its items, if there is a store to ask.
    static func transaction(
        of record: ConflictRecord,
        _ catalog: TableCatalog,
        _ store: (any StoreReader)?,
    ) throws -> JSONValue {
        guard record.isTorn else { return .null }
        let items = try record.transaction.map { place -> JSONValue in
            let table = catalog[id: place.table]
            var members: [JSONValue.Member] = [
                .init("table", .string(table?.name ?? place.table.description)),
                .init("key", try key(place.key, of: table)),
            ]
            if let store, let table {
                let now = try store.get(.items, table.row(place.key)).map(Version.init(decoding:))
                let stands = now?.stamp == record.loser.stamp
                members.append(.init("stands", .bool(stands)))
                members.append(.init("now", now.map { .string("\($0.stamp)") } ?? .null))
            }
            return .object(members)
        }
        return .object([
            .init("itemCount", .integer(UInt64(record.loser.transactionItems))),
            .init("items", .array(items)),
        ])
    }

    private static func key(_ bytes: [UInt8], of table: Table?) throws -> JSONValue {
        try .item(table.map { try ItemKey(stored: bytes).keyItem(schema: $0.schema) })
    }
}

/// `{"id", "dryRun"}`: puts a loser back.
struct ConflictRestore: Sendable {
    private let id: [UInt8]
    private let isDryRun: Bool

    init(_ json: JSONValue) throws {
        guard let id = json["id"]?.hexadecimal else {
            throw PeerRefusal(.badRequest, "id is missing, or none")
        }
        self.id = id
        isDryRun = json["dryRun"] == .bool(true)
    }

    func perform(in group: WriteGroup) throws -> JSONValue {
        let (record, restored) = try group.restoreConflict(id, isDryRun: isDryRun)
        let image = try record.loser.image.map { try Item(decoding: $0) }
        return .object([
            .init("id", .hexadecimal(id)),
            .init("outcome", .string(isDryRun ? "wouldRestore" : "restored")),
            .init("item", try .item(image)),
            .init("loser", .string("\(record.loser.stamp)")),
            .init("winner", .string("\(record.winner.stamp)")),
            .init("stamp", restored.map { .string("\($0)") } ?? .null),
        ])
    }
}
