import JSON

/// Changes the capacity of a global table of 2017 and of its replicas.
package struct UpdateGlobalTableSettingsRequest: Sendable {
    /// One replica's changes.
    package struct Replica: Sendable {
        package var region: String
        package var readCapacityUnits: Int64?
        package var tableClass: TableClass?
        /// Indexes' read capacities, each index once.
        package var indexes: [ReplicaOverrides.Index]

        package init(region: String) {
            self.region = region
            indexes = []
        }
    }

    /// An index's shared write capacity.
    package struct IndexWrite: Sendable {
        package var name: String
        package var writeCapacityUnits: Int64?
    }

    package var name: String
    package var billingMode: BillingMode?
    package var writeCapacityUnits: Int64?
    package var indexWrites: [IndexWrite]
    package var replicas: [Replica]
    package var scalings: [ScalingUpdate]
}

/// Asks for the capacity of a global table of 2017 and of its replicas.
package struct DescribeGlobalTableSettingsRequest: Sendable {
    package var name: String

    package init(name: String) {
        self.name = name
    }
}

extension UpdateGlobalTableSettingsRequest: OperationRequest {
    package typealias Response = GlobalTableSettingsResponse
    package static let operation = OperationName.updateGlobalTableSettings

    static let indexesLengthRange = 1...20

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        name = try checks.globalTableName(fields)
        billingMode = try checks.choice(fields, "GlobalTableBillingMode")
        writeCapacityUnits = try checks.positiveUnits(
            fields,
            "GlobalTableProvisionedWriteCapacityUnits",
        )
        scalings = try checks.scaling(
            fields,
            "GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate",
            of: .write,
        )
        indexWrites = try checks.indexWrites(fields, &scalings)
        replicas = try checks.replicaSettings(fields, &scalings)
        try checks.finish()
        let changesSomething =
            billingMode != nil || writeCapacityUnits != nil || !scalings.isEmpty
            || !indexWrites.isEmpty || !replicas.isEmpty
        guard changesSomething else {
            throw .validation("At least one global table setting must be specified")
        }
        if billingMode == .payPerRequest, writeCapacityUnits != nil {
            throw .throughputWithPayPerRequest
        }
    }
}

extension DescribeGlobalTableSettingsRequest: OperationRequest {
    package typealias Response = GlobalTableSettingsResponse
    package static let operation = OperationName.describeGlobalTableSettings

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        name = try checks.globalTableName(fields)
        try checks.finish()
    }
}

extension Checks {
    fileprivate mutating func indexWrites(
        _ fields: Fields,
        _ scalings: inout [ScalingUpdate],
    ) throws(ServiceError) -> [UpdateGlobalTableSettingsRequest.IndexWrite] {
        let name = "GlobalTableGlobalSecondaryIndexSettingsUpdate"
        guard let parts = try fields.structures(name, of: name) else { return [] }
        checkLength(
            parts.count,
            fields.location(name),
            value: parts.isEmpty ? "[]" : "[...]",
            UpdateGlobalTableSettingsRequest.indexesLengthRange,
        )
        var writes: [UpdateGlobalTableSettingsRequest.IndexWrite] = []
        for part in parts {
            let index = try requiredIndexName(part)
            scalings += try scaling(
                part,
                "ProvisionedWriteCapacityAutoScalingSettingsUpdate",
                of: .indexWrite(index: index),
            )
            let units = try positiveUnits(part, "ProvisionedWriteCapacityUnits")
            writes.append(.init(name: index, writeCapacityUnits: units))
        }
        return writes
    }

    fileprivate mutating func replicaSettings(
        _ fields: Fields,
        _ scalings: inout [ScalingUpdate],
    ) throws(ServiceError) -> [UpdateGlobalTableSettingsRequest.Replica] {
        let name = "ReplicaSettingsUpdate"
        guard let parts = try fields.structures(name, of: name) else { return [] }
        checkLength(
            parts.count,
            fields.location(name),
            value: parts.isEmpty ? "[]" : "[...]",
            1...50,
        )
        var replicas: [UpdateGlobalTableSettingsRequest.Replica] = []
        for part in parts {
            var replica = UpdateGlobalTableSettingsRequest.Replica(region: try regionName(part))
            replica.readCapacityUnits = try positiveUnits(
                part,
                "ReplicaProvisionedReadCapacityUnits",
            )
            scalings += try scaling(
                part,
                "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate",
                of: .read(region: replica.region),
            )
            replica.tableClass = try tableClass(part, "ReplicaTableClass")
            let indexName = "ReplicaGlobalSecondaryIndexSettingsUpdate"
            let indexes = try part.structures(indexName, of: indexName)
            if let indexes {
                checkLength(
                    indexes.count,
                    part.location(indexName),
                    value: indexes.isEmpty ? "[]" : "[...]",
                    UpdateGlobalTableSettingsRequest.indexesLengthRange,
                )
            }
            for index in indexes ?? [] {
                let name = try requiredIndexName(index)
                scalings += try scaling(
                    index,
                    "ProvisionedReadCapacityAutoScalingSettingsUpdate",
                    of: .indexRead(region: replica.region, index: name),
                )
                let units = try positiveUnits(index, "ProvisionedReadCapacityUnits")
                replica.indexes.append(.init(name: name, readCapacityUnits: units))
            }
            replicas.append(replica)
        }
        return replicas
    }

    private mutating func requiredIndexName(_ part: Fields) throws(ServiceError) -> String {
        if part["IndexName"] == nil { violateNotNull(part.location("IndexName")) }
        return try indexName(part) ?? ""
    }
}
