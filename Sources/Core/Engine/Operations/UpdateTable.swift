import Causality
package import Wire

extension UpdateTableRequest {
    /// Changes settings or replicas; each changed part is one write of the system table and reaches
    /// the other regions like any other.
    package func perform(in context: inout WriteContext) throws -> UpdateTableResponse {
        let engine = context.group.engine
        guard let table = engine.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        try checkStatus(of: table)
        var parts = table.description
        var changed: [Part] = []
        try updateBilling(of: &parts, &changed, Int64(clamping: context.wallMilliseconds))
        try updateReplicas(of: &parts, &changed, in: engine)
        if let isDeletionProtected,
            let place = parts.replicas.firstIndex(where: { $0.region == engine.region })
        {
            parts.replicas[place].isDeletionProtected = isDeletionProtected
            changed.append(.replica(region: engine.region))
        }
        if let tableClass {
            parts.tableClass = tableClass
            changed.append(.tableClass)
        }
        for part in changed { try context.group.writePart(part, of: table.id, parts) }
        var answer = table
        answer.description = parts
        let counts = try context.group.counts(of: table.number)
        return UpdateTableResponse(
            table: answer.described(in: engine.region, counts: counts, status: .updating)
        )
    }

    private func checkStatus(of table: Table) throws(ServiceError) {
        switch table.status {
        case .active: return
        case .updating where replicaUpdates.isEmpty: return
        case .updating where isOnlyCleanUp(table): return
        case .creating, .updating, .deleting: break
        }
        throw table.status == .deleting
            ? .tableBeingDeleted(tableName) : .tableBeingUpdated(tableName)
    }

    /// Taking back a replica that has not come up is allowed while it is coming up.
    private func isOnlyCleanUp(_ table: Table) -> Bool {
        replicaUpdates.allSatisfy { update in
            guard case .delete(let region) = update else { return false }
            return table.description.replica(in: region)?.status == .creating
        }
    }

    private func updateBilling(
        of parts: inout TableParts,
        _ changed: inout [Part],
        _ now: Int64,
    ) throws(ServiceError) {
        guard billingMode != nil || throughput != nil else { return }
        let before = parts.billing
        let mode = billingMode ?? before.mode
        if mode == .provisioned {
            guard let throughput = throughput ?? before.throughput else {
                throw .throughputMissing
            }
            if before.mode == .provisioned, self.throughput == before.throughput,
                billingMode == nil
            {
                throw .throughputUnchanged(
                    read: throughput.readCapacityUnits,
                    write: throughput.writeCapacityUnits,
                )
            }
            parts.billing.throughput = throughput
        } else {
            guard throughput == nil else {
                throw .throughputWithPayPerRequest
            }
            parts.billing.throughput = nil
            if before.mode != .payPerRequest { parts.billing.payPerRequestSinceMilliseconds = now }
        }
        parts.billing.mode = mode
        changed.append(.billing)
    }

    private func updateReplicas(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in engine: RegionEngine,
    ) throws(ServiceError) {
        for update in replicaUpdates {
            switch update {
            case .create(let added):
                try add(added, to: &parts, in: engine.region)
                changed.append(.replica(region: added))
            case .delete(let removed):
                try remove(removed, from: &parts, in: engine)
                changed.append(.replica(region: removed))
            }
        }
    }

    private func add(
        _ added: String,
        to parts: inout TableParts,
        in region: String,
    ) throws(ServiceError) {
        guard added != region else {
            throw .validation(
                "One or more parameter values were invalid: Cannot add, delete, or update the "
                    + "local region through ReplicaUpdates. Use CreateTable, DeleteTable, or "
                    + "UpdateTable as required."
            )
        }
        guard Origin.isRegion(added), parts.replicas.count < TableLimits.replicasMax else {
            throw .validation("One or more parameter values were invalid: Region \(added)")
        }
        if let existing = parts.replica(in: added), existing.status != .creationFailed {
            throw .replicaExists(table: tableName)
        }
        parts.replicas.removeAll { $0.region == added }
        parts.replicas.append(TableParts.Replica(region: added, status: .creating))
        parts.replicas.sort { $0.region < $1.region }
    }

    private func remove(
        _ removed: String,
        from parts: inout TableParts,
        in engine: RegionEngine,
    ) throws(ServiceError) {
        guard removed != engine.region else {
            throw .validation(
                "One or more parameter values were invalid: Cannot add, delete, or update the "
                    + "local region through ReplicaUpdates. Use CreateTable, DeleteTable, or "
                    + "UpdateTable as required."
            )
        }
        guard let place = parts.replicas.firstIndex(where: { $0.region == removed }) else {
            throw .replicaNotFound
        }
        let replica = parts.replicas[place]
        if replica.status == .creationFailed || engine.neverBegan(replica) {
            parts.replicas.remove(at: place)
        } else {
            parts.replicas[place].status = .deleting
        }
    }
}
