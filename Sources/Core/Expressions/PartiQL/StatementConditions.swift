import Items

/// Makes the tree of a condition of what a statement has after WHERE, with the checks that
/// expressions have too.
struct StatementConditions {
    let values: StatementValues

    func condition(_ node: StatementNode) throws(ExpressionError) -> Condition {
        switch node.kind {
        case .and(let nodes):
            return .and(try conditions(nodes))
        case .or(let nodes):
            return .or(try conditions(nodes))
        case .not(let node):
            return .not(try condition(node))
        case .compare(let left, let comparison, let right):
            return try compare(left, comparison, right)
        case .between(let node, let lower, let upper):
            return try between(node, lower, upper)
        case .isIn(let node, let candidates):
            return try isIn(node, candidates)
        case .isType(let node, let type):
            return try isType(node, type)
        case .call(let name, let arguments):
            return try call(name, arguments, at: node.span)
        case .infix(_, let name, _):
            throw .unsupportedInCondition(name)
        case .sign(let name, _):
            throw ExpressionError(OperandMistake.wrongCount(1, of: name))
        case .string, .number, .bool, .null, .missing, .parameter, .path, .list, .bag, .tuple:
            throw ExpressionError("Unsupported token in expression: \(node.name) at \(node.span)")
        }
    }

    private func conditions(_ nodes: [StatementNode]) throws(ExpressionError) -> [Condition] {
        var conditions: [Condition] = []
        for node in nodes { conditions.append(try condition(node)) }
        return conditions
    }

    // MARK: Operands

    private func operand(_ node: StatementNode) throws(ExpressionError) -> ConditionOperand {
        if StatementValues.isValue(node) { return .value(try values.value(node)) }
        switch node.kind {
        case .path(let path):
            return .path(path)
        case .call(ConditionFunction.size.rawValue, let arguments):
            return .size(try sizeOperand(arguments))
        default:
            return .condition(try condition(node))
        }
    }

    private func sizeOperand(
        _ arguments: [StatementNode]
    ) throws(ExpressionError) -> ConditionOperand {
        let name = ConditionFunction.size.rawValue
        guard arguments.count == 1 else {
            throw ExpressionError(OperandMistake.wrongCount(arguments.count, of: name))
        }
        let operand = try operand(arguments[0])
        if let type = operand.type, [.number, .bool, .null].contains(type) {
            throw ExpressionError(OperandMistake.wrongType(type, of: name))
        }
        return operand
    }

    // MARK: Comparisons

    private func compare(
        _ left: StatementNode,
        _ comparison: ConditionComparison,
        _ right: StatementNode,
    ) throws(ExpressionError) -> Condition {
        let (first, second) = (try operand(left), try operand(right))
        try checkDistinct(first, [second], in: comparison.rawValue)
        if comparison.isOrdering { try checkOrdered([first, second], in: comparison.rawValue) }
        return .compare(first, comparison, second)
    }

    private func between(
        _ node: StatementNode,
        _ lower: StatementNode,
        _ upper: StatementNode,
    ) throws(ExpressionError) -> Condition {
        let value = try operand(node)
        let (low, high) = (try operand(lower), try operand(upper))
        try checkDistinct(value, [low, high], in: "BETWEEN")
        try checkOrdered([value, low, high], in: "BETWEEN")
        if case .value(let low) = low, case .value(let high) = high,
            let mistake = OperandMistake.bounds(low, high)
        {
            throw ExpressionError(mistake)
        }
        return .between(value, lower: low, upper: high)
    }

    private func isIn(
        _ node: StatementNode,
        _ list: StatementNode,
    ) throws(ExpressionError) -> Condition {
        let nodes: [StatementNode]
        switch list.kind {
        case .list(let elements), .bag(let elements): nodes = elements
        default: nodes = []
        }
        guard !nodes.isEmpty else {
            throw ExpressionError(
                "IN operator must have a left hand argument of type Variable Reference and right "
                    + "hand argument of type Seq with at least one member"
            )
        }
        guard nodes.count <= ExpressionLimits.inOperandsMax else {
            throw ExpressionError(OperandMistake.tooManyCandidates(nodes.count))
        }
        let value = try operand(node)
        var candidates: [ConditionOperand] = []
        for node in nodes { candidates.append(try operand(node)) }
        try checkDistinct(value, candidates, in: "IN")
        return .isIn(value, candidates)
    }

    private func isType(
        _ node: StatementNode,
        _ type: StatementTypeName,
    ) throws(ExpressionError) -> Condition {
        guard case .path(let path) = node.kind else {
            throw ExpressionError(OperandMistake.pathNeeded(by: "IS"))
        }
        if type.text == "MISSING" { return .attributeNotExists(path) }
        guard let attributeType = type.attributeType else {
            throw ExpressionError(
                "Unsupported data type for IS operator: \(type.text). Supported data types are "
                    + "[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]"
            )
        }
        return .attributeType(.path(path), attributeType)
    }

    // MARK: Functions

    private func call(
        _ name: String,
        _ arguments: [StatementNode],
        at span: SourceSpan,
    ) throws(ExpressionError) -> Condition {
        guard !name.isEmpty, let function = ConditionFunction(rawValue: name) else {
            throw ExpressionError("Unrecognized function: \(name) at \(span)")
        }
        guard function != .size else { throw ExpressionError(OperandMistake.misplaced(name)) }
        guard arguments.count == function.operandCount else {
            throw ExpressionError(OperandMistake.wrongCount(arguments.count, of: name))
        }
        switch function {
        case .attributeExists:
            return .attributeExists(try path(arguments[0], of: name))
        case .attributeNotExists:
            return .attributeNotExists(try path(arguments[0], of: name))
        case .attributeType:
            return try attributeType(arguments)
        case .beginsWith:
            let (operand, prefix) = (try operand(arguments[0]), try operand(arguments[1]))
            try checkDistinct(operand, [prefix], in: name)
            for type in [operand.type, prefix.type] {
                guard let type, type != .string, type != .binary else { continue }
                throw ExpressionError(OperandMistake.wrongType(type, of: name))
            }
            return .beginsWith(operand, prefix: prefix)
        case .contains:
            let (operand, element) = (try operand(arguments[0]), try operand(arguments[1]))
            try checkDistinct(operand, [element], in: name)
            return .contains(operand, element)
        case .size, .invalid:
            preconditionFailure("these names have been refused")
        }
    }

    private func path(
        _ node: StatementNode,
        of name: String,
    ) throws(ExpressionError) -> DocumentPath {
        guard case .path(let path) = node.kind else {
            throw ExpressionError(OperandMistake.pathNeeded(by: name))
        }
        return path
    }

    private func attributeType(_ arguments: [StatementNode]) throws(ExpressionError) -> Condition {
        let name = ConditionFunction.attributeType.rawValue
        let path = try path(arguments[0], of: name)
        let operand = try operand(arguments[1])
        guard case .value(.string(let typeName)) = operand else {
            let type = operand.type?.rawValue ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
            throw ExpressionError(OperandMistake.wrongType(type, of: name))
        }
        guard let type = AttributeTypeName(rawValue: typeName.string) else {
            throw ExpressionError(
                OperandMistake.unknownTypeName(typeName, valid: "N,BS,L,B,NULL,M,S,SS,NS,BOOL")
            )
        }
        return .attributeType(.path(path), type)
    }

    // MARK: Checks

    private func checkDistinct(
        _ first: ConditionOperand,
        _ rest: [ConditionOperand],
        in name: String,
    ) throws(ExpressionError) {
        guard case .path(let path) = first else { return }
        for case .path(path) in rest {
            throw ExpressionError(OperandMistake.repeated(path, in: name))
        }
    }

    private func checkOrdered(
        _ operands: [ConditionOperand],
        in name: String,
    ) throws(ExpressionError) {
        for operand in operands {
            guard let type = operand.type, !type.isOrdered else { continue }
            throw ExpressionError(OperandMistake.wrongType(type, of: name))
        }
    }
}

extension ConditionOperand {
    /// The type, when it is known without an item.
    fileprivate var type: AttributeTypeName? {
        switch self {
        case .value(let value): AttributeTypeName(of: value)
        case .size: .number
        case .condition: .bool
        case .path: nil
        }
    }
}

extension ExpressionError {
    fileprivate static func unsupportedInCondition(_ name: String) -> ExpressionError {
        ExpressionError("Unsupported operator in Condition Expression. Operator: \(name)")
    }
}
