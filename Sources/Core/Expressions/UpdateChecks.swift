import Items

/// Notes what is wrong with an update expression, in the order in which the service looks for it.
struct UpdateChecks {
    private enum Rank {
        static let reserved = 0
        static let functionName = 1
        static let section = 2
        static let name = 3
        static let value = 4
        static let overlap = 5
        static let conflict = 6
        static let clauseOperand = 7
        static let function = 8
    }

    let pathRanks = PathRanks(reserved: Rank.reserved, placeholder: Rank.name)
    let valueRank = Rank.value

    func noteRepeatedSection(_ keyword: Keyword, cursor: inout Cursor) {
        let name =
            switch keyword {
            case .remove: "REMOVE"
            case .add: "ADD"
            case .delete: "DELETE"
            case .set, .and, .or, .not, .between, .in: "SET"
            }
        cursor.note(
            Rank.section,
            "The \"\(name)\" section can only be used once in an update expression;"
        )
    }

    func notePaths(_ actions: [Update.Action], cursor: inout Cursor) {
        PathOverlap.check(
            actions.map(\.path),
            ranks: PathOverlap.Ranks(overlap: Rank.overlap, conflict: Rank.conflict),
            cursor: &cursor,
        )
    }

    func noteAddOperand(_ value: AttributeValue, cursor: inout Cursor) {
        let type = AttributeTypeName(of: value)
        if type != .number, !type.isSet { noteClauseOperand("ADD", type, &cursor) }
    }

    func noteDeleteOperand(_ value: AttributeValue, cursor: inout Cursor) {
        let type = AttributeTypeName(of: value)
        if !type.isSet { noteClauseOperand("DELETE", type, &cursor) }
    }

    func noteArithmetic(
        _ left: UpdateOperand,
        _ right: UpdateOperand,
        _ name: String,
        cursor: inout Cursor,
    ) {
        noteOperands([left, right], unlike: .number, of: name, &cursor)
    }

    /// The call as an operand; a null when an error was noted about it.
    func call(
        _ name: String,
        _ arguments: [UpdateOperand],
        cursor: inout Cursor,
    ) -> UpdateOperand {
        guard let function = UpdateFunction(rawValue: name) else {
            if !name.isEmpty, ConditionFunction(rawValue: name) != nil {
                cursor.note(
                    Rank.functionName,
                    "The function is not allowed in an update expression; function: \(name)"
                )
            } else {
                cursor.note(Rank.functionName, "Invalid function name; function: \(name)")
            }
            return .value(.null)
        }
        guard arguments.count == UpdateFunction.operandCount else {
            cursor.note(Rank.function, OperandMistake.wrongCount(arguments.count, of: name))
            return .value(.null)
        }
        switch function {
        case .ifNotExists:
            guard case .path(let path) = arguments[0] else {
                cursor.note(Rank.function, OperandMistake.pathNeeded(by: name))
                return .value(.null)
            }
            return .ifNotExists(path, arguments[1])
        case .listAppend:
            if arguments.contains(where: \.isListAppend) {
                cursor.note(Rank.function, OperandMistake.misplaced(name))
            }
            noteOperands(arguments, unlike: .list, of: name, &cursor)
            return .listAppend(arguments[0], arguments[1])
        }
    }

    private func noteOperands(
        _ operands: [UpdateOperand],
        unlike type: AttributeTypeName,
        of name: String,
        _ cursor: inout Cursor,
    ) {
        for operand in operands {
            guard let other = operand.type, other != type else { continue }
            cursor.note(Rank.function, OperandMistake.wrongType(other, of: name))
        }
    }

    /// The service names the types ADD allows for DELETE too, which allows sets only.
    private func noteClauseOperand(
        _ clause: String,
        _ type: AttributeTypeName,
        _ cursor: inout Cursor,
    ) {
        cursor.note(
            Rank.clauseOperand,
            "Incorrect operand type for operator or function; operator: \(clause), "
                + "operand type: \(type.longName), typeSet: ALLOWED_FOR_ADD_OPERAND"
        )
    }
}

extension UpdateOperand {
    fileprivate var isListAppend: Bool {
        if case .listAppend = self { true } else { false }
    }

    /// The type, when it is known without an item.
    var type: AttributeTypeName? {
        switch self {
        case .value(let value): AttributeTypeName(of: value)
        case .listAppend: .list
        case .sum, .difference: .number
        case .path, .ifNotExists: nil
        }
    }
}

extension AttributeTypeName {
    fileprivate var isSet: Bool {
        self == .stringSet || self == .numberSet || self == .binarySet
    }
}
