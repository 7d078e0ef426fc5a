import JSON

/// What the requests of the global tables of 2017 have in common.
extension Checks {
    mutating func globalTableName(_ fields: Fields) throws(ServiceError) -> String {
        let name = try required(fields, "GlobalTableName")
        guard fields["GlobalTableName"] != nil else { return name }
        guard TableName.lengthRange.contains(name.utf8.count) else {
            checkNameLength(name, "TableName")
            return name
        }
        checkName(name, at: fields.location("GlobalTableName"))
        return name
    }

    /// `ReplicationGroup`: the regions in the order of the request.
    mutating func replicationGroup(_ fields: Fields) throws(ServiceError) -> [String] {
        guard let parts = try fields.structures("ReplicationGroup", of: "Replica") else {
            violateNotNull(fields.location("ReplicationGroup"))
            return []
        }
        var regions: [String] = []
        for part in parts {
            guard let region = try part.string("RegionName"), !region.isEmpty else {
                note(.invalidParameters("RegionName must be specified for each replica"))
                continue
            }
            regions.append(region)
        }
        return regions
    }

    /// `ReplicaUpdates` of these operations know Create and Delete only, without overrides.
    mutating func replicaChanges(_ fields: Fields) throws(ServiceError) -> [[ReplicaAction]] {
        let name = "ReplicaUpdates"
        guard let elements = try fields.structures(name, of: "ReplicaUpdate") else {
            violateNotNull(fields.location(name))
            return []
        }
        var updates: [[ReplicaAction]] = []
        for element in elements {
            var actions: [ReplicaAction] = []
            for kind in [ReplicaAction.Kind.create, .delete] {
                guard let part = try element.structure(kind.rawValue) else { continue }
                actions.append(
                    ReplicaAction(
                        kind: kind,
                        region: try regionName(part),
                        overrides: ReplicaOverrides(),
                    )
                )
            }
            updates.append(actions)
        }
        return updates
    }
}

/// Errors of the global tables of 2017.
extension ServiceError {
    package static func globalTableNotFound(_ name: String) -> ServiceError {
        ServiceError(
            "GlobalTableNotFoundException",
            "Global table not found: Global table with name: '\(name)' does not exist.",
        )
    }

    package static func globalTableExists(_ name: String) -> ServiceError {
        ServiceError(
            "GlobalTableAlreadyExistsException",
            "Global table with name: '\(name)' already exists.",
        )
    }

    package static func replicaAlreadyExists(_ name: String, _ region: String) -> ServiceError {
        ServiceError(
            "ReplicaAlreadyExistsException",
            "Global table with name: '\(name)' already has a replica in region: '\(region)'.",
        )
    }

    package static func replicaMissing(_ name: String, _ region: String) -> ServiceError {
        ServiceError(
            "ReplicaNotFoundException",
            "Global table with name: '\(name)' has no replica in region: '\(region)'.",
        )
    }

    package static func indexOfGlobalTableMissing(_ name: String) -> ServiceError {
        ServiceError(
            "IndexNotFoundException",
            "Index not found: the table has no global secondary index with name: '\(name)'.",
        )
    }
}
