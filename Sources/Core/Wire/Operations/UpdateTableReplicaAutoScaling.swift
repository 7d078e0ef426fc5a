package import JSON

/// Changes how the capacities of a table and its replicas should follow their use.
package struct UpdateTableReplicaAutoScalingRequest: Sendable {
    package var tableName: String
    /// At least one; regions and indexes not yet checked against the table.
    package var updates: [ScalingUpdate]

    package init(tableName: String, updates: [ScalingUpdate]) {
        self.tableName = tableName
        self.updates = updates
    }
}

/// Asks how the capacities of a table and its replicas should follow their use.
package struct DescribeTableReplicaAutoScalingRequest: Sendable {
    package var tableName: String

    package init(tableName: String) {
        self.tableName = tableName
    }
}

/// The answer to both.
package struct TableAutoScalingResponse: Sendable {
    package struct Replica: Sendable {
        package var region: String
        package var status: ReplicaStatus
        package var read: AutoScalingSettings?
        package var write: AutoScalingSettings?
        package var indexes: [Index]

        package init(
            region: String,
            status: ReplicaStatus,
            read: AutoScalingSettings?,
            write: AutoScalingSettings?,
            indexes: [Index],
        ) {
            self.region = region
            self.status = status
            self.read = read
            self.write = write
            self.indexes = indexes
        }
    }

    package struct Index: Sendable {
        package var name: String
        package var read: AutoScalingSettings?
        package var write: AutoScalingSettings?

        package init(name: String, read: AutoScalingSettings?, write: AutoScalingSettings?) {
            self.name = name
            self.read = read
            self.write = write
        }
    }

    package var tableName: String
    package var status: TableStatus
    package var replicas: [Replica]

    package init(tableName: String, status: TableStatus, replicas: [Replica]) {
        self.tableName = tableName
        self.status = status
        self.replicas = replicas
    }
}

extension UpdateTableReplicaAutoScalingRequest: OperationRequest {
    package typealias Response = TableAutoScalingResponse
    package static let operation = OperationName.updateTableReplicaAutoScaling

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        updates = try checks.indexScalings(fields)
        tableName = try checks.tableName(fields)
        updates += try checks.scaling(
            fields,
            "ProvisionedWriteCapacityAutoScalingUpdate",
            of: .write,
        )
        updates += try checks.replicaScalings(fields)
        try checks.finish()
        guard !updates.isEmpty else {
            throw .validation(
                "At least one of ProvisionedWriteCapacityAutoScalingUpdate, ReplicaUpdates or "
                    + "GlobalSecondaryIndexUpdates is required"
            )
        }
    }
}

extension DescribeTableReplicaAutoScalingRequest: OperationRequest {
    package typealias Response = TableAutoScalingResponse
    package static let operation = OperationName.describeTableReplicaAutoScaling

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        tableName = try checks.tableName(fields)
        try checks.finish()
    }
}

extension Checks {
    fileprivate mutating func indexScalings(
        _ fields: Fields
    ) throws(ServiceError) -> [ScalingUpdate] {
        let parts = try fields.structures(
            "GlobalSecondaryIndexUpdates",
            of: "GlobalSecondaryIndexAutoScalingUpdate",
        )
        guard let parts else { return [] }
        if parts.isEmpty {
            let location = fields.location("GlobalSecondaryIndexUpdates")
            checkLength(0, location, value: "[]", 1...Int.max)
        }
        var updates: [ScalingUpdate] = []
        for part in parts {
            updates += try scaling(
                part,
                "ProvisionedWriteCapacityAutoScalingUpdate",
                of: .indexWrite(index: try indexName(part) ?? ""),
            )
        }
        return updates
    }

    fileprivate mutating func replicaScalings(
        _ fields: Fields
    ) throws(ServiceError) -> [ScalingUpdate] {
        let name = "ReplicaUpdates"
        guard let parts = try fields.structures(name, of: "ReplicaAutoScalingUpdate") else {
            return []
        }
        if parts.isEmpty { checkLength(0, fields.location(name), value: "[]", 1...Int.max) }
        var updates: [ScalingUpdate] = []
        for part in parts {
            let region = try regionName(part)
            updates += try scaling(
                part,
                "ReplicaProvisionedReadCapacityAutoScalingUpdate",
                of: .read(region: region),
            )
            let indexes = try part.structures(
                "ReplicaGlobalSecondaryIndexUpdates",
                of: "ReplicaGlobalSecondaryIndexAutoScalingUpdate",
            )
            for index in indexes ?? [] {
                updates += try scaling(
                    index,
                    "ProvisionedReadCapacityAutoScalingUpdate",
                    of: .indexRead(region: region, index: try indexName(index) ?? ""),
                )
            }
        }
        return updates
    }
}

extension TableAutoScalingResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("TableAutoScalingDescription")
        writer.beginObject()
        writer.member("TableName", tableName)
        writer.member("TableStatus", status.rawValue)
        writer.name("Replicas")
        writer.beginArray()
        for replica in replicas { replica.write(to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endObject()
    }
}

extension TableAutoScalingResponse.Replica {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("RegionName", region)
        if !indexes.isEmpty {
            writer.name("GlobalSecondaryIndexes")
            writer.beginArray()
            for index in indexes {
                writer.beginObject()
                writer.member("IndexName", index.name)
                writer.member("ProvisionedReadCapacityAutoScalingSettings", index.read)
                writer.member("ProvisionedWriteCapacityAutoScalingSettings", index.write)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.member("ReplicaProvisionedReadCapacityAutoScalingSettings", read)
        writer.member("ReplicaProvisionedWriteCapacityAutoScalingSettings", write)
        writer.member("ReplicaStatus", status.rawValue)
        writer.endObject()
    }
}

extension JSONWriter {
    mutating func member(_ name: StaticString, _ settings: AutoScalingSettings?) {
        guard let settings else { return }
        self.name(name)
        settings.write(to: &self)
    }
}
