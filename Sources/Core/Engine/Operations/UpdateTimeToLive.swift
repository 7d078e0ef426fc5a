package import Wire

extension UpdateTimeToLiveRequest {
    /// Sets a part of the table's description, which reaches the other regions like any other; each
    /// region then orders its items by their expiry, and sweeps.
    package func perform(in context: inout WriteContext) throws -> UpdateTimeToLiveResponse {
        guard let table = context.group.engine.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        switch table.status {
        case .active, .updating: break
        case .creating: throw ServiceError.tableBeingCreated(tableName)
        case .deleting: throw ServiceError.tableBeingDeleted(tableName)
        }
        var parts = table.description
        let name = specification.attributeName
        switch (parts.expiryAttribute, specification.isEnabled) {
        case (let current?, _) where current != name:
            throw ServiceError.timeToLiveOfOtherAttribute(current)
        case (.some, true): throw ServiceError.timeToLiveEnabledAlready
        case (nil, false): throw ServiceError.timeToLiveDisabledAlready
        case (.some, false): parts.expiryAttribute = nil
        case (nil, true): parts.expiryAttribute = name
        }
        try context.group.writePart(.timeToLive, of: table.id, parts)
        return UpdateTimeToLiveResponse(specification: specification)
    }
}
