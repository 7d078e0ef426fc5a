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
        let read = try TransactionRead(targets, projections, from: context)
        return TransactGetItemsResponse(
            items: read.items,
            consumedCapacity: read.told(returnConsumedCapacity, of: gets.map(\.tableName)),
        )
    }
}

/// Items read together, within the bounds of a transaction.
struct TransactionRead {
    /// Nil where there is no item, or nothing that the projection shows.
    private(set) var items: [ResponseItem?] = []
    private var units: [CapacityUnits] = []

    /// No item may be asked for twice.
    init(
        _ targets: [Target],
        _ projections: [ProjectionExpression?],
        from context: ReadContext,
    ) throws {
        try Target.checkDistinct(targets)
        var bytesLeft = TransactionLimits.itemsBytesMax
        for (target, projection) in zip(targets, projections) {
            let found = try context.image(of: target.table, at: target.key)
            let sizeBytes = found?.sizeBytes ?? 0
            guard sizeBytes <= bytesLeft else { throw ServiceError.transactionTooLarge }
            bytesLeft -= sizeBytes
            units.append(.read(bytes: sizeBytes, consistent: true))
            items.append(try found.flatMap { try Self.part(of: $0.bytes, projection) })
        }
    }

    /// `tableNames` are those of the items, in their order.
    func told(
        _ shape: ReturnConsumedCapacity,
        of tableNames: [String],
    ) -> [ConsumedCapacity] {
        TransactionCapacity.told(
            shape,
            .read,
            zip(tableNames, units).map { ($0, $1, WriteEffects()) }
        )
    }

    /// Nil if the projection shows nothing of the item.
    private static func part(
        of image: [UInt8],
        _ projection: ProjectionExpression?,
    ) throws -> ResponseItem? {
        let part = try ResponseItem(image, projection)
        if case .item(let item) = part, item.isEmpty { return nil }
        return part
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
}
