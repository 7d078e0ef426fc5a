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
        if parts.isEncryptedWithKey, let keyId = encryption.keyId, keyId == present {
            throw .invalidParameters(
                "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter "
                    + "if you want to change Master Key"
            )
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
            try onDemand.check(ofChanged: .table, mode: parts.billing.mode)
            parts.capacity.onDemand = onDemand.applied(over: parts.capacity.onDemand)
        }
        if let warm = settings.warm {
            let current = parts.warmThroughput
            try warm.check(ofChanged: .table, over: current)
            parts.capacity.warm = warm.joined(current)
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

    package var warmThroughput: WarmThroughput {
        .effective(
            capacity.warm,
            provisioned: billing.throughput,
            wasPayPerRequest: billing.wasPayPerRequest,
        )
    }
}

/// A global index's capacity as it is in one region.
extension TableParts {
    /// Nil for PAY_PER_REQUEST.
    package func throughput(ofIndex name: String, in region: String) -> ProvisionedThroughput? {
        globalIndex(name).flatMap { throughput(of: $0, in: region) }
    }

    func throughput(of index: IndexPart, in region: String) -> ProvisionedThroughput? {
        guard var throughput = index.definition.capacity.throughput else { return nil }
        if let read = overrides(of: index, in: region)?.readCapacityUnits {
            throughput.readCapacityUnits = read
        }
        return throughput
    }

    /// The maxima; nil where there are none.
    package func onDemand(ofIndex name: String, in region: String) -> OnDemandThroughput? {
        globalIndex(name).flatMap { onDemand(of: $0, in: region) }
    }

    func onDemand(of index: IndexPart, in region: String) -> OnDemandThroughput? {
        let shared = index.definition.capacity.onDemand
        guard let read = overrides(of: index, in: region)?.maxReadRequestUnits else {
            return shared
        }
        var maximum = shared ?? OnDemandThroughput()
        maximum.maxReadRequestUnits = read
        return maximum
    }

    func warmThroughput(of index: IndexPart) -> WarmThroughput {
        .effective(
            index.definition.capacity.warm,
            provisioned: index.definition.capacity.throughput,
            wasPayPerRequest: billing.wasPayPerRequest,
        )
    }

    private func overrides(of index: IndexPart, in region: String) -> ReplicaOverrides.Index? {
        replica(in: region)?.overrides.indexes.first { $0.name == index.name }
    }
}

extension TableParts.Billing {
    /// Whether the table is or ever was PAY_PER_REQUEST.
    var wasPayPerRequest: Bool {
        mode == .payPerRequest || payPerRequestSinceMilliseconds != nil
    }
}
