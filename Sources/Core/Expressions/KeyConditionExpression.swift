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

    static let clausesMax = 2

    /// One or two, of different names.
    package let clauses: [Clause]

    package init(_ clauses: [Clause]) throws(ExpressionError) {
        for (index, clause) in clauses.enumerated()
        where clauses[..<index].contains(where: { $0.name == clause.name }) {
            throw ExpressionError(
                "KeyConditionExpressions must only contain one condition per key"
            )
        }
        guard !clauses.isEmpty, clauses.count <= Self.clausesMax else {
            throw ExpressionError("Conditions can be of length 1 or 2 only")
        }
        self.clauses = clauses
    }

    package init(
        parsing text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        let condition = try ConditionParser.parse(
            text,
            kind: .keyCondition,
            placeholders: &placeholders,
        )
        var clauses: [Clause] = []
        try Self.collect(condition, into: &clauses)
        try self.init(clauses)
    }

    /// The condition in terms of a table's or index's key.
    package func resolved(for schema: TableSchema) throws(ExpressionError) -> KeyCondition {
        guard clauses.count == 1 || schema.sort != nil else {
            throw ExpressionError("Query key condition not supported")
        }
        try checkPresence(of: schema.partition)
        let partition = try condition(on: schema.partition)
        guard case .equal(let value)? = partition else {
            throw ExpressionError("Query key condition not supported")
        }
        guard let sort = schema.sort, clauses.count > 1 else {
            return KeyCondition(partition: value)
        }
        try checkPresence(of: sort)
        return KeyCondition(partition: value, sort: try condition(on: sort))
    }

    private func checkPresence(of key: TableSchema.KeyAttribute) throws(ExpressionError) {
        guard clauses.contains(where: { $0.name == key.name }) else {
            throw ExpressionError("Query condition missed key schema element: \(key.name)")
        }
    }

    private func condition(
        on key: TableSchema.KeyAttribute
    ) throws(ExpressionError) -> KeyCondition.SortCondition? {
        guard let clause = clauses.first(where: { $0.name == key.name }) else { return nil }
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
                    throw ExpressionError(
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
