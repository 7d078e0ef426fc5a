import Changes
package import Wire

extension CreateTableRequest {
    /// Makes a table with this region as its one replica.
    ///
    /// It serves at once; the answer says CREATING, as clients that wait for ACTIVE expect.
    package func perform(in context: inout WriteContext) throws -> CreateTableResponse {
        let engine = context.group.engine
        guard engine.catalog.table(named: tableName) == nil else {
            throw ServiceError.tableExists(tableName)
        }
        guard engine.catalog.all.count <= TableLimits.tablesMax else {
            throw ServiceError.limitExceeded(
                "Subscriber limit exceeded: There is a limit of \(TableLimits.tablesMax) tables per account"
            )
        }
        let now = Int64(clamping: context.wallMilliseconds)
        var own = TableParts.Replica(region: engine.region, status: .active)
        own.settings.isDeletionProtected = settings.isDeletionProtected ?? false
        own.settings.tags = tags
        own.settings.policy = policy.map { ResourcePolicy(text: $0, revision: String(now)) }
        own.overrides.keyId = settings.encryption?.keyId
        var parts = TableParts(
            definition: TableParts.Definition(
                name: tableName,
                schema: schema,
                localIndexes: localIndexes,
                createdMilliseconds: now,
            ),
            tableClass: settings.tableClass,
            stream: streamViewType.map {
                TableParts.Stream(viewType: $0, sinceMilliseconds: now)
            },
            replicas: [own],
        )
        parts.isEncryptedWithKey = settings.encryption?.isEnabled ?? false
        parts.capacity.onDemand = settings.onDemand?.applied(over: nil)
        parts.capacity.warm = settings.warm
        parts.billing.mode = billingMode
        parts.billing.throughput = throughput
        if billingMode == .payPerRequest { parts.billing.payPerRequestSinceMilliseconds = now }
        for index in globalIndexes { parts.append(index, id: engine.newIndexID()) }
        let id = TableID(randomBits: engine.random.next(), engine.random.next())
        try context.group.create(id, parts)
        guard let table = engine.catalog[id: id] else {
            throw ServiceError.internalFailure("The table was not created")
        }
        var described = table.described(
            in: engine.region,
            counts: TableCounts(),
            status: .creating,
            now: now,
        )
        // What comes with the table being ready is not shown before.
        described.lastUpdateToPayPerRequestMilliseconds = nil
        described.isWarming = settings.warm?.isEmpty == false
        if !described.isWarming { described.warm = nil }
        return CreateTableResponse(table: described)
    }
}

package enum TableLimits {
    /// The service's quota of tables a region, the highest one can ask for.
    package static let tablesMax = 10_000
    /// Regions that one table may have replicas in.
    package static let replicasMax = 64
}
