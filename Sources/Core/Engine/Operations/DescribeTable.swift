package import Wire

extension DescribeTableRequest {
    package func perform(in context: ReadContext) throws -> DescribeTableResponse {
        guard let table = context.catalog.table(named: tableName) else {
            throw ServiceError.tableNotFound(tableName)
        }
        let counts = try context.counts(of: table)
        return DescribeTableResponse(
            table: table.described(in: context.catalog.region, counts: counts)
        )
    }
}
