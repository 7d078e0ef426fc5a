import Items

/// Makes the tree of a condition out of what the parser read, and notes what is wrong with it.
///
/// The service looks for mistakes in this order: parentheses, function names, misplaced functions,
/// reserved words, over the whole expression; then comparison by comparison placeholders, numbers
/// of operands, operands that must differ, and types. The ranks say so.
struct ConditionChecks {
    typealias Operand = ConditionParser.Operand

    private enum Rank {
        static let parentheses = 0
        static let functionName = 1
        static let functionPlace = 2
        static let reserved = 3
        static let firstComparison = 4
        static let perComparison = 4
    }

    /// Comparisons and conditions by function made so far.
    private var comparisonCount = 0

    private var base: Int { Rank.firstComparison + comparisonCount * Rank.perComparison }
    var placeholderRank: Int { base }
    private var countRank: Int { base + 1 }
    private var distinctRank: Int { base + 2 }
    private var typeRank: Int { base + 3 }

    var pathRanks: PathRanks {
        PathRanks(reserved: Rank.reserved, placeholder: placeholderRank)
    }

    func noteRedundantParentheses(_ cursor: inout Cursor) {
        cursor.note(Rank.parentheses, "The expression has redundant parentheses;")
    }

    // MARK: Comparisons

    mutating func compare(
        _ left: Operand,
        _ comparison: ConditionComparison,
        _ right: Operand,
        cursor: inout Cursor,
    ) -> Condition {
        let first = operand(left, &cursor)
        let second = operand(right, &cursor)
        noteRepeated(left, [right], comparison.rawValue, &cursor)
        if comparison.isOrdering {
            noteUnordered([left, right], comparison.rawValue, &cursor)
        }
        comparisonCount += 1
        return .compare(first, comparison, second)
    }

    mutating func between(
        _ value: Operand,
        _ lower: Operand,
        _ upper: Operand,
        cursor: inout Cursor,
    ) -> Condition {
        let result = Condition.between(
            operand(value, &cursor),
            lower: operand(lower, &cursor),
            upper: operand(upper, &cursor),
        )
        noteRepeated(value, [lower, upper], "BETWEEN", &cursor)
        noteUnordered([value, lower, upper], "BETWEEN", &cursor)
        noteBounds(lower, upper, &cursor)
        comparisonCount += 1
        return result
    }

    mutating func isIn(
        _ value: Operand,
        _ candidates: [Operand],
        cursor: inout Cursor,
    ) -> Condition {
        let first = operand(value, &cursor)
        var rest: [ConditionOperand] = []
        rest.reserveCapacity(candidates.count)
        for candidate in candidates { rest.append(operand(candidate, &cursor)) }
        if candidates.count > ExpressionLimits.inOperandsMax {
            cursor.note(countRank, OperandMistake.tooManyCandidates(candidates.count))
        }
        noteRepeated(value, candidates, "IN", &cursor)
        comparisonCount += 1
        return .isIn(first, rest)
    }

    // MARK: Functions

    /// The function of this name, its operands checked.
    func function(
        _ name: String,
        _ arguments: [Operand],
        cursor: inout Cursor,
    ) -> ConditionFunction {
        for case .call(let inner, _) in arguments { noteMisplaced(inner, &cursor) }
        guard !name.isEmpty, let function = ConditionFunction(rawValue: name) else {
            if UpdateFunction(rawValue: name) != nil {
                cursor.note(
                    Rank.functionName,
                    "The function is not allowed in a condition expression; function: \(name)"
                )
            } else {
                cursor.note(
                    Rank.functionName,
                    "Invalid function name; function: \(name)"
                )
            }
            return .invalid
        }
        guard arguments.count == function.operandCount else {
            cursor.note(countRank, OperandMistake.wrongCount(arguments.count, of: name))
            return function
        }
        noteRepeated(arguments[0], arguments.dropFirst(), name, &cursor)
        noteTypes(function, arguments, &cursor)
        return function
    }

    /// A call where a condition stands.
    mutating func condition(
        _ function: ConditionFunction,
        _ arguments: [Operand],
        cursor: inout Cursor,
    ) -> Condition {
        // What stands in for a condition that an error was noted about; nobody evaluates it.
        let placeholder = Condition.or([])
        defer { comparisonCount += 1 }
        if function == .size { noteUnwanted(.size, &cursor) }
        guard arguments.count == function.operandCount else { return placeholder }
        switch function {
        case .attributeExists:
            guard case .path(let path) = arguments[0] else { return placeholder }
            return .attributeExists(path)
        case .attributeNotExists:
            guard case .path(let path) = arguments[0] else { return placeholder }
            return .attributeNotExists(path)
        case .attributeType:
            guard case .value(.string(let name)) = arguments[1],
                let type = AttributeTypeName(rawValue: name.string)
            else { return placeholder }
            return .attributeType(operand(arguments[0], &cursor), type)
        case .beginsWith:
            return .beginsWith(
                operand(arguments[0], &cursor),
                prefix: operand(arguments[1], &cursor),
            )
        case .contains:
            return .contains(operand(arguments[0], &cursor), operand(arguments[1], &cursor))
        case .size, .invalid:
            return placeholder
        }
    }

    /// An operand of a comparison or function, where `size` is the only function allowed.
    private func operand(_ operand: Operand, _ cursor: inout Cursor) -> ConditionOperand {
        switch operand {
        case .value(let value): return .value(value)
        case .path(let path): return .path(path)
        case .call(.size, let arguments) where arguments.count == 1:
            return .size(self.operand(arguments[0], &cursor))
        case .call(let function, _):
            noteMisplaced(function, &cursor)
            return .value(.null)
        }
    }

    // MARK: Mistakes

    /// Notes a function that stands for an operand; only `size` may.
    private func noteMisplaced(_ function: ConditionFunction, _ cursor: inout Cursor) {
        if function != .size, function != .invalid { noteUnwanted(function, &cursor) }
    }

    private func noteUnwanted(_ function: ConditionFunction, _ cursor: inout Cursor) {
        cursor.note(Rank.functionPlace, OperandMistake.misplaced(function.rawValue))
    }

    private func noteRepeated(
        _ first: Operand,
        _ rest: some Sequence<Operand>,
        _ name: String,
        _ cursor: inout Cursor,
    ) {
        guard case .path(let path) = first else { return }
        for case .path(path) in rest {
            cursor.note(distinctRank, OperandMistake.repeated(path, in: name))
        }
    }

    private func noteUnordered(
        _ operands: [Operand],
        _ name: String,
        _ cursor: inout Cursor,
    ) {
        for operand in operands {
            guard let type = operand.type, !type.isOrdered else { continue }
            noteType(name, type, &cursor)
        }
    }

    private func noteType(
        _ name: String,
        _ type: AttributeTypeName,
        _ cursor: inout Cursor,
    ) {
        cursor.note(typeRank, OperandMistake.wrongType(type, of: name))
    }

    private func noteBounds(_ lower: Operand, _ upper: Operand, _ cursor: inout Cursor) {
        guard case .value(let low) = lower, case .value(let high) = upper,
            let mistake = OperandMistake.bounds(low, high)
        else { return }
        cursor.note(typeRank, mistake)
    }

    private func noteTypes(
        _ function: ConditionFunction,
        _ arguments: [Operand],
        _ cursor: inout Cursor,
    ) {
        switch function {
        case .attributeExists, .attributeNotExists:
            notePathNeeded(function, arguments[0], &cursor)
        case .beginsWith:
            for argument in arguments {
                guard let type = argument.type, type != .string, type != .binary else { continue }
                noteType(function.rawValue, type, &cursor)
            }
        case .size:
            if let type = arguments[0].type, [.number, .bool, .null].contains(type) {
                noteType(function.rawValue, type, &cursor)
            }
        case .attributeType:
            // A value will do as well as a path, whatever the guide says.
            if case .call = arguments[0] { notePathNeeded(function, arguments[0], &cursor) }
            noteTypeName(arguments[1], &cursor)
        case .contains, .invalid:
            break
        }
    }

    private func notePathNeeded(
        _ function: ConditionFunction,
        _ argument: Operand,
        _ cursor: inout Cursor,
    ) {
        if case .path = argument { return }
        cursor.note(typeRank, OperandMistake.pathNeeded(by: function.rawValue))
    }

    private func noteTypeName(_ argument: Operand, _ cursor: inout Cursor) {
        guard case .value(.string(let name)) = argument else {
            let type = argument.type?.rawValue ?? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
            cursor.note(typeRank, OperandMistake.wrongType(type, of: "attribute_type"))
            return
        }
        guard AttributeTypeName(rawValue: name.string) == nil else { return }
        cursor.note(
            typeRank,
            OperandMistake.unknownTypeName(name, valid: "B,NULL,SS,BOOL,L,BS,N,NS,S,M")
        )
    }
}

extension ConditionParser.Operand {
    /// The type, when it is known without an item.
    fileprivate var type: AttributeTypeName? {
        switch self {
        case .value(let value): AttributeTypeName(of: value)
        case .call(.size, _): .number
        case .path, .call: nil
        }
    }
}

extension ConditionComparison {
    /// Whether it asks which is greater, and not only whether both are the same.
    var isOrdering: Bool { self != .equal && self != .notEqual }
}
