/// Changes a table's settings or its replicas.
///
/// At least one of the optional parts is present.
package struct UpdateTableRequest: Sendable {
    package var tableName: String
    package var billingMode: BillingMode?
    /// Never present with PAY_PER_REQUEST.
    package var throughput: ProvisionedThroughput?
    package var isDeletionProtected: Bool?
    package var tableClass: TableClass?
    /// In the order of the request, each region once.
    package var replicaUpdates: [ReplicaUpdate]
    /// EVENTUAL if present; STRONG is refused.
    package var multiRegionConsistency: MultiRegionConsistency?
    /// Never enabled yet.
    package var streamSpecification: StreamSpecification?

    package init(
        tableName: String,
        billingMode: BillingMode? = nil,
        throughput: ProvisionedThroughput? = nil,
        isDeletionProtected: Bool? = nil,
        tableClass: TableClass? = nil,
        replicaUpdates: [ReplicaUpdate] = [],
        multiRegionConsistency: MultiRegionConsistency? = nil,
        streamSpecification: StreamSpecification? = nil,
    ) {
        self.tableName = tableName
        self.billingMode = billingMode
        self.throughput = throughput
        self.isDeletionProtected = isDeletionProtected
        self.tableClass = tableClass
        self.replicaUpdates = replicaUpdates
        self.multiRegionConsistency = multiRegionConsistency
        self.streamSpecification = streamSpecification
    }
}

/// One change to the set of a table's replicas.
package enum ReplicaUpdate: Equatable, Sendable {
    case create(region: String)
    case delete(region: String)
}

/// The answer to `UpdateTable`.
package struct UpdateTableResponse: Sendable {
    package var table: TableDescription

    package init(
        table: TableDescription,
    ) {
        self.table = table
    }
}
