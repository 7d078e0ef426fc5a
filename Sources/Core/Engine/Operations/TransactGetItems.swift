package import Wire

import Expressions
import Items

extension TransactGetItemsRequest {
    /// One snapshot answers for all items: no write falls between two of them.
    package func perform(in context: ReadContext) throws -> TransactGetItemsResponse {
        let projections = try gets.map { get throws(ServiceError) in try get.projected() }
        var tables: [Table] = []
        for get in gets { tables.append(try context.table(get.tableName)) }
        var keys: [ActionKey] = []
        for (get, table) in zip(gets, tables) { keys.append(try table.actionKey(named: get.key)) }
        let targets = try TransactionReasons.collect(count: gets.count, stopsAtFirst: true) {
            (index) throws(ServiceError) in
            let key = try keys[index].get()
            try tables[index].check(projection: projections[index])
            return Target(table: tables[index], key: key)
        }
        try Target.checkDistinct(targets)

        var items: [ResponseItem?] = []
        var units: [CapacityUnits] = []
        var bytesLeft = TransactionLimits.itemsBytesMax
        for (target, projection) in zip(targets, projections) {
            let found = try context.image(of: target.table, at: target.key)
            let sizeBytes = found?.sizeBytes ?? 0
            guard sizeBytes <= bytesLeft else { throw ServiceError.transactionTooLarge }
            bytesLeft -= sizeBytes
            units.append(.read(bytes: sizeBytes, consistent: true))
            items.append(try found.flatMap { try TransactGet.part(of: $0.bytes, projection) })
        }
        return TransactGetItemsResponse(
            items: items,
            consumedCapacity: TransactionCapacity.told(
                returnConsumedCapacity,
                .read,
                zip(gets.map(\.tableName), units).map { ($0, $1) },
            ),
        )
    }
}

extension TransactGet {
    /// Names without a projection are let pass, unlike those of a single read.
    fileprivate func projected() throws(ServiceError) -> ProjectionExpression? {
        guard projection != nil else { return nil }
        var expressions = try ExpressionReader(names: names, expressions: [(.projection, true)])
        let parsed = try expressions.projection(projection)
        try expressions.finish()
        return parsed
    }

    /// Nil if the projection shows nothing of the item.
    fileprivate static func part(
        of image: [UInt8],
        _ projection: ProjectionExpression?,
    ) throws -> ResponseItem? {
        let part = try ResponseItem(image, projection)
        if case .item(let item) = part, item.isEmpty { return nil }
        return part
    }
}
