package import Wire

extension DeleteTableRequest {
    /// Removes the table from this region: at once if this is its one replica, otherwise once the
    /// other members hold all that was written here.
    package func perform(in context: inout WriteContext) throws -> DeleteTableResponse {
        let engine = context.group.engine
        guard let table = engine.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        switch table.state.phase {
        case .draining, .expelled: throw ServiceError.tableBeingDeleted(tableName)
        case .joining, .catchingUp, .active: break
        }
        guard table.description.replica(in: engine.region)?.settings.isDeletionProtected != true
        else {
            throw ServiceError.deletionProtected
        }
        guard !table.state.indexes.isChanging else { throw ServiceError.indexesChanging }
        let counts = try context.group.counts(of: table.number)
        let answer = table.described(
            in: engine.region,
            counts: counts,
            indexCounts: try context.group.indexCounts(of: table),
            status: .deleting,
            now: Int64(clamping: context.wallMilliseconds),
        )
        var parts = table.description
        let others = parts.replicas.filter { $0.region != engine.region }
        if others.allSatisfy({ $0.status == .creationFailed || engine.neverBegan($0) }) {
            try context.group.deleteParts(of: table.id, parts)
        } else if let place = parts.replicas.firstIndex(where: { $0.region == engine.region }) {
            parts.replicas[place].status = .deleting
            try context.group.writePart(.replica(region: engine.region), of: table.id, parts)
        }
        return DeleteTableResponse(table: answer)
    }
}
