package import Wire

import Expressions
import Items

extension BatchGetItemRequest {
    /// A response holds no more than this, by the API's count of its items' sizes; the keys from the
    /// first item that would not fit are answered as unprocessed.
    package static let responseBytesMax = 16 << 20

    /// All tables and keys are checked before the first item is read.
    package func perform(in context: ReadContext) throws -> BatchGetItemResponse {
        let projections = try tables.map { table throws(ServiceError) in try table.projected() }
        let reads = try zip(tables, projections).map { keys, projection throws(ServiceError) in
            try TableRead(keys, projection, table: try context.table(keys.tableName))
        }
        var response = BatchGetItemResponse(tables: [])
        var bytesLeft = Self.responseBytesMax
        for read in reads {
            let result = try read.perform(in: context, bytesLeft: &bytesLeft)
            response.tables.append(
                TableItems(tableName: read.request.tableName, items: result.items)
            )
            if !result.unread.isEmpty {
                var rest = read.request
                rest.keys = result.unread
                response.unprocessed.append(rest)
            }
            let consumed = ConsumedCapacity(
                returnConsumedCapacity,
                tableName: read.request.tableName,
                table: result.consumed,
            )
            if let consumed { response.consumedCapacity.append(consumed) }
        }
        return response
    }
}

extension TableKeys {
    fileprivate func projected() throws(ServiceError) -> ProjectionExpression? {
        guard projection != nil || names != nil else {
            return attributesToGet.map(ProjectionExpression.init)
        }
        var expressions = try ExpressionReader(
            names: names,
            expressions: [(.projection, projection != nil)],
        )
        let parsed = try expressions.projection(projection)
        try expressions.finish()
        return parsed
    }
}

/// One table's part of a batch, checked.
private struct TableRead {
    let request: TableKeys
    private let projection: ProjectionExpression?
    private let table: Table
    /// In the order of `request.keys`, none twice.
    private let keys: [[UInt8]]

    init(
        _ request: TableKeys,
        _ projection: ProjectionExpression?,
        table: Table,
    ) throws(ServiceError) {
        self.request = request
        self.projection = projection
        self.table = table
        var keys: [[UInt8]] = []
        for key in request.keys { keys.append(try table.key(named: key)) }
        guard Set(keys).count == keys.count else { throw .duplicateKeys }
        self.keys = keys
        try table.check(projection: projection)
    }

    /// Reads until an item would exceed `bytesLeft`, which is 0 from then on.
    func perform(
        in context: ReadContext,
        bytesLeft: inout Int,
    ) throws -> (items: [ResponseItem], unread: [Item], consumed: CapacityUnits) {
        var items: [ResponseItem] = []
        var consumed = CapacityUnits.zero
        for (index, key) in keys.enumerated() {
            guard bytesLeft > 0 else {
                return (items, Array(request.keys[index...]), consumed)
            }
            let found = try context.image(of: table, at: key)
            let sizeBytes = found?.sizeBytes ?? 0
            guard sizeBytes <= bytesLeft else {
                bytesLeft = 0
                return (items, Array(request.keys[index...]), consumed)
            }
            bytesLeft -= sizeBytes
            consumed += .read(bytes: sizeBytes, consistent: request.consistentRead)
            if let found { items.append(try ResponseItem(found.bytes, projection)) }
        }
        return (items, [], consumed)
    }
}
