import Causality
import Changes
import Engine
import Items
import JSON
import SQLiteStore
import Wire

/// What would be lost with a region, and what one that was removed had shipped to nobody.
extension Inspection {
    private static let unshippedMax = 500
    /// Bytes of stored changes past which an answer takes no further one.
    private static let unshippedBytesMax = 4 << 20

    /// How far the members of a table are known here to hold what a region wrote.
    func standing(_ request: JSONValue) throws -> JSONValue {
        let catalog = catalog.current
        let table = try TableReference.table(request["table"], catalog)
        guard case .string(let region) = request["region"] else {
            throw ServiceError.validation("region is missing")
        }
        return try store.read { store in
            let standing = try ReplicaStanding(of: region, in: table, catalog, store)
            let members = standing.members.map { member in
                JSONValue.object([
                    .init("region", .string(member.region)),
                    .init("held", .string(member.held.description)),
                    .init("heldMilliseconds", .integer(member.held.milliseconds)),
                    .init("missing", .integer(member.missing)),
                ])
            }
            return .object([
                .init("by", .string(catalog.region)),
                .init("isRemoved", .bool(table.description.isFenced(region))),
                .init("members", .array(members)),
            ])
        }
    }

    /// Unshipped changes, those of one item after each other in the order in which they were written.
    func unshipped(_ request: JSONValue) throws -> JSONValue {
        let only: String? = if case .string(let name) = request["table"] { name } else { nil }
        let limit = min(request["limit"]?.integer ?? 100, Inspection.unshippedMax)
        let catalog = catalog.current
        let from = request["after"]?.hexadecimal.map { $0 + [0] } ?? []
        return try store.read { store in
            var rows: [(row: [UInt8], record: UnshippedRecord)] = []
            var bytes = 0
            var isMore = false
            try store.range(.unshipped, from: from, to: nil, reversed: false) { key, value in
                let record = try UnshippedRecord(decoding: [UInt8](value))
                guard only == nil || record.table == only else { return true }
                // One more than is answered says whether there is a later one of the last item.
                if rows.count > max(1, limit) || bytes > Inspection.unshippedBytesMax {
                    isMore = true
                    return false
                }
                bytes += value.count
                rows.append(([UInt8](key), record))
                return true
            }
            let answered = isMore ? rows.dropLast() : rows[...]
            let changes = try answered.indices.map { index -> JSONValue in
                let item = try UnshippedRecord.itemPrefix(of: rows[index].row)
                let isOutdone =
                    index + 1 < rows.count
                    && rows[index + 1].row.starts(with: item)
                return try describe(rows[index].record, rows[index].row, isOutdone, catalog)
            }
            let next = isMore ? answered.last.map { JSONValue.hexadecimal($0.row) } : nil
            return .object([.init("changes", .array(changes)), .init("next", next ?? .null)])
        }
    }

    private func describe(
        _ record: UnshippedRecord,
        _ row: [UInt8],
        _ isOutdone: Bool,
        _ catalog: TableCatalog,
    ) throws -> JSONValue {
        let change = try record.decoded()
        let image = try change.version.image.map { try Item(decoding: $0) }
        // The key of a delete can be read with the table's schema only.
        let table = catalog[id: change.table]
        let key = table.flatMap { try? ItemKey(stored: change.key).keyItem(schema: $0.schema) }
        return .object([
            .init("id", .hexadecimal(row)),
            .init("table", .string(record.table)),
            .init("tableId", .string(change.table.description)),
            .init("time", .string(change.version.stamp.time.description)),
            .init("milliseconds", .integer(change.version.stamp.time.milliseconds)),
            .init("origin", .string(record.origin.description)),
            .init("kind", .string(change.version.isTombstone ? "delete" : "put")),
            .init("key", try .item(key)),
            .init("keyBytes", .hexadecimal(change.key)),
            .init("item", try .item(image)),
            .init("isLatest", .bool(!isOutdone)),
            .init("mergedMilliseconds", .integer(record.mergedMilliseconds)),
            .init("change", .hexadecimal(record.encoded())),
        ])
    }
}
