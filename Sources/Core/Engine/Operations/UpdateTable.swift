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
        let now = Int64(clamping: context.wallMilliseconds)
        try updateBilling(of: &parts, &changed, in: engine.region, now)
        try updateStream(of: &parts, &changed, now)
        try updateReplicas(of: &parts, &changed, in: engine)
        try enableStreamOfGlobalTable(&parts, &changed, now, before: table.description)
        try updateSettings(of: &parts, &changed, in: engine.region, now)
        let indexes = try updateIndexes(of: &parts, &changed, in: table, engine, now)
        var written: Set<Part> = []
        for part in changed where written.insert(part).inserted {
            try context.group.writePart(part, of: table.id, parts)
        }
        // A stream that was enabled is opened, so that the answer can name it.
        try context.group.settleDescriptions()
        var answer = engine.catalog[id: table.id] ?? table
        answer.description = parts
        let counts = try context.group.counts(of: table.number)
        var described = answer.described(
            in: engine.region,
            counts: counts,
            status: isInstant ? table.status : .updating,
            now: now,
        )
        showCapacity(in: &described, before: table, in: engine.region, now)
        described.globalIndexes = try indexes.descriptions(
            of: answer,
            before: table,
            context.group.indexCounts(of: table),
            in: engine.region,
            now: now,
        )
        return UpdateTableResponse(table: described)
    }

    /// Names what the answer alone shows: what is still there while another comes, and maxima that
    /// were taken away.
    private func showCapacity(
        in described: inout TableDescription,
        before table: Table,
        in region: String,
        _ now: Int64,
    ) {
        if isProvisionedAnew(table) {
            described.throughput = ThroughputDescription(
                table.description.throughput(in: region),
                table.description.billing.changes,
                now: now,
            )
        }
        described.lastUpdateToPayPerRequestMilliseconds =
            table.description.billing.payPerRequestSinceMilliseconds
        if settings.warm?.isEmpty == false {
            described.warm = table.description.warmThroughput
            described.isWarming = true
        }
        if let asked = settings.onDemand {
            described.onDemand = asked.answered(with: described.onDemand)
        }
    }

    /// Whether the table is never seen as being updated: only what is beside its capacity, stream,
    /// class and replicas changes.
    private var isInstant: Bool {
        billingMode == nil && throughput == nil && streamSpecification == nil
            && replicaUpdates.isEmpty && settings.tableClass == nil
            && !indexUpdates.contains(where: \.isOnline)
    }

    /// Whether a table that has provisioned capacity gets another.
    private func isProvisionedAnew(_ table: Table) -> Bool {
        throughput != nil && table.description.billing.mode == .provisioned
    }

    func checkStatus(of table: Table) throws(ServiceError) {
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

    func updateBilling(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in region: String,
        _ now: Int64,
    ) throws(ServiceError) {
        guard billingMode != nil || throughput != nil else { return }
        let before = parts.billing
        let mode = billingMode ?? before.mode
        if mode == .provisioned {
            try provision(&parts, &changed, in: region, now)
        } else {
            guard throughput == nil else {
                throw .throughputWithPayPerRequest
            }
            if let old = before.throughput { parts.keepWarm(old, &changed) }
            parts.billing.throughput = nil
            if before.mode != .payPerRequest { parts.billing.payPerRequestSinceMilliseconds = now }
        }
        parts.billing.mode = mode
        changed.append(.billing)
    }

    /// Sets provisioned capacity; where this replica's read capacity differs from the others', that
    /// is the one that changes.
    private func provision(
        _ parts: inout TableParts,
        _ changed: inout [Part],
        in region: String,
        _ now: Int64,
    ) throws(ServiceError) {
        let before = parts.billing
        guard let new = throughput ?? before.throughput else { throw .throughputMissing }
        let place = parts.replicas.firstIndex {
            $0.region == region && $0.overrides.readCapacityUnits != nil
        }
        let old = parts.throughput(in: region)
        if before.mode == .provisioned, new == old {
            throw .throughputUnchanged(read: new.readCapacityUnits, write: new.writeCapacityUnits)
        }
        if before.mode == .provisioned, let old {
            try parts.billing.changes.check(from: old, to: new, now: now)
            parts.billing.changes.note(from: old, to: new, now: now)
            if let shared = before.throughput { parts.keepWarm(shared, &changed) }
        }
        parts.billing.throughput = new
        if let place, before.mode == .provisioned, let shared = before.throughput {
            parts.billing.throughput?.readCapacityUnits = shared.readCapacityUnits
            parts.replicas[place].overrides.readCapacityUnits = new.readCapacityUnits
            changed.append(.overrides(region: region))
        }
        if parts.capacity.onDemand != nil {
            parts.capacity.onDemand = nil
            changed.append(.capacity)
        }
    }

    func updateReplicas(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in engine: RegionEngine,
    ) throws(ServiceError) {
        for update in replicaUpdates {
            switch update {
            case .create(let region, let overrides):
                try add(region, overrides, to: &parts, in: engine.region)
                changed += [.replica(region: region), .overrides(region: region)]
            case .update(let region, let overrides):
                try change(region, overrides, of: &parts, in: engine.region)
                changed.append(.overrides(region: region))
            case .delete(let region):
                try remove(region, from: &parts, in: engine)
                changed.append(.replica(region: region))
            }
        }
    }
}

extension TableParts {
    /// What was provisioned can be taken at once ever after.
    fileprivate mutating func keepWarm(_ old: ProvisionedThroughput, _ changed: inout [Part]) {
        capacity.warm = WarmThroughput(old).joined(capacity.warm)
        changed.append(.capacity)
    }
}
