package import Items

/// The `KeyConditionExpression` of a Query, parsed; the table's schema comes later.
package struct KeyConditionExpression: Equatable, Sendable {
    /// One condition on one attribute that may turn out to be of the key.
    package struct Clause: Equatable, Sendable {
        package let name: Text
        package let condition: KeyCondition.SortCondition

        package init(name: Text, condition: KeyCondition.SortCondition) {
            self.name = name
            self.condition = condition
        }
    }

    /// As many as a key can have attributes.
    static let clausesMax = IndexSchema.partitionAttributesMax + IndexSchema.sortAttributesMax
    /// As many as a key of one partition attribute can take.
    package static let simpleClausesMax = 2

    /// At least one, of different names.
    package let clauses: [Clause]

    package init(_ clauses: [Clause]) throws(ExpressionError) {
        for (index, clause) in clauses.enumerated()
        where clauses[..<index].contains(where: { $0.name == clause.name }) {
            throw ExpressionKind.keyCondition.error(
                "KeyConditionExpressions must only contain one condition per key"
            )
        }
        guard !clauses.isEmpty, clauses.count <= Self.clausesMax else {
            throw Self.wrongCount
        }
        self.clauses = clauses
    }

    package init(
        parsing text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        try self.init(Self.parsed(text, placeholders: &placeholders))
    }

    package init(_ condition: Condition) throws(ExpressionError) {
        var clauses: [Clause] = []
        try Self.collect(condition, into: &clauses)
        try self.init(clauses)
    }

    /// The expression as a condition like any other, which it is refused for not being before it
    /// is refused for what a key cannot be asked.
    package static func parsed(
        _ text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) -> Condition {
        try ConditionParser.parse(text, kind: .keyCondition, placeholders: &placeholders)
    }

    package static let wrongCount = ExpressionError("Conditions can be of length 1 or 2 only")
    package static let notSupported = ExpressionError("Query key condition not supported")

    package func resolved(for schema: TableSchema) throws(ExpressionError) -> KeyCondition {
        try resolved(for: IndexSchema(schema))
    }

    /// The condition in terms of a table's or index's key.
    ///
    /// Every partition attribute equals a value; so do the sort attributes from the first on, but
    /// that the last one named may lie in a range.
    package func resolved(for schema: IndexSchema) throws(ExpressionError) -> KeyCondition {
        let keyCount = schema.partition.count + schema.sort.count
        guard clauses.count <= max(keyCount, Self.simpleClausesMax) else {
            throw ExpressionError(
                "The number of query conditions (\(clauses.count)) exceeds the number of key "
                    + "attributes defined in the schema (\(keyCount))"
            )
        }
        guard clauses.count <= keyCount else { throw Self.notSupported }
        if schema.hasSeveral { try checkEquality(of: schema.partition) }
        var partition: [AttributeValue] = []
        for key in schema.partition {
            try checkPresence(of: key)
            guard case .equal(let value)? = try condition(on: key) else {
                throw Self.notSupported
            }
            partition.append(value)
        }
        let sorts = schema.sort.prefix(max(0, clauses.count - partition.count))
        try checkOrder(of: schema.sort)
        for key in sorts { try checkPresence(of: key) }
        var leading: [AttributeValue] = []
        for key in sorts.dropLast() {
            guard case .equal(let value)? = try condition(on: key) else {
                throw Self.notSupported
            }
            leading.append(value)
        }
        return KeyCondition(
            partition: partition,
            leading: leading,
            sort: try sorts.last.flatMap { key throws(ExpressionError) in try condition(on: key) },
        )
    }

    /// All partition attributes must equal a value.
    private func checkEquality(of partition: [TableSchema.KeyAttribute]) throws(ExpressionError) {
        guard let names = names(unequalOf: partition[...]) else { return }
        throw ExpressionError(
            "HASH key attributes \(names) must have equality conditions specified in the query"
        )
    }

    /// Of several sort attributes, those before the last one named must equal a value.
    private func checkOrder(of sort: [TableSchema.KeyAttribute]) throws(ExpressionError) {
        guard sort.count > 1, let last = sort.lastIndex(where: { clause(on: $0) != nil }),
            let names = names(unequalOf: sort[..<last])
        else { return }
        throw ExpressionError(
            "RANGE key attributes \(names) must have equality conditions specified in the query "
                + "because a condition is present on key attribute \(sort[last].name)"
        )
    }

    /// Those that no clause says to equal a value; nil if there are none.
    private func names(unequalOf keys: ArraySlice<TableSchema.KeyAttribute>) -> String? {
        let unequal = keys.filter { key in
            guard case .equal? = clause(on: key)?.condition else { return true }
            return false
        }
        return unequal.isEmpty ? nil : unequal.map(\.name.string).joined(separator: ", ")
    }

    private func clause(on key: TableSchema.KeyAttribute) -> Clause? {
        clauses.first { $0.name == key.name }
    }

    private func checkPresence(of key: TableSchema.KeyAttribute) throws(ExpressionError) {
        guard clause(on: key) != nil else {
            throw ExpressionError("Query condition missed key schema element: \(key.name)")
        }
    }

    private func condition(
        on key: TableSchema.KeyAttribute
    ) throws(ExpressionError) -> KeyCondition.SortCondition? {
        guard let clause = clause(on: key) else { return nil }
        for value in clause.condition.values
        where AttributeTypeName(of: value).rawValue != key.type.rawValue {
            throw ExpressionError(
                "One or more parameter values were invalid: "
                    + "Condition parameter type does not match schema type"
            )
        }
        return clause.condition
    }
}

extension KeyConditionExpression {
    /// Takes the tree apart at its ANDs and refuses everything a key condition cannot be.
    private static func collect(
        _ condition: Condition,
        into clauses: inout [Clause],
    ) throws(ExpressionError) {
        switch condition {
        case .and(let conditions):
            for condition in conditions { try collect(condition, into: &clauses) }
        case .or: throw invalidOperator("OR")
        case .not: throw invalidOperator("NOT")
        case .isIn: throw invalidOperator("IN")
        case .attributeExists: throw invalidOperator("attribute_exists")
        case .attributeNotExists: throw invalidOperator("attribute_not_exists")
        case .attributeType: throw invalidOperator("attribute_type")
        case .contains: throw invalidOperator("contains")
        case .compare(_, .notEqual, _): throw invalidOperator("<>")
        case .compare(let left, let comparison, let right):
            clauses.append(try clause(left, comparison, right))
        case .between(let key, let lower, let upper):
            try checkFirstOperand(key, of: "BETWEEN")
            let (name, values) = try split([key, lower, upper])
            clauses.append(Clause(name: name, condition: .between(values[0], values[1])))
        case .beginsWith(let key, let prefix):
            try checkFirstOperand(key, of: "begins_with")
            let (name, values) = try split([key, prefix])
            clauses.append(Clause(name: name, condition: .beginsWith(values[0])))
        }
    }

    /// The key may stand on either side.
    private static func clause(
        _ left: ConditionOperand,
        _ comparison: ConditionComparison,
        _ right: ConditionOperand,
    ) throws(ExpressionError) -> Clause {
        let (name, values) = try split([left, right])
        let value = values[0]
        let isReversed =
            if case .path = right { true } else { false }
        let condition: KeyCondition.SortCondition =
            switch (comparison, isReversed) {
            case (.equal, _), (.notEqual, _): .equal(value)
            case (.less, false), (.greater, true): .less(value)
            case (.lessOrEqual, false), (.greaterOrEqual, true): .lessOrEqual(value)
            case (.greater, false), (.less, true): .greater(value)
            case (.greaterOrEqual, false), (.lessOrEqual, true): .greaterOrEqual(value)
            }
        return Clause(name: name, condition: condition)
    }

    /// The one attribute among the operands, and the others' values: at least one.
    private static func split(
        _ operands: [ConditionOperand]
    ) throws(ExpressionError) -> (name: Text, values: [AttributeValue]) {
        var name: Text?
        var values: [AttributeValue] = []
        for operand in operands {
            switch operand {
            case .value(let value):
                values.append(value)
            case .path(let path):
                guard name == nil else {
                    throw invalidCondition("Multiple attribute names used in one condition")
                }
                guard path.rest.isEmpty else {
                    throw ExpressionKind.keyCondition.error(
                        "KeyConditionExpressions cannot have conditions on nested attributes"
                    )
                }
                name = path.head
            case .size, .condition:
                throw ExpressionError("KeyConditionExpressions cannot contain nested operations")
            }
        }
        guard let name else { throw invalidCondition("No key attribute specified") }
        return (name, values)
    }

    private static func checkFirstOperand(
        _ operand: ConditionOperand,
        of name: String,
    ) throws(ExpressionError) {
        if case .path = operand { return }
        throw invalidCondition("\(name) operator must have the key attribute as its first operand")
    }

    private static func invalidOperator(_ name: String) -> ExpressionError {
        ExpressionError("Invalid operator used in KeyConditionExpression: \(name)")
    }

    private static func invalidCondition(_ detail: String) -> ExpressionError {
        ExpressionError("Invalid condition in KeyConditionExpression: \(detail)")
    }
}
