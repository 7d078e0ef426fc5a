/// Adds replicas to a global table of 2017, and removes them.
package struct UpdateGlobalTableRequest: Sendable {
    package var name: String
    /// At least one, each region once; no `update` among them.
    package var updates: [ReplicaUpdate]

    package init(name: String, updates: [ReplicaUpdate]) {
        self.name = name
        self.updates = updates
    }
}

extension UpdateGlobalTableRequest: OperationRequest {
    package typealias Response = GlobalTableResponse
    package static let operation = OperationName.updateGlobalTable

    package init(reading fields: Fields) throws(ServiceError) {
        var checks = Checks()
        name = try checks.globalTableName(fields)
        let changes = try checks.replicaChanges(fields)
        try checks.finish()
        guard !changes.isEmpty else {
            throw .invalidParameters("ReplicaUpdates must have at least one update")
        }
        updates = try ReplicaUpdate.updates(changes)
    }
}
