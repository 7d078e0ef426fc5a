package import Wire

extension ListTablesRequest {
    package func perform(in context: ReadContext) throws -> ListTablesResponse {
        var names = context.catalog.named.map(\.name)
        if let start = exclusiveStartTableName {
            names.removeAll { !start.utf8.lexicographicallyPrecedes($0.utf8) }
        }
        let page = Array(names.prefix(limit))
        return ListTablesResponse(
            tableNames: page,
            lastEvaluatedTableName: names.count > page.count ? page.last : nil,
        )
    }
}
