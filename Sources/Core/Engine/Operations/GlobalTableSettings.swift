package import Wire

extension DescribeGlobalTableSettingsRequest {
    package func perform(in context: ReadContext) throws -> GlobalTableSettingsResponse {
        try context.catalog.globalTable(name).globalTableSettings
    }
}

extension UpdateGlobalTableSettingsRequest {
    package func perform(in context: inout WriteContext) throws -> GlobalTableSettingsResponse {
        let engine = context.group.engine
        let table = try engine.catalog.globalTable(name)
        try checkNames(table.description)
        var answer = table
        var changed: [Part] = []
        let now = Int64(clamping: context.wallMilliseconds)
        try updateCapacity(of: &answer.description, &changed, in: engine.region, now)
        try updateIndexes(of: &answer.description, &changed, now)
        try updateReplicas(of: &answer.description, &changed)
        if !scalings.isEmpty {
            try answer.description.scale(scalings)
            changed.append(.scaling)
        }
        var written: Set<Part> = []
        for part in changed where written.insert(part).inserted {
            try context.group.writePart(part, of: table.id, answer.description)
        }
        return answer.globalTableSettings
    }

    private func checkNames(_ parts: TableParts) throws(ServiceError) {
        for replica in replicas where parts.replica(in: replica.region) == nil {
            throw .replicaMissing(name, replica.region)
        }
        let indexes = indexWrites.map(\.name) + replicas.flatMap { $0.indexes.map(\.name) }
        for index in indexes where !parts.globalIndexNames.contains(index) {
            throw .indexOfGlobalTableMissing(index)
        }
    }

    /// What `UpdateTable` would do with the same billing mode and write capacity.
    private func updateCapacity(
        of parts: inout TableParts,
        _ changed: inout [Part],
        in region: String,
        _ now: Int64,
    ) throws(ServiceError) {
        guard billingMode != nil || writeCapacityUnits != nil else { return }
        let mode = billingMode ?? parts.billing.mode
        var update = UpdateTableRequest(tableName: name, billingMode: billingMode)
        if mode == .provisioned {
            let before = parts.throughput(in: region)
            let read =
                before?.readCapacityUnits
                ?? replicas.lazy.compactMap(\.readCapacityUnits).first
            guard let write = writeCapacityUnits ?? before?.writeCapacityUnits, let read else {
                throw .throughputMissing
            }
            update.throughput = ProvisionedThroughput(
                readCapacityUnits: read,
                writeCapacityUnits: write,
            )
        } else if writeCapacityUnits != nil {
            throw .throughputWithPayPerRequest
        }
        try update.updateBilling(of: &parts, &changed, in: region, now)
    }

    private func updateIndexes(
        of parts: inout TableParts,
        _ changed: inout [Part],
        _ now: Int64,
    ) throws(ServiceError) {
        for write in indexWrites {
            guard let units = write.writeCapacityUnits,
                let place = parts.globalIndexes.firstIndex(where: { $0.name == write.name })
            else { continue }
            guard parts.billing.mode == .provisioned else { throw .throughputWithPayPerRequest }
            var throughput = parts.globalIndexes[place].definition.capacity.throughput
            throughput?.writeCapacityUnits = units
            parts.globalIndexes[place].provision(throughput, now: now)
            changed.append(.index(name: write.name))
        }
    }

    private func updateReplicas(
        of parts: inout TableParts,
        _ changed: inout [Part],
    ) throws(ServiceError) {
        for replica in replicas {
            let overrides = ReplicaOverrides(
                readCapacityUnits: replica.readCapacityUnits,
                tableClass: replica.tableClass,
                indexes: replica.indexes.filter { $0.readCapacityUnits != nil },
            )
            guard !overrides.isEmpty,
                let place = parts.replicas.firstIndex(where: { $0.region == replica.region })
            else { continue }
            if parts.billing.mode != .provisioned,
                overrides.readCapacityUnits != nil || !overrides.indexes.isEmpty
            {
                throw .throughputWithPayPerRequest
            }
            let before = parts.replicas[place].overrides
            parts.replicas[place].overrides = overrides.applied(over: before)
            changed.append(.overrides(region: replica.region))
        }
    }
}

extension Table {
    fileprivate var globalTableSettings: GlobalTableSettingsResponse {
        GlobalTableSettingsResponse(name: name, replicas: description.replicas.map(settings))
    }

    private func settings(
        of replica: TableParts.Replica
    ) -> GlobalTableSettingsResponse.Replica {
        let parts = description
        let none = ProvisionedThroughput(readCapacityUnits: 0, writeCapacityUnits: 0)
        var result = GlobalTableSettingsResponse.Replica(
            region: replica.region,
            status: replica.status,
            billingMode: parts.billing.mode,
            throughput: parts.throughput(in: replica.region) ?? none,
        )
        result.payPerRequestSinceMilliseconds = parts.billing.payPerRequestSinceMilliseconds
        result.read = parts.scaling(.read(region: replica.region))
        result.write = parts.scaling(.write)
        result.tableClass = replica.overrides.tableClass ?? parts.tableClass
        result.indexes = parts.globalIndexNames.map { index in
            GlobalTableSettingsResponse.Index(
                name: index,
                throughput: parts.throughput(ofIndex: index, in: replica.region),
                read: parts.scaling(.indexRead(region: replica.region, index: index)),
                write: parts.scaling(.indexWrite(index: index)),
            )
        }
        return result
    }
}
