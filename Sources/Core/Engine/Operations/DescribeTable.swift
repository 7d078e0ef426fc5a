package import Wire

extension DescribeTableRequest {
    /// `now` is the wall clock's time, in milliseconds.
    package func perform(in context: ReadContext, now: UInt64) throws -> DescribeTableResponse {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        let counts = try context.counts(of: table)
        return DescribeTableResponse(
            table: table.described(
                in: context.catalog.region,
                counts: counts,
                indexCounts: try context.indexCounts(of: table),
                now: Int64(clamping: now),
            )
        )
    }
}
