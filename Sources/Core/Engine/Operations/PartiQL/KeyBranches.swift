import Expressions
import Items
import Wire

/// The condition of a SELECT as alternatives, each of which reads one partition: `a = 1 AND (b = 2 OR
/// b = 3)` and `a IN [1, 2]` are two each.
///
/// What lies under a NOT, and alternatives that say nothing of the key, stay whole.
struct KeyBranches {
    /// The most reads that one statement may be taken apart into.
    static let countMax = 50

    /// An alternative: the value of the partition key, and all that must hold besides.
    struct Branch {
        let partition: AttributeValue
        let rest: [Condition]
    }

    private let schema: TableSchema
    private let names: [Text]
    private(set) var branches: [Branch] = []

    /// Nil if the condition does not name the partitions of all it wants.
    init?(_ condition: Condition, schema: TableSchema) throws(ServiceError) {
        self.schema = schema
        names = schema.keyAttributes.map(\.name)
        guard namesPartitions(condition) else { return nil }
        guard count(condition) <= Self.countMax else { throw .whereTooManyReads }
        for conjuncts in alternatives(condition) {
            guard let branch = try branch(conjuncts) else { return nil }
            branches.append(branch)
        }
    }

    /// Whether each alternative has an equality on the partition key.
    private func namesPartitions(_ condition: Condition) -> Bool {
        switch condition {
        case .and(let conditions): conditions.contains(where: namesPartitions)
        case .or(let conditions): conditions.allSatisfy(namesPartitions)
        default: condition.equalities(on: schema.partition.name) != nil
        }
    }

    /// How many alternatives there are, counted up to one too many.
    private func count(_ condition: Condition) -> Int {
        let most = Self.countMax + 1
        switch condition {
        case .and(let conditions):
            return conditions.reduce(1) { min($0 * count($1), most) }
        case .or(let conditions) where condition.mentions(names):
            return conditions.reduce(0) { min($0 + count($1), most) }
        default:
            return keyValues(condition)?.values.count ?? 1
        }
    }

    private func keyValues(_ condition: Condition) -> (name: Text, values: [AttributeValue])? {
        for name in names {
            if let values = condition.equalities(on: name) { return (name, values) }
        }
        return nil
    }

    private func alternatives(_ condition: Condition) -> [[Condition]] {
        switch condition {
        case .and(let conditions):
            return conditions.reduce([[]]) { found, condition in
                let next = alternatives(condition)
                return found.flatMap { left in next.map { left + $0 } }
            }
        case .or(let conditions) where condition.mentions(names):
            return conditions.flatMap(alternatives)
        default:
            guard let (name, values) = keyValues(condition) else { return [[condition]] }
            return values.map {
                [.compare(.path(DocumentPath(name)), .equal, .value($0))]
            }
        }
    }

    /// Nil if it wants two partitions at once.
    private func branch(_ conjuncts: [Condition]) throws(ServiceError) -> Branch? {
        var partition: AttributeValue?
        var rest: [Condition] = []
        for condition in conjuncts {
            guard let value = condition.equality(on: schema.partition.name) else {
                rest.append(condition)
                continue
            }
            guard value.typeName == schema.partition.type.rawValue else {
                throw .whereKeyTypeMismatch(schema.partition.name)
            }
            guard partition == nil || partition == value else { return nil }
            partition = value
        }
        try checkSortTypes(rest)
        return partition.map { Branch(partition: $0, rest: rest) }
    }

    private func checkSortTypes(_ conditions: [Condition]) throws(ServiceError) {
        guard let sort = schema.sort else { return }
        for condition in conditions {
            let values = condition.sortCondition(on: sort.name)?.values ?? []
            for value in values where value.typeName != sort.type.rawValue {
                throw .whereKeyTypeMismatch(sort.name)
            }
        }
    }
}
