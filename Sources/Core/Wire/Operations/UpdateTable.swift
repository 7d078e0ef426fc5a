package import JSON

/// Changes a table's settings or its replicas.
///
/// At least one of the optional parts is present.
package struct UpdateTableRequest: Sendable {
    package var tableName: String
    package var billingMode: BillingMode?
    /// Never present with PAY_PER_REQUEST.
    package var throughput: ProvisionedThroughput?
    package var settings: TableSettings
    /// In the order of the request, each region once.
    package var replicaUpdates: [ReplicaUpdate]
    /// In the order of the request, each index once.
    package var indexUpdates: [GlobalIndexUpdate]
    /// EVENTUAL if present; STRONG is refused.
    package var multiRegionConsistency: MultiRegionConsistency?
    /// With a view if and only if it enables the stream; never together with `throughput`.
    package var streamSpecification: StreamSpecification?

    package init(
        tableName: String,
        billingMode: BillingMode? = nil,
        throughput: ProvisionedThroughput? = nil,
        settings: TableSettings = TableSettings(),
        replicaUpdates: [ReplicaUpdate] = [],
        indexUpdates: [GlobalIndexUpdate] = [],
        multiRegionConsistency: MultiRegionConsistency? = nil,
        streamSpecification: StreamSpecification? = nil,
    ) {
        self.tableName = tableName
        self.billingMode = billingMode
        self.throughput = throughput
        self.settings = settings
        self.replicaUpdates = replicaUpdates
        self.indexUpdates = indexUpdates
        self.multiRegionConsistency = multiRegionConsistency
        self.streamSpecification = streamSpecification
    }
}

/// One change to the set of a table's replicas.
package enum ReplicaUpdate: Equatable, Sendable {
    case create(region: String, overrides: ReplicaOverrides = ReplicaOverrides())
    case update(region: String, overrides: ReplicaOverrides)
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

extension UpdateTableRequest: OperationRequest {
    package typealias Response = UpdateTableResponse
    package static let operation = OperationName.updateTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        billingMode = try checks.billingMode(fields)
        throughput = try checks.throughput(fields)
        streamSpecification = try checks.stream(fields)
        let replicas = try checks.replicaUpdates(fields)
        let definitions = try checks.attributeDefinitions(fields, isOptional: true)
        let indexes = try checks.globalIndexUpdates(fields)
        settings = try checks.tableSettings(fields)
        multiRegionConsistency = try checks.choice(fields, "MultiRegionConsistency")
        try checks.finish()

        replicaUpdates = try ReplicaUpdate.updates(replicas ?? [])
        indexUpdates = try IndexDefinitions(attributes: definitions ?? []).updates(indexes ?? [])
        try Unsupported.refuse(fields, Self.unsupported)
        try streamSpecification?.checkView()
        switch (billingMode, throughput) {
        case (.payPerRequest, .some): throw .throughputWithNewPayPerRequest
        case (.provisioned, nil): throw .throughputMissingInUpdate
        default: break
        }
        dropEmptyCapacity()
        try checkChangesSomething()
        guard indexes?.isEmpty != true else {
            throw .invalidParameters("List of GlobalSecondaryIndexUpdates is empty")
        }
        try checkCombination()
        try settings.check(ofChanged: billingMode)
        try checkConsistency()
    }

    private static let unsupported = [
        "DisassociationProtectionEnabled", "GlobalTableWitnessUpdates", "VectorIndexUpdates",
    ]

    private func checkConsistency() throws(ServiceError) {
        guard let multiRegionConsistency else { return }
        guard multiRegionConsistency == .eventual else {
            throw Unsupported.notSupported("MultiRegionConsistency STRONG")
        }
        let creates = replicaUpdates.contains {
            if case .create = $0 { true } else { false }
        }
        guard creates else {
            throw .invalidParameters(
                "MultiRegionConsistency can only be specified when a replica is created"
            )
        }
    }
}

extension UpdateTableResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TableDescription")
        table.write(to: &writer)
        writer.endObject()
    }
}
