/// Which changes one `UpdateTable` may ask for: at least one, and most of them alone.
extension UpdateTableRequest {
    func checkChangesSomething() throws(ServiceError) {
        guard changes.isEmpty, settings.isEmpty else { return }
        let members = [
            "ProvisionedThroughput", "BillingMode", "UpdateStreamEnabled",
            "GlobalSecondaryIndexUpdates", "SSESpecification", "ReplicaUpdates",
            "MultiAccountReplicaReady", "ReplicaTransitRoleArn", "MultiRegionConsistency",
            "DeletionProtectionEnabled", "OnDemandThroughput", "WarmThroughput",
        ].filter { multiRegionConsistency == nil || $0 != "MultiRegionConsistency" }
        throw .validation(
            "At least one of \(members.joined(separator: ", ")) or TableClass is required"
        )
    }

    /// Capacity of which nothing is said changes nothing beside another change.
    mutating func dropEmptyCapacity() {
        guard changes.count > 1 else { return }
        if settings.onDemand?.isEmpty == true { settings.onDemand = nil }
        if settings.warm?.isEmpty == true { settings.warm = nil }
    }

    /// Refuses changes that are not made together; of several reasons the first by the service's
    /// order is told.
    func checkCombination() throws(ServiceError) {
        let changes = changes
        guard changes.count > 1 else { return }
        for (change, name) in Self.exclusive where changes.contains(change) {
            throw .invalidParameters(
                "\(name) modification must be the only operation in the request"
            )
        }
        guard !changes.contains(.onDemand) || changes == [.billing, .onDemand] else {
            throw .invalidParameters(
                "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"
            )
        }
        if changes.contains(.warm) {
            throw .invalidParameters(
                changes.contains(.onlineIndex)
                    ? "Create global secondary index cannot be specified when updating "
                        + "WarmThroughput"
                    : "WarmThroughput must be the only operation in the request"
            )
        }
        if changes.contains(.onlineIndex), throughput != nil {
            throw .invalidParameters("You cannot create or delete index while updating table IOPS")
        }
        if changes.contains(.onlineIndex), changes.contains(.stream) {
            throw .invalidParameters(
                "You cannot create or delete index while changing stream status"
            )
        }
        if changes.contains(.stream), throughput != nil { throw .streamWithThroughput }
    }

    private enum Change {
        case billing
        case throughput
        case stream
        case onlineIndex
        case indexCapacity
        case replicas
        case encryption
        case tableClass
        case protection
        case onDemand
        case warm
    }

    private static let exclusive: [(Change, String)] = [
        (.replicas, "Replica"), (.encryption, "Server-Side Encryption"),
        (.tableClass, "TableClass"), (.protection, "DeletionProtection"),
    ]

    private var changes: [Change] {
        let all: [(Change, Bool)] = [
            (.billing, billingMode != nil),
            (.throughput, throughput != nil),
            (.stream, streamSpecification != nil),
            (.onlineIndex, indexUpdates.contains(where: \.isOnline)),
            (.indexCapacity, indexUpdates.contains { !$0.isOnline }),
            (.replicas, !replicaUpdates.isEmpty),
            (.encryption, settings.encryption != nil),
            (.tableClass, settings.tableClass != nil),
            (.protection, settings.isDeletionProtected != nil),
            (.onDemand, settings.onDemand != nil),
            (.warm, settings.warm != nil),
        ]
        return all.filter(\.1).map(\.0)
    }
}
