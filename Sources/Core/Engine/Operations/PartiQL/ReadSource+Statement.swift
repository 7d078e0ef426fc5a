import Expressions
import Items
import Wire

/// What a SELECT names behind FROM, with PartiQL's own words for what cannot be read.
extension ReadSource {
    init(
        _ source: PartiQLStatement.Source,
        of table: Table,
        consistentRead: Bool,
    ) throws(ServiceError) {
        if let name = source.indexName {
            guard let index = table.index(named: name) else { throw .statementIndexNotFound }
            try index.checkReadByStatements()
            if consistentRead, !index.isLocal { throw .statementConsistentReadOfGlobalIndex }
        }
        try self.init(table, index: source.indexName, consistentRead: consistentRead)
    }

    /// The key, which has one attribute of each kind.
    var statementSchema: TableSchema {
        let schema = schema
        return TableSchema(partition: schema.partition[0], sort: schema.sort.first)
    }

    /// Refuses a query that filters by what the index does not hold.
    ///
    /// A scan may: it sees nothing there. So may a query of several parts if one of them needs no
    /// more than the index holds.
    func checkFilters(of plan: SelectPlan) throws(ServiceError) {
        guard plan.isKeyed, let index, let projected = index.projected else { return }
        let missing = plan.parts.map { part in
            (part.filter?.topLevelNames ?? []).filter { !projected.contains($0) }
        }
        guard let last = missing.last, missing.allSatisfy({ !$0.isEmpty }) else { return }
        throw .filterNotProjected(last, by: index.name)
    }
}

extension TableIndex {
    /// Refuses one whose key has several attributes of a kind.
    func checkReadByStatements() throws(ServiceError) {
        guard schema.partition.count == 1, schema.sort.count <= 1 else {
            throw .statementIndexOfManyAttributes
        }
    }
}
