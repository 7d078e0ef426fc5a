package import Wire

extension DescribeTimeToLiveRequest {
    package func perform(in context: ReadContext) throws -> DescribeTimeToLiveResponse {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        switch table.status {
        case .active, .updating: break
        case .creating, .deleting: throw ServiceError.timeToLiveNotDescribed(table.status)
        }
        return DescribeTimeToLiveResponse(attributeName: table.description.expiryAttribute)
    }
}
