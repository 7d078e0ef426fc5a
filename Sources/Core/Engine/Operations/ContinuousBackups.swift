package import Wire

extension DescribeContinuousBackupsRequest {
    package func perform(in context: ReadContext) throws -> ContinuousBackupsResponse {
        guard context.catalog.table(named: tableName) != nil else {
            throw ServiceError.noTable(tableName)
        }
        return ContinuousBackupsResponse()
    }
}

extension UpdateContinuousBackupsRequest {
    package func perform(in context: ReadContext) throws -> ContinuousBackupsResponse {
        guard context.catalog.table(named: tableName) != nil else {
            throw ServiceError.noTable(tableName)
        }
        try checkServed()
        return ContinuousBackupsResponse()
    }
}
