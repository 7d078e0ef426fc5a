import Expressions
import Items
import Wire

/// A page of a SELECT.
struct StatementSelect {
    let prepared: PreparedStatement
    let select: PartiQLStatement.Select
    var nextToken: String?
    var limit: Int?
    var returnConsumedCapacity: ReturnConsumedCapacity

    struct Answer {
        var items: [ResponseItem] = []
        var consumedCapacity: ConsumedCapacity?
        var position: StatementPosition?
        var lastKey: Item?
    }

    func perform(in context: ReadContext) throws -> Answer {
        let table = try context.table(prepared.tableName)
        let source = try ReadSource(
            select.source,
            of: table,
            consistentRead: prepared.request.consistentRead,
        )
        let schema = source.statementSchema
        let plan = try SelectPlan(select.condition, order: select.order, schema: schema)
        try table.check(
            condition: select.condition.map(ConditionExpression.init),
            projection: select.projection,
        )
        try source.checkHeld(filter: nil, projection: select.projection)
        try source.checkFilters(of: plan)
        return try read(plan, of: source, from: context)
    }

    private func read(
        _ plan: SelectPlan,
        of source: ReadSource,
        from context: ReadContext,
    ) throws -> Answer {
        let start = try start(in: plan)
        var answer = Answer()
        var used: [ConsumedCapacity] = []
        var wish = Page.Wish(
            limit: limit,
            filter: nil,
            projection: select.projection,
            showsItems: true,
            filtersEntries: true,
        )
        for index in plan.parts.indices.dropFirst(start?.part ?? 0) {
            var range = plan.parts[index].range
            if let start, start.part == index {
                range = range.after(start.key, reversed: plan.isReversed)
            }
            wish.filter = plan.parts[index].filter
            let page = try Page(
                of: source,
                in: range,
                reversed: plan.isReversed,
                wish,
                from: context,
            )
            answer.items += page.items() ?? []
            let capacity = page.used(
                returnConsumedCapacity,
                of: prepared.tableName,
                consistent: prepared.request.consistentRead,
            )
            if let capacity { used.append(capacity) }
            if let key = page.cutKey {
                answer.position = StatementPosition(
                    fingerprint: prepared.request.fingerprint,
                    part: index,
                    key: key,
                )
                answer.lastKey = try page.startKey()
                break
            }
            // The bounds of one page are those of the whole answer.
            wish.limit = wish.limit.map { $0 - page.scannedCount }
            wish.evaluatedBytesMax -= page.readBytes
            wish.tombstonesMax -= page.tombstonesPassed
        }
        answer.consumedCapacity = ConsumedCapacity.sum(used).first
        return answer
    }

    private func start(in plan: SelectPlan) throws(ServiceError) -> StatementPosition? {
        guard let nextToken else { return nil }
        let position = try StatementPosition(text: nextToken)
        guard position.fingerprint == prepared.request.fingerprint else {
            throw .nextTokenMismatch
        }
        guard position.part < plan.parts.count,
            plan.parts[position.part].range.contains(position.key)
        else { throw .nextTokenInvalid }
        return position
    }
}
