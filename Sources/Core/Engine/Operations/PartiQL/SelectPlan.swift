import Expressions
import Items
import Wire

/// What a SELECT reads: ranges of keys in order, each with what remains to be asked of its items.
///
/// With equalities on the partition key that is a Query for each, otherwise one Scan.
struct SelectPlan {
    struct Part {
        let range: KeyRange
        let filter: ConditionExpression?
        /// Whether the range is the place of one item.
        let isOneKey: Bool
    }

    private(set) var parts: [Part]
    /// Whether partitions are named; otherwise the one part is the whole table.
    let isKeyed: Bool
    /// Whether ranges are read from their ends.
    private(set) var isReversed = false

    init(
        _ condition: Condition?,
        order: [PartiQLStatement.Select.Order] = [],
        schema: TableSchema,
    ) throws(ServiceError) {
        guard let condition, let branches = try KeyBranches(condition, schema: schema) else {
            guard order.isEmpty else { throw .orderByWithoutKey }
            isKeyed = false
            parts = [
                Part(
                    range: .all,
                    filter: condition.map(ConditionExpression.init),
                    isOneKey: false,
                )
            ]
            return
        }
        isKeyed = true
        var partitions: [Partition] = []
        for branch in branches.branches {
            let prefix = try KeyRange(partition: branch.partition, sort: nil, schema: schema).from
            if let index = partitions.firstIndex(where: { $0.prefix == prefix }) {
                partitions[index].branches.append(branch)
            } else {
                partitions.append(Partition(prefix: prefix, branches: [branch]))
            }
        }
        partitions.sort { $0.value.lexicographicallyPrecedes($1.value) }
        parts = []
        try sort(&partitions, by: order, schema)
        for partition in partitions {
            let parts = try partition.parts(schema)
            self.parts += isReversed ? parts.reversed() : parts
        }
    }

    /// The place of the one item that the statement reads by its key and nothing else.
    var onlyKey: [UInt8]? {
        guard parts.count == 1, parts[0].isOneKey, parts[0].filter == nil else { return nil }
        return parts[0].range.from
    }

    /// Partitions in order of their keys, or as ORDER BY says.
    ///
    /// An ORDER BY of the partition key alone turns the sort keys around, as the service does.
    private mutating func sort(
        _ partitions: inout [Partition],
        by order: [PartiQLStatement.Select.Order],
        _ schema: TableSchema,
    ) throws(ServiceError) {
        guard !order.isEmpty else { return }
        for term in order {
            let isKey = schema.keyAttributes.contains { $0.name == term.path.head }
            guard isKey, term.path.rest.isEmpty else {
                throw .orderByOther(term.path.head.string)
            }
        }
        let hashTerm = order.first { $0.path.head == schema.partition.name }
        let sortTerm = order.first { $0.path.head == schema.sort?.name }
        guard hashTerm != nil || partitions.count == 1 else { throw .orderByWithoutHashKey }
        if hashTerm?.isDescending == true { partitions.reverse() }
        isReversed = sortTerm?.isDescending ?? true
    }
}

/// The branches that read one partition.
private struct Partition {
    /// What all its keys begin with.
    let prefix: [UInt8]
    var branches: [KeyBranches.Branch]

    /// The partition key's value in bytes that order as the values do.
    var value: ArraySlice<UInt8> { prefix[ItemKey.hashBytes...] }

    /// In order of their keys; none has a key with another in common.
    func parts(_ schema: TableSchema) throws(ServiceError) -> [SelectPlan.Part] {
        if branches.count > 1, branches.contains(where: { isLoose($0, schema) }) {
            return [try whole(schema)]
        }
        var parts: [SelectPlan.Part] = []
        for branch in branches { parts.append(try part(branch, schema)) }
        guard parts.count > 1 else { return parts }
        let found = parts.filter { !$0.range.isEmpty }
        guard !found.isEmpty else { return [parts[0]] }
        parts = found.sorted { $0.range.from.lexicographicallyPrecedes($1.range.from) }
        for (left, right) in zip(parts, parts.dropFirst())
        where left.range.to == nil
            || right.range.from.lexicographicallyPrecedes(left.range.to ?? [])
        {
            throw .whereOverlaps
        }
        return parts
    }

    /// Whether it asks of the sort key what no range of keys answers.
    private func isLoose(_ branch: KeyBranches.Branch, _ schema: TableSchema) -> Bool {
        guard let sort = schema.sort else { return false }
        return branch.rest.contains {
            $0.mentions([sort.name]) && $0.sortCondition(on: sort.name) == nil
        }
    }

    /// The partition read as a whole for all branches together.
    private func whole(_ schema: TableSchema) throws(ServiceError) -> SelectPlan.Part {
        SelectPlan.Part(
            range: try KeyRange(partition: branches[0].partition, sort: nil, schema: schema),
            filter: ConditionExpression(.or(branches.map { .and($0.rest) })),
            isOneKey: false,
        )
    }

    /// The first condition on the sort key says the range; others are left to the filter.
    private func part(
        _ branch: KeyBranches.Branch,
        _ schema: TableSchema,
    ) throws(ServiceError) -> SelectPlan.Part {
        var sort: KeyCondition.SortCondition?
        var rest: [Condition] = []
        for condition in branch.rest {
            if let name = schema.sort?.name, let found = condition.sortCondition(on: name),
                sort == nil || sort == found
            {
                sort = found
            } else {
                rest.append(condition)
            }
        }
        var isOneKey = schema.sort == nil
        if case .equal = sort { isOneKey = true }
        return SelectPlan.Part(
            range: try KeyRange(partition: branch.partition, sort: sort, schema: schema),
            filter: rest.isEmpty
                ? nil : ConditionExpression(rest.count == 1 ? rest[0] : .and(rest)),
            isOneKey: isOneKey,
        )
    }
}
