import Causality
import Wire

/// What `ReplicaUpdates` do to a description.
extension UpdateTableRequest {
    func add(
        _ added: String,
        _ overrides: ReplicaOverrides,
        to parts: inout TableParts,
        in region: String,
    ) throws(ServiceError) {
        guard added != region else { throw .replicaIsLocal }
        guard Origin.isRegion(added), parts.replicas.count < TableLimits.replicasMax else {
            throw .validation("One or more parameter values were invalid: Region \(added)")
        }
        if let existing = parts.replica(in: added), existing.status != .creationFailed {
            throw .replicaExists(table: tableName)
        }
        try check(overrides, of: parts)
        parts.replicas.removeAll { $0.region == added }
        parts.replicas.append(
            TableParts.Replica(
                region: added,
                status: .creating,
                overrides: overrides.applied(over: ReplicaOverrides()),
            )
        )
        parts.replicas.sort { $0.region < $1.region }
    }

    func change(
        _ changed: String,
        _ overrides: ReplicaOverrides,
        of parts: inout TableParts,
        in region: String,
    ) throws(ServiceError) {
        guard changed != region else { throw .replicaIsLocal }
        guard let place = parts.replicas.firstIndex(where: { $0.region == changed }) else {
            throw .replicaNotFound(changed)
        }
        try check(overrides, of: parts)
        let before = parts.replicas[place].overrides
        parts.replicas[place].overrides = overrides.applied(over: before)
    }

    func remove(
        _ removed: String,
        from parts: inout TableParts,
        in engine: RegionEngine,
    ) throws(ServiceError) {
        guard removed != engine.region else { throw .replicaIsLocal }
        guard let place = parts.replicas.firstIndex(where: { $0.region == removed }) else {
            throw .replicaNotFound(removed)
        }
        let replica = parts.replicas[place]
        guard !replica.settings.isDeletionProtected else { throw .deletionProtected }
        if replica.status == .creationFailed || engine.neverBegan(replica) {
            parts.replicas.remove(at: place)
        } else {
            parts.replicas[place].status = .deleting
        }
    }

    /// An override must be of something that the table has.
    private func check(
        _ overrides: ReplicaOverrides,
        of parts: TableParts,
    ) throws(ServiceError) {
        let isProvisioned = parts.billing.mode == .provisioned
        let hasReads =
            overrides.readCapacityUnits != nil
            || overrides.indexes.contains { $0.readCapacityUnits != nil }
        guard isProvisioned || !hasReads else {
            throw .invalidParameters(
                "ProvisionedThroughputOverride can only be specified when BillingMode is PROVISIONED"
            )
        }
        let hasMaxima =
            overrides.maxReadRequestUnits != nil
            || overrides.indexes.contains { $0.maxReadRequestUnits != nil }
        guard !isProvisioned || !hasMaxima else {
            throw .invalidParameters(
                "OnDemandThroughputOverride can only be specified when BillingMode is "
                    + "PAY_PER_REQUEST"
            )
        }
        guard overrides.keyId == nil || parts.isEncryptedWithKey else {
            throw .invalidParameters(
                "KMSMasterKeyId can only be specified for a replica of a table that is encrypted "
                    + "with a KMS key"
            )
        }
        for index in overrides.indexes where !parts.globalIndexNames.contains(index.name) {
            throw .indexNotFound(index.name)
        }
    }
}

extension TableParts {
    /// The global secondary indexes that replicas may differ in.
    var globalIndexNames: [String] { globalIndexes.map(\.name) }
}
