package import Wire

/// The global tables of 2017: tables that exist in several regions and are then made one.
///
/// They are kept by the same replicas as those of 2019. A region cannot look into another, so what
/// must be so there (an empty table of the name and key schema, with a stream) is judged there, when the invitation
/// arrives: the replica joins in that table's place, or its creation fails and says why.
extension CreateGlobalTableRequest {
    package func perform(in context: inout WriteContext) throws -> GlobalTableResponse {
        let engine = context.group.engine
        guard let table = engine.catalog.table(named: name), table.state.phase == .active else {
            throw ServiceError.noTable(name)
        }
        var parts = table.description
        guard parts.globalTableSinceMilliseconds == nil, parts.replicas.count == 1 else {
            throw ServiceError.globalTableExists(name)
        }
        guard try context.group.counts(of: table.number).items == 0 else {
            throw ServiceError.invalidParameters(
                "Table \(name) must be empty to become a global table"
            )
        }
        guard parts.stream?.viewType == .newAndOldImages else {
            throw ServiceError.streamOfOtherView(name)
        }
        // The part that names the kind goes before the invitations, which are read by it.
        var changed: [Part] = [.globalTable]
        parts.globalTableSinceMilliseconds = Int64(clamping: context.wallMilliseconds)
        let invitations = UpdateTableRequest(
            tableName: name,
            replicaUpdates: regions.filter { $0 != engine.region }.map { .create(region: $0) },
        )
        try invitations.updateReplicas(of: &parts, &changed, in: engine)
        for part in changed { try context.group.writePart(part, of: table.id, parts) }
        var answer = table
        answer.description = parts
        return GlobalTableResponse(table: answer.globalTable(status: .creating))
    }
}

extension UpdateGlobalTableRequest {
    package func perform(in context: inout WriteContext) throws -> GlobalTableResponse {
        let table = try context.group.engine.catalog.globalTable(name)
        for update in updates {
            switch update {
            case .create(let region, _), .update(let region, _):
                let present = table.description.replica(in: region)
                guard present == nil || present?.status == .creationFailed else {
                    throw ServiceError.replicaAlreadyExists(name, region)
                }
            case .delete(let region):
                guard table.description.replica(in: region) != nil else {
                    throw ServiceError.replicaMissing(name, region)
                }
            }
        }
        let update = UpdateTableRequest(tableName: name, replicaUpdates: updates)
        try update.checkStatus(of: table)
        var answer = table
        var changed: [Part] = []
        try update.updateReplicas(
            of: &answer.description,
            &changed,
            in: context.group.engine,
        )
        for part in changed {
            try context.group.writePart(part, of: table.id, answer.description)
        }
        return GlobalTableResponse(table: answer.globalTable(status: .updating))
    }
}

extension DescribeGlobalTableRequest {
    package func perform(in context: ReadContext) throws -> GlobalTableResponse {
        GlobalTableResponse(table: try context.catalog.globalTable(name).globalTable())
    }
}

extension ListGlobalTablesRequest {
    package func perform(in context: ReadContext) throws -> ListGlobalTablesResponse {
        var tables = context.catalog.named.filter { table in
            table.description.globalTableSinceMilliseconds != nil
                && (region.map(table.description.members.contains) ?? true)
        }
        if let start = exclusiveStartName {
            tables.removeAll { !start.utf8.lexicographicallyPrecedes($0.name.utf8) }
        }
        let page = tables.prefix(limit).map { table in
            ListGlobalTablesResponse.GlobalTable(
                name: table.name,
                regions: table.description.members,
            )
        }
        return ListGlobalTablesResponse(
            tables: page,
            lastEvaluatedName: tables.count > page.count ? page.last?.name : nil,
        )
    }
}

extension TableCatalog {
    /// A global table of 2017; those of 2019 are none to the operations of 2017.
    func globalTable(_ name: String) throws(ServiceError) -> Table {
        guard let table = table(named: name),
            table.description.globalTableSinceMilliseconds != nil
        else { throw .globalTableNotFound(name) }
        return table
    }
}

extension Table {
    func globalTable(status: TableStatus? = nil) -> GlobalTableDescription {
        GlobalTableDescription(
            name: name,
            status: status ?? self.status,
            creationMilliseconds: description.globalTableSinceMilliseconds ?? 0,
            replicas: description.replicas.map(replicaDescription),
        )
    }

    /// Whether a replica of a global table of 2017 may come in this table's place.
    func canMakeWay(for parts: TableParts, items: Int64) -> Bool {
        state.phase == .active && description.replicas.count == 1
            && description.globalTableSinceMilliseconds == nil
            && description.stream?.viewType == .newAndOldImages
            && schema == parts.definition.schema && items == 0
    }
}
