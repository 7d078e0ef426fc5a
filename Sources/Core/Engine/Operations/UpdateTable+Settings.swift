package import Wire

/// What `UpdateTable` does to the settings beside capacity and replicas.
extension UpdateTableRequest {
    func updateSettings(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in region: String,
        _ now: Int64,
    ) throws(ServiceError) {
        guard !settings.isEmpty,
            let own = parts.replicas.firstIndex(where: { $0.region == region })
        else { return }
        if let isDeletionProtected = settings.isDeletionProtected {
            parts.replicas[own].settings.isDeletionProtected = isDeletionProtected
            changed.append(.settings(region: region))
        }
        if let tableClass = settings.tableClass {
            changed.append(set(tableClass, of: &parts, own, now))
        }
        if let encryption = settings.encryption {
            changed += try set(encryption, of: &parts, own)
        }
        try updateCapacity(of: &parts, &changed, in: region)
    }

    /// A replica with a class of its own changes that, the others with them the shared one.
    private func set(
        _ tableClass: TableClass,
        of parts: inout TableParts,
        _ own: Int,
        _ now: Int64,
    ) -> Part {
        if parts.replicas[own].overrides.tableClass != nil {
            parts.replicas[own].overrides.tableClass = tableClass
            return .overrides(region: parts.replicas[own].region)
        }
        parts.tableClass = tableClass
        parts.tableClassUpdateMilliseconds = now
        return .tableClass
    }

    private func set(
        _ encryption: EncryptionSpecification,
        of parts: inout TableParts,
        _ own: Int,
    ) throws(ServiceError) -> [Part] {
        guard encryption.isEnabled || parts.isEncryptedWithKey else {
            throw .invalidParameters("Table is already encrypted by default")
        }
        let present = parts.replicas[own].overrides.keyId
        if encryption.isEnabled, parts.isEncryptedWithKey, encryption.keyId == present {
            throw .invalidParameters("Table is already encrypted by given KMSMasterKeyId")
        }
        parts.isEncryptedWithKey = encryption.isEnabled
        parts.replicas[own].overrides.keyId = encryption.keyId
        return [.encryption, .overrides(region: parts.replicas[own].region)]
    }

    private func updateCapacity(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in region: String,
    ) throws(ServiceError) {
        guard settings.onDemand != nil || settings.warm != nil else { return }
        if let onDemand = settings.onDemand {
            guard parts.billing.mode == .payPerRequest else {
                throw .onDemandThroughputWithProvisioned
            }
            parts.capacity.onDemand = onDemand.applied(over: parts.capacity.onDemand)
        }
        if let warm = settings.warm {
            let current = parts.warmThroughput
            try warm.check(over: current)
            parts.capacity.warm = WarmThroughput(
                readUnitsPerSecond: warm.readUnitsPerSecond ?? current.readUnitsPerSecond,
                writeUnitsPerSecond: warm.writeUnitsPerSecond ?? current.writeUnitsPerSecond,
            )
        }
        changed.append(.capacity)
    }
}

/// Settings as they are in one region: the shared ones with the replica's differences.
extension TableParts {
    /// Nil for a PAY_PER_REQUEST table.
    package func throughput(in region: String) -> ProvisionedThroughput? {
        guard var throughput = billing.throughput else { return nil }
        if let read = replica(in: region)?.overrides.readCapacityUnits {
            throughput.readCapacityUnits = read
        }
        return throughput
    }

    /// Nil unless a request set a maximum.
    package func onDemand(in region: String) -> OnDemandThroughput? {
        guard let read = replica(in: region)?.overrides.maxReadRequestUnits else {
            return capacity.onDemand
        }
        var maximum = capacity.onDemand ?? OnDemandThroughput()
        maximum.maxReadRequestUnits = read
        return maximum
    }

    /// The maxima of a global index; nil where there are none.
    package func onDemand(ofIndex name: String, in region: String) -> OnDemandThroughput? {
        let own = replica(in: region)?.overrides.indexes.first { $0.name == name }
        guard let read = own?.maxReadRequestUnits else { return nil }
        return OnDemandThroughput(maxReadRequestUnits: read)
    }

    package var warmThroughput: WarmThroughput {
        .effective(capacity.warm, provisioned: billing.throughput)
    }
}
