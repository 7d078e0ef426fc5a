import JSON

/// One element of `ReplicaUpdates`, its form checked: the actions it names and their regions.
struct ReplicaAction {
    let kind: String
    let region: String
    /// The first parameter of the action that is not supported yet.
    let unsupported: String?
}

extension Checks {
    private static let replicaKinds = ["Create", "Update", "Delete"]

    /// Region names are part of stored keys and stamps.
    private static let regionNameLengthRange = 1...64

    private static let replicaOverrides = [
        "KMSMasterKeyId", "ProvisionedThroughputOverride", "OnDemandThroughputOverride",
        "GlobalSecondaryIndexes", "TableClassOverride",
    ]

    /// For each element the actions in it; nil if the parameter is absent.
    mutating func replicaUpdates(
        _ fields: Fields
    ) throws(ServiceError) -> [[ReplicaAction]]? {
        let name = "ReplicaUpdates"
        guard let elements = try fields.structures(name, of: "ReplicationGroupUpdate") else {
            return nil
        }
        if elements.isEmpty {
            checkLength(0, fields.location(name), value: "[]", 1...Int.max)
        }
        var updates: [[ReplicaAction]] = []
        for element in elements {
            var actions: [ReplicaAction] = []
            for kind in Self.replicaKinds {
                guard let part = try element.structure(kind) else { continue }
                actions.append(
                    ReplicaAction(
                        kind: kind,
                        region: try region(part),
                        unsupported: Self.replicaOverrides.first { part[$0] != nil },
                    )
                )
            }
            updates.append(actions)
        }
        return updates
    }

    private mutating func region(_ part: Fields) throws(ServiceError) -> String {
        let name = try required(part, "RegionName")
        guard part["RegionName"] != nil else { return name }
        let location = part.location("RegionName")
        checkLength(name.utf8.count, location, value: name, Self.regionNameLengthRange)
        return name
    }
}

extension ReplicaUpdate {
    /// The updates that the elements of `ReplicaUpdates` ask for, each region once.
    static func updates(_ elements: [[ReplicaAction]]) throws(ServiceError) -> [ReplicaUpdate] {
        var updates: [ReplicaUpdate] = []
        var regions: Set<String> = []
        for actions in elements {
            guard let action = actions.first, actions.count == 1 else {
                throw .invalidParameters(
                    "Exactly one of ReplicationGroupUpdate.Create, ReplicationGroupUpdate.Update, "
                        + "ReplicationGroupUpdate.Delete must be specified"
                )
            }
            guard regions.insert(action.region).inserted else {
                throw .invalidParameters(
                    "Only one replica update per region is allowed simultaneously. "
                        + "Region: \(action.region)"
                )
            }
            updates.append(try ReplicaUpdate(action))
        }
        return updates
    }

    private init(_ action: ReplicaAction) throws(ServiceError) {
        if let parameter = action.unsupported {
            throw Unsupported.notSupported("ReplicaUpdates.\(action.kind).\(parameter)")
        }
        switch action.kind {
        case "Create": self = .create(region: action.region)
        case "Delete": self = .delete(region: action.region)
        default: throw Unsupported.notSupported("ReplicaUpdates.\(action.kind)")
        }
    }
}
