import Changes
import Engine
import HTTPServer
import JSON
import Wire

/// Removing a replica whose region is gone, and merging what such a region had shipped to nobody.
extension OperatorOrders {
    /// Changes in one request to merge.
    static let mergedChangesMax = 1_000

    func remove(_ request: JSONValue, _ reply: ResponseWriter) throws {
        let table = try TableReference.table(request["table"], catalog.current)
        guard case .string(let region) = request["region"] else {
            throw ServiceError.validation("region is missing")
        }
        submit(reply) { group in
            try group.removeByForce(region, from: table.id)
            return .object([.init("region", .string(region))])
        }
    }

    /// Each change is merged or refused by itself, and its outcome stands at its place.
    func merge(_ request: JSONValue, _ reply: ResponseWriter) throws {
        guard case .array(let changes) = request["changes"],
            changes.count <= OperatorOrders.mergedChangesMax
        else {
            throw ServiceError.validation(
                "changes must be at most \(OperatorOrders.mergedChangesMax)"
            )
        }
        let records = try changes.map { change in
            guard let bytes = change.hexadecimal else {
                throw ServiceError.validation("a change is not in hexadecimal digits")
            }
            return try UnshippedRecord(decoding: bytes)
        }
        submit(reply) { group in
            let outcomes = try records.map { record -> JSONValue in
                do {
                    return .string(try group.merge(record).rawValue)
                } catch let refusal as PeerRefusal {
                    return .object([.init("refused", .string(refusal.message))])
                }
            }
            return .object([.init("outcomes", .array(outcomes))])
        }
    }

    func noteMerged(_ request: JSONValue, _ reply: ResponseWriter) throws {
        guard case .array(let ids) = request["ids"],
            ids.count <= OperatorOrders.mergedChangesMax
        else {
            throw ServiceError.validation("ids must be at most \(OperatorOrders.mergedChangesMax)")
        }
        let rows = try ids.map { id in
            guard let row = id.hexadecimal else { throw ServiceError.validation("an id is none") }
            return row
        }
        submit(reply) { group in
            for row in rows { try group.noteMerged(row) }
            return .object([])
        }
    }
}
