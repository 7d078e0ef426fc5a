import Items
import JSON

extension TableDescription {
    /// A table that is being deleted is described without its definition, as the service does.
    func write(to writer: inout JSONWriter, withDefinition: Bool = true) {
        writer.beginObject()
        if withDefinition {
            writeDefinition(to: &writer)
            writer.member("CreationDateTime", milliseconds: creationMilliseconds)
        }
        writer.member("TableName", tableName)
        writer.member("TableStatus", status.rawValue)
        writer.name("ProvisionedThroughput")
        throughput.write(to: &writer)
        writer.member("TableSizeBytes", sizeBytes)
        writer.member("ItemCount", itemCount)
        writer.member("TableArn", arn)
        writer.member("TableId", tableId)
        writeBilling(to: &writer)
        writer.member("DeletionProtectionEnabled", isDeletionProtected)
        writeTableClass(to: &writer)
        writeSettings(to: &writer)
        writeStream(to: &writer)
        if withDefinition {
            write(localIndexes, as: "LocalSecondaryIndexes", to: &writer)
            write(globalIndexes, as: "GlobalSecondaryIndexes", to: &writer)
        }
        writeReplicas(to: &writer)
        writer.endObject()
    }

    private func write(
        _ indexes: [IndexDescription],
        as name: StaticString,
        to writer: inout JSONWriter,
    ) {
        guard !indexes.isEmpty else { return }
        writer.name(name)
        writer.beginArray()
        for index in indexes { index.write(of: arn, to: &writer) }
        writer.endArray()
    }

    private func writeDefinition(to writer: inout JSONWriter) {
        writer.name("AttributeDefinitions")
        writer.beginArray()
        for attribute in attributeDefinitions {
            writer.beginObject()
            writer.member("AttributeName", attribute.name.string)
            writer.member("AttributeType", attribute.type.rawValue)
            writer.endObject()
        }
        writer.endArray()
        writer.name("KeySchema")
        writer.beginArray()
        for (index, attribute) in schema.keyAttributes.enumerated() {
            writer.beginObject()
            writer.member("AttributeName", attribute.name.string)
            writer.member("KeyType", (index == 0 ? KeyType.hash : .range).rawValue)
            writer.endObject()
        }
        writer.endArray()
    }

    /// A table that was always PROVISIONED has no summary.
    private func writeBilling(to writer: inout JSONWriter) {
        guard billingMode == .payPerRequest || lastUpdateToPayPerRequestMilliseconds != nil else {
            return
        }
        // The newer of the two names says the same.
        let names: [(summary: StaticString, mode: StaticString)] = [
            ("BillingModeSummary", "BillingMode"),
            ("TableThroughputModeSummary", "TableThroughputMode"),
        ]
        for name in names {
            writer.name(name.summary)
            writer.beginObject()
            writer.member(name.mode, billingMode.rawValue)
            writer.member(
                "LastUpdateToPayPerRequestDateTime",
                milliseconds: lastUpdateToPayPerRequestMilliseconds,
            )
            writer.endObject()
        }
    }

    private func writeTableClass(to writer: inout JSONWriter) {
        guard let tableClass else { return }
        writer.name("TableClassSummary")
        writer.beginObject()
        writer.member("TableClass", tableClass.rawValue)
        writer.member("LastUpdateDateTime", milliseconds: tableClassUpdateMilliseconds)
        writer.endObject()
    }

    private func writeSettings(to writer: inout JSONWriter) {
        if let encryptionKeyARN {
            writer.name("SSEDescription")
            writer.beginObject()
            writer.member("Status", "ENABLED")
            writer.member("SSEType", EncryptionType.kms.rawValue)
            writer.member("KMSMasterKeyArn", encryptionKeyARN)
            writer.endObject()
        }
        if let onDemand {
            writer.name("OnDemandThroughput")
            onDemand.write(to: &writer)
        }
        if let warm {
            writer.name("WarmThroughput")
            warm.write(to: &writer, isWarming: isWarming)
        }
    }

    private func writeStream(to writer: inout JSONWriter) {
        if let stream = streamSpecification, stream.isEnabled {
            writer.name("StreamSpecification")
            writer.beginObject()
            writer.member("StreamEnabled", true)
            writer.member("StreamViewType", stream.viewType?.rawValue)
            writer.endObject()
        }
        writer.member("LatestStreamLabel", latestStreamLabel)
        writer.member("LatestStreamArn", latestStreamArn)
    }

    private func writeReplicas(to writer: inout JSONWriter) {
        writer.member("GlobalTableVersion", globalTableVersion)
        writer.member("MultiRegionConsistency", multiRegionConsistency?.rawValue)
        guard globalTableVersion != nil else { return }
        writer.member(
            "GlobalTableSettingsReplicationMode",
            SettingsReplicationMode.enabledWithOverrides.rawValue,
        )
        guard !replicas.isEmpty else { return }
        writer.name("Replicas")
        writer.beginArray()
        for replica in replicas { replica.write(of: tableName, to: &writer) }
        writer.endArray()
    }
}

extension ThroughputDescription {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("LastIncreaseDateTime", milliseconds: lastIncreaseMilliseconds)
        writer.member("LastDecreaseDateTime", milliseconds: lastDecreaseMilliseconds)
        writer.member("NumberOfDecreasesToday", numberOfDecreasesToday)
        writer.member("ReadCapacityUnits", readCapacityUnits)
        writer.member("WriteCapacityUnits", writeCapacityUnits)
        writer.endObject()
    }
}

extension ReplicaDescription {
    func write(of tableName: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("RegionName", regionName)
        writer.member("ReplicaStatus", status.rawValue)
        writer.member("ReplicaArn", TableARN.text(region: regionName, tableName: tableName))
        writer.member("ReplicaStatusDescription", statusDescription)
        writer.member("ReplicaStatusPercentProgress", percentProgress.map { String($0) })
        overrides.write(to: &writer)
        writer.name("WarmThroughput")
        warm.write(to: &writer)
        if let tableClass {
            writer.name("ReplicaTableClassSummary")
            writer.beginObject()
            writer.member("TableClass", tableClass.rawValue)
            writer.endObject()
        }
        writer.member(
            "GlobalTableSettingsReplicationMode",
            SettingsReplicationMode.enabledWithOverrides.rawValue,
        )
        writer.endObject()
    }
}
