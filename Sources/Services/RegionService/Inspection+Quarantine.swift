import Causality
import Changes
import Engine
import Items
import JSON
import SQLiteStore
import Wire

/// What is in quarantine, and what was discarded from it.
extension Inspection {
    private static let changesMax = 1_000
    /// Bytes of stored changes past which an answer takes no further one.
    private static let changesBytesMax = 8 << 20

    /// Changes in the order of table, key and coming; with `discarded` those that were discarded, in
    /// the order of that; with an `id` that one alone, with its bytes.
    func quarantine(_ request: JSONValue) throws -> JSONValue {
        if let id = request["id"] { return try quarantined(id) }
        let catalog = catalog.current
        let limit = min(request["limit"]?.integer ?? 100, Inspection.changesMax)
        let only = try request["table"].map { try TableReference.table($0, catalog) }
        let isDiscarded = request["discarded"] == .bool(true)
        let from = request["after"]?.hexadecimal.map { $0 + [0] } ?? only?.rowPrefix ?? []
        return try store.read { store in
            var found: [JSONValue] = []
            var bytes = 0
            var last: [UInt8]?
            var next: JSONValue = .null
            let keyspace: Keyspace = isDiscarded ? .discards : .quarantine
            try store.range(keyspace, from: from, to: only?.rowEnd, reversed: false) { key, value in
                if found.count >= max(1, limit) || bytes > Inspection.changesBytesMax {
                    next = last.map { .hexadecimal($0) } ?? .null
                    return false
                }
                let row = [UInt8](key)
                last = row
                bytes += value.count
                let stored = [UInt8](value)
                let discard = isDiscarded ? try DiscardRecord(decoding: stored) : nil
                let record = try discard?.record ?? QuarantineRecord(decoding: stored)
                found.append(.object(try describe(record, discard, row, catalog)))
                return true
            }
            let summary = try QuarantineSummary.read(from: store)
            return .object([
                .init("changes", .array(found)),
                .init("next", next),
                .init("total", .integer(summary.changes)),
                .init("bytes", .integer(summary.bytes)),
            ])
        }
    }

    private func quarantined(_ id: JSONValue) throws -> JSONValue {
        let catalog = catalog.current
        return try store.read { store in
            guard let row = id.hexadecimal, let stored = try store.get(.quarantine, row) else {
                throw ServiceError.validation("no change in quarantine has this id")
            }
            let record = try QuarantineRecord(decoding: stored)
            let members = try describe(record, nil, row, catalog)
            return .object(members + [.init("change", .hexadecimal(record.change))])
        }
    }

    private func describe(
        _ record: QuarantineRecord,
        _ discard: DiscardRecord?,
        _ row: [UInt8],
        _ catalog: TableCatalog,
    ) throws -> [JSONValue.Member] {
        let head = try record.head()
        let table = catalog[id: head.table]
        // What cannot be applied may have a key that its table cannot have, or no item.
        let key = table.flatMap { try? ItemKey(stored: head.key).keyItem(schema: $0.schema) }
        let image = (try? record.decoded())?.version.image
        let item = image.flatMap { try? Item(decoding: $0) }
        var members: [JSONValue.Member] = [
            .init("id", .hexadecimal(row)),
            .init("table", .string(table?.name ?? head.table.description)),
            .init("tableId", .string(head.table.description)),
            .init("key", try .item(key)),
            .init("keyBytes", .hexadecimal(head.key)),
            .init("source", .string(record.source)),
            .init(
                "stamp",
                .object([
                    .init("time", .string(head.time.description)),
                    .init("milliseconds", .integer(head.time.milliseconds)),
                    .init("origin", .string(record.origin.description)),
                ]),
            ),
            .init("reason", record.reason.map { .string($0) } ?? .null),
            .init("sinceMilliseconds", .integer(record.sinceMilliseconds)),
            .init("bytes", .integer(UInt64(record.change.count))),
            .init("item", try .item(item)),
        ]
        if let discard {
            members.append(
                .init("discardedMilliseconds", .integer(discard.discardedMilliseconds))
            )
        }
        return members
    }
}
