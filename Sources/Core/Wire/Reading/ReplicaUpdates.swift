import JSON

/// One element of `ReplicaUpdates`, its form checked: an action it names, and for which region.
struct ReplicaAction: Equatable {
    enum Kind: String, CaseIterable {
        case create = "Create"
        case update = "Update"
        case delete = "Delete"
    }

    let kind: Kind
    let region: String
    /// Empty for Delete.
    let overrides: ReplicaOverrides
}

extension Checks {
    /// Region names are part of stored keys and stamps.
    static let regionNameLengthRange = 1...64

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
            if element["Disassociate"] != nil {
                note(Unsupported.notSupported("ReplicaUpdates with Disassociate"))
            }
            var actions: [ReplicaAction] = []
            for kind in ReplicaAction.Kind.allCases {
                guard let part = try element.structure(kind.rawValue) else { continue }
                if kind == .create, part["RegionName"] == nil {
                    // The service says no more than this.
                    note(.validation("One or more parameter values were invalid"))
                    continue
                }
                actions.append(
                    ReplicaAction(
                        kind: kind,
                        region: try regionName(part),
                        overrides: kind == .delete
                            ? ReplicaOverrides() : try replicaOverrides(part),
                    )
                )
            }
            updates.append(actions)
        }
        return updates
    }

    /// `RegionName`, which must be there.
    mutating func regionName(_ part: Fields) throws(ServiceError) -> String {
        let name = try required(part, "RegionName")
        guard part["RegionName"] != nil else { return name }
        let location = part.location("RegionName")
        checkLength(name.utf8.count, location, value: name, Self.regionNameLengthRange)
        return name
    }

    private mutating func replicaOverrides(_ part: Fields) throws(ServiceError) -> ReplicaOverrides
    {
        ReplicaOverrides(
            readCapacityUnits: try readCapacityOverride(part),
            maxReadRequestUnits: try maxReadOverride(part),
            tableClass: try tableClass(part, "TableClassOverride"),
            keyId: try part.string("KMSMasterKeyId"),
            indexes: try indexOverrides(part),
        )
    }

    private mutating func readCapacityOverride(_ part: Fields) throws(ServiceError) -> Int64? {
        guard let override = try part.structure("ProvisionedThroughputOverride"),
            let units = try override.long("ReadCapacityUnits")
        else { return nil }
        checkRange(units, override.location("ReadCapacityUnits"), 1...Int.max)
        return Int64(units)
    }

    private mutating func maxReadOverride(_ part: Fields) throws(ServiceError) -> Int64? {
        guard let override = try part.structure("OnDemandThroughputOverride") else { return nil }
        return try maximumUnits(override, "MaxReadRequestUnits")
    }

    private mutating func indexOverrides(
        _ part: Fields
    ) throws(ServiceError) -> [ReplicaOverrides.Index] {
        let name = "GlobalSecondaryIndexes"
        guard let elements = try part.structures(name, of: "ReplicaGlobalSecondaryIndex") else {
            return []
        }
        if elements.isEmpty { checkLength(0, part.location(name), value: "[]", 1...Int.max) }
        var indexes: [ReplicaOverrides.Index] = []
        for element in elements {
            let index = try required(element, "IndexName")
            if element["IndexName"] != nil {
                checkName(index, at: element.location("IndexName"))
            }
            guard !indexes.contains(where: { $0.name == index }) else {
                note(.invalidParameters("Index \(index) is named more than once in \(name)"))
                continue
            }
            indexes.append(
                ReplicaOverrides.Index(
                    name: index,
                    readCapacityUnits: try readCapacityOverride(element),
                    maxReadRequestUnits: try maxReadOverride(element),
                )
            )
        }
        return indexes
    }
}

extension ReplicaUpdate {
    /// The updates that the elements of `ReplicaUpdates` ask for.
    ///
    /// All actions are of one kind, and of Create and Delete there is one; the service takes the same
    /// one twice for one.
    static func updates(_ elements: [[ReplicaAction]]) throws(ServiceError) -> [ReplicaUpdate] {
        var actions: [ReplicaAction] = []
        for element in elements {
            guard let action = element.first else { throw .replicaUpdateEmpty }
            guard element.allSatisfy({ $0.kind == action.kind }) else {
                throw .replicaUpdateAmbiguous
            }
            if !actions.contains(action) { actions.append(action) }
        }
        let kinds = Set(actions.map(\.kind))
        guard kinds.count < 2 else { throw .replicaUpdateAmbiguous }
        guard actions.count < 2 || kinds == [.update] else { throw .replicaUpdatesTooMany }
        var updates: [ReplicaUpdate] = []
        for (index, action) in actions.enumerated() {
            guard !actions[..<index].contains(where: { $0.region == action.region }) else {
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
        switch action.kind {
        case .create: self = .create(region: action.region, overrides: action.overrides)
        case .delete: self = .delete(region: action.region)
        case .update:
            guard !action.overrides.isEmpty else { throw .replicaUpdateEmpty }
            self = .update(region: action.region, overrides: action.overrides)
        }
    }
}
