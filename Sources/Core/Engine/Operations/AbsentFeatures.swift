package import Wire

extension AbsentFeatureRequest {
    package func perform(in context: ReadContext) throws -> AbsentFeatureResponse {
        for table in absent where context.catalog.table(named: table.name) != nil {
            throw table.error
        }
        for table in present where context.catalog.table(named: table.name) == nil {
            throw table.error
        }
        if let index, let table = context.catalog.table(named: index.tableName),
            table.index(named: index.name) == nil
        {
            throw index.error
        }
        return try answer.get()
    }
}
