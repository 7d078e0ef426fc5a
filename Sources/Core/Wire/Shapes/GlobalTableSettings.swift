package import JSON

/// The answer to `DescribeGlobalTableSettings` and `UpdateGlobalTableSettings`.
package struct GlobalTableSettingsResponse: Sendable {
    package struct Replica: Sendable {
        package var region: String
        package var status: ReplicaStatus
        package var billingMode: BillingMode
        /// When the table last became PAY_PER_REQUEST; nil if it never was.
        package var payPerRequestSinceMilliseconds: Int64?
        /// Zeros for PAY_PER_REQUEST.
        package var throughput: ProvisionedThroughput
        package var read: AutoScalingSettings?
        package var write: AutoScalingSettings?
        /// Nil unless a request named a class.
        package var tableClass: TableClass?
        package var indexes: [Index]

        package init(
            region: String,
            status: ReplicaStatus,
            billingMode: BillingMode,
            throughput: ProvisionedThroughput,
        ) {
            self.region = region
            self.status = status
            self.billingMode = billingMode
            self.throughput = throughput
            indexes = []
        }
    }

    package struct Index: Sendable {
        package var name: String
        /// Nil for PAY_PER_REQUEST.
        package var throughput: ProvisionedThroughput?
        package var read: AutoScalingSettings?
        package var write: AutoScalingSettings?

        package init(
            name: String,
            throughput: ProvisionedThroughput?,
            read: AutoScalingSettings?,
            write: AutoScalingSettings?,
        ) {
            self.name = name
            self.throughput = throughput
            self.read = read
            self.write = write
        }
    }

    package var name: String
    package var replicas: [Replica]

    package init(name: String, replicas: [Replica]) {
        self.name = name
        self.replicas = replicas
    }
}

extension GlobalTableSettingsResponse: OperationResponse {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("GlobalTableName", name)
        writer.name("ReplicaSettings")
        writer.beginArray()
        for replica in replicas { replica.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}

extension GlobalTableSettingsResponse.Replica {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("RegionName", region)
        writer.member("ReplicaStatus", status.rawValue)
        writer.name("ReplicaBillingModeSummary")
        writer.beginObject()
        writer.member("BillingMode", billingMode.rawValue)
        writer.member(
            "LastUpdateToPayPerRequestDateTime",
            milliseconds: payPerRequestSinceMilliseconds,
        )
        writer.endObject()
        writer.member("ReplicaProvisionedReadCapacityUnits", throughput.readCapacityUnits)
        writer.member("ReplicaProvisionedReadCapacityAutoScalingSettings", read)
        writer.member("ReplicaProvisionedWriteCapacityUnits", throughput.writeCapacityUnits)
        writer.member("ReplicaProvisionedWriteCapacityAutoScalingSettings", write)
        if !indexes.isEmpty {
            writer.name("ReplicaGlobalSecondaryIndexSettings")
            writer.beginArray()
            for index in indexes { index.write(to: &writer) }
            writer.endArray()
        }
        if let tableClass {
            writer.name("ReplicaTableClassSummary")
            writer.beginObject()
            writer.member("TableClass", tableClass.rawValue)
            writer.endObject()
        }
        writer.endObject()
    }
}

extension GlobalTableSettingsResponse.Index {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("IndexName", name)
        writer.member("IndexStatus", TableStatus.active.rawValue)
        writer.member("ProvisionedReadCapacityUnits", throughput?.readCapacityUnits)
        writer.member("ProvisionedReadCapacityAutoScalingSettings", read)
        writer.member("ProvisionedWriteCapacityUnits", throughput?.writeCapacityUnits)
        writer.member("ProvisionedWriteCapacityAutoScalingSettings", write)
        writer.endObject()
    }
}
