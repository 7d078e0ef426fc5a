import JSON

/// Where one replica differs from the settings that all replicas of its table share.
package struct ReplicaOverrides: Equatable, Sendable {
    /// One index's differences.
    package struct Index: Equatable, Sendable {
        package var name: String
        package var readCapacityUnits: Int64?
        package var maxReadRequestUnits: Int64?

        package init(
            name: String,
            readCapacityUnits: Int64? = nil,
            maxReadRequestUnits: Int64? = nil,
        ) {
            self.name = name
            self.readCapacityUnits = readCapacityUnits
            self.maxReadRequestUnits = maxReadRequestUnits
        }
    }

    /// At least 1; for PROVISIONED tables.
    package var readCapacityUnits: Int64?
    /// At least 1, in a request also -1; for PAY_PER_REQUEST tables.
    package var maxReadRequestUnits: Int64?
    package var tableClass: TableClass?
    /// The key that encrypts this replica: an id, alias or ARN.
    package var keyId: String?
    /// Each index once, in the order of the request.
    package var indexes: [Index]

    package init(
        readCapacityUnits: Int64? = nil,
        maxReadRequestUnits: Int64? = nil,
        tableClass: TableClass? = nil,
        keyId: String? = nil,
        indexes: [Index] = [],
    ) {
        self.readCapacityUnits = readCapacityUnits
        self.maxReadRequestUnits = maxReadRequestUnits
        self.tableClass = tableClass
        self.keyId = keyId
        self.indexes = indexes
    }

    package var isEmpty: Bool { self == ReplicaOverrides() }

    /// What a replica has after a request that names `self` over what it had before.
    package func applied(over before: ReplicaOverrides) -> ReplicaOverrides {
        func maximum(_ new: Int64?, _ old: Int64?) -> Int64? {
            let value = new ?? old
            return value == OnDemandThroughput.unlimited ? nil : value
        }
        var result = before
        result.readCapacityUnits = readCapacityUnits ?? before.readCapacityUnits
        result.maxReadRequestUnits = maximum(maxReadRequestUnits, before.maxReadRequestUnits)
        result.tableClass = tableClass ?? before.tableClass
        result.keyId = keyId ?? before.keyId
        for index in indexes {
            let place = result.indexes.firstIndex { $0.name == index.name }
            let old = place.map { result.indexes[$0] }
            let new = Index(
                name: index.name,
                readCapacityUnits: index.readCapacityUnits ?? old?.readCapacityUnits,
                maxReadRequestUnits: maximum(index.maxReadRequestUnits, old?.maxReadRequestUnits),
            )
            if let place { result.indexes[place] = new } else { result.indexes.append(new) }
        }
        return result
    }
}

/// The overrides of capacity as answers show them, the same for a replica and its indexes.
struct CapacityOverrides {
    let readCapacityUnits: Int64?
    let maxReadRequestUnits: Int64?

    func write(to writer: inout JSONWriter) {
        if let readCapacityUnits {
            writer.name("ProvisionedThroughputOverride")
            writer.beginObject()
            writer.member("ReadCapacityUnits", readCapacityUnits)
            writer.endObject()
        }
        if let maxReadRequestUnits {
            writer.name("OnDemandThroughputOverride")
            writer.beginObject()
            writer.member("MaxReadRequestUnits", maxReadRequestUnits)
            writer.endObject()
        }
    }
}

extension ReplicaOverrides {
    func write(to writer: inout JSONWriter) {
        writer.member("KMSMasterKeyId", keyId)
        CapacityOverrides(
            readCapacityUnits: readCapacityUnits,
            maxReadRequestUnits: maxReadRequestUnits,
        ).write(to: &writer)
        guard !indexes.isEmpty else { return }
        writer.name("GlobalSecondaryIndexes")
        writer.beginArray()
        for index in indexes {
            writer.beginObject()
            writer.member("IndexName", index.name)
            CapacityOverrides(
                readCapacityUnits: index.readCapacityUnits,
                maxReadRequestUnits: index.maxReadRequestUnits,
            ).write(to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }
}
