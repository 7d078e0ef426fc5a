package import Wire

extension ContinuousBackupsResponse {
    /// The service shows a new table's backups as on only some time after it is made.
    private static let delayMilliseconds: Int64 = 60_000

    fileprivate init(for tableName: String, in context: ReadContext, now: UInt64) throws {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.noTable(tableName)
        }
        let created = table.description.definition.createdMilliseconds
        self.init(isOn: Int64(clamping: now) - created >= Self.delayMilliseconds)
    }
}

extension DescribeContinuousBackupsRequest {
    package func perform(
        in context: ReadContext,
        now: UInt64,
    ) throws -> ContinuousBackupsResponse {
        try ContinuousBackupsResponse(for: tableName, in: context, now: now)
    }
}

extension UpdateContinuousBackupsRequest {
    package func perform(
        in context: ReadContext,
        now: UInt64,
    ) throws -> ContinuousBackupsResponse {
        let response = try ContinuousBackupsResponse(for: tableName, in: context, now: now)
        try checkServed()
        return response
    }
}
