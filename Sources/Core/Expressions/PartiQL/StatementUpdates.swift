import Items

/// Makes an update of the SET and REMOVE clauses of a statement.
struct StatementUpdates {
    let values: StatementValues

    func update(_ changes: [StatementTree.Change]) throws(ExpressionError) -> Update {
        var actions: [Update.Action] = []
        for change in changes {
            switch change {
            case .set(let path, let node): actions.append(try set(path, node))
            case .remove(let path): actions.append(.remove(path))
            }
        }
        if let mistake = PathOverlap.mistake(in: actions.map(\.path)) {
            throw ExpressionError(mistake)
        }
        return Update(actions)
    }

    private func set(
        _ path: DocumentPath,
        _ node: StatementNode,
    ) throws(ExpressionError) -> Update.Action {
        switch node.kind {
        case .call("set_add", let arguments):
            return .add(path, try setOperand("SET_ADD", arguments, of: path, at: node.span))
        case .call("set_delete", let arguments):
            return .delete(path, try setOperand("SET_DELETE", arguments, of: path, at: node.span))
        default:
            return .set(path, try operand(node))
        }
    }

    /// The set that is added to or deleted from the set at `path`.
    private func setOperand(
        _ name: String,
        _ arguments: [StatementNode],
        of path: DocumentPath,
        at span: SourceSpan,
    ) throws(ExpressionError) -> AttributeValue {
        guard arguments.count == 2 else {
            throw ExpressionError("\(name) must have exactly two arguments at \(span)")
        }
        guard case .path(path) = arguments[0].kind else {
            throw ExpressionError(
                "The first argument to \(name) must equal the assignment value at \(span)"
            )
        }
        guard StatementValues.isValue(arguments[1]) else {
            throw Self.noSet(name, arguments[0])
        }
        let value = try values.value(arguments[1])
        switch value {
        case .stringSet, .numberSet, .binarySet: return value
        default: throw Self.noSet(name, arguments[0])
        }
    }

    private static func noSet(_ name: String, _ first: StatementNode) -> ExpressionError {
        ExpressionError(
            "The second argument to \(name) must be a value with type SET at \(first.span)"
        )
    }

    // MARK: Operands

    private func operand(_ node: StatementNode) throws(ExpressionError) -> UpdateOperand {
        if StatementValues.isValue(node) { return .value(try values.value(node)) }
        switch node.kind {
        case .path(let path):
            return .path(path)
        case .infix(let left, let name, let right) where name == "+" || name == "-":
            let (first, second) = (try operand(left), try operand(right))
            try check([first, second], are: .number, in: name)
            return name == "+" ? .sum(first, second) : .difference(first, second)
        case .call(let name, let arguments):
            return try call(name, arguments, at: node.span)
        case .infix(_, let name, _):
            throw .unsupportedInUpdate(name)
        case .sign(let name, _):
            throw ExpressionError(OperandMistake.wrongCount(1, of: name))
        case .compare(_, let comparison, _):
            throw .unsupportedInUpdate(comparison.rawValue)
        case .between: throw .unsupportedInUpdate("between")
        case .isIn: throw .unsupportedInUpdate("in")
        case .isType: throw .unsupportedInUpdate("is")
        case .and: throw .unsupportedInUpdate("and")
        case .or: throw .unsupportedInUpdate("or")
        case .not: throw .unsupportedInUpdate("not")
        case .string, .number, .bool, .null, .missing, .parameter, .list, .bag, .tuple:
            preconditionFailure("values have been taken")
        }
    }

    private func call(
        _ name: String,
        _ arguments: [StatementNode],
        at span: SourceSpan,
    ) throws(ExpressionError) -> UpdateOperand {
        guard let function = UpdateFunction(rawValue: name) else {
            throw ExpressionError("Unrecognized function: \(name) at \(span)")
        }
        guard arguments.count == UpdateFunction.operandCount else {
            throw ExpressionError(OperandMistake.wrongCount(arguments.count, of: name))
        }
        let (first, second) = (try operand(arguments[0]), try operand(arguments[1]))
        switch function {
        case .ifNotExists:
            guard case .path(let path) = first else {
                throw ExpressionError(OperandMistake.pathNeeded(by: name))
            }
            return .ifNotExists(path, second)
        case .listAppend:
            try check([first, second], are: .list, in: name)
            return .listAppend(first, second)
        }
    }

    private func check(
        _ operands: [UpdateOperand],
        are type: AttributeTypeName,
        in name: String,
    ) throws(ExpressionError) {
        for operand in operands {
            guard let other = operand.type, other != type else { continue }
            throw ExpressionError(OperandMistake.wrongType(other, of: name))
        }
    }
}

extension ExpressionError {
    fileprivate static func unsupportedInUpdate(_ name: String) -> ExpressionError {
        ExpressionError("Unsupported operator in Update Expression. Operator: \(name)")
    }
}
