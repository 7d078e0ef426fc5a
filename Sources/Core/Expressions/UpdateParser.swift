import Items

/// Reads the text of an `UpdateExpression`.
///
///     update  = section { section }
///     section = SET path "=" value { "," path "=" value } | REMOVE path { "," path }
///             | ADD path :value { "," path :value } | DELETE path :value { "," path :value }
///     value   = term [ ( "+" | "-" ) term ]
///     term    = "(" value ")" | :value | path | name "(" term { "," term } ")"
///
/// A sum or difference in parentheses may not be a term of another.
struct UpdateParser {
    private var cursor: Cursor
    private let checks = UpdateChecks()
    private var actions: [Update.Action] = []
    private var seen: [Keyword] = []

    static func parse(
        _ text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) -> Update {
        var parser = UpdateParser(
            cursor: try Cursor(
                text,
                kind: .update,
                placeholders: placeholders.taken(),
            )
        )
        defer { placeholders = parser.cursor.placeholders }
        repeat { try parser.section() } while parser.cursor.current.kind != .end
        parser.checks.notePaths(parser.actions, cursor: &parser.cursor)
        try parser.cursor.throwNoted()
        return Update(parser.actions)
    }

    private init(cursor: Cursor) {
        self.cursor = cursor
    }

    private mutating func section() throws(ExpressionError) {
        guard let section = cursor.keyword else { throw cursor.syntaxError() }
        if seen.contains(section) { checks.noteRepeatedSection(section, cursor: &cursor) }
        seen.append(section)
        cursor.advance()
        repeat { try action(in: section) } while cursor.skip(.comma)
    }

    private mutating func action(in section: Keyword) throws(ExpressionError) {
        let path = try cursor.path(ranks: checks.pathRanks)
        switch section {
        case .remove:
            actions.append(.remove(path))
        case .add:
            let value = try literal()
            checks.noteAddOperand(value, cursor: &cursor)
            actions.append(.add(path, value))
        case .delete:
            let value = try literal()
            checks.noteDeleteOperand(value, cursor: &cursor)
            actions.append(.delete(path, value))
        case .set, .and, .or, .not, .between, .in:
            // Only the first is a keyword here.
            try cursor.expect(.equal)
            try cursor.countOperator()
            actions.append(.set(path, try value()))
        }
    }

    private mutating func literal() throws(ExpressionError) -> AttributeValue {
        guard cursor.current.kind == .valuePlaceholder else { throw cursor.syntaxError() }
        return cursor.valuePlaceholder(rank: checks.valueRank)
    }

    private mutating func value() throws(ExpressionError) -> UpdateOperand {
        let left = try term()
        let isSum = cursor.current.kind == .plus
        guard isSum || cursor.current.kind == .minus else { return left }
        guard !left.isArithmetic else { throw cursor.syntaxError() }
        try cursor.countOperator()
        cursor.advance()
        let right = try plainTerm()
        checks.noteArithmetic(left, right, isSum ? "+" : "-", cursor: &cursor)
        return isSum ? .sum(left, right) : .difference(left, right)
    }

    /// A term that is no sum or difference.
    private mutating func plainTerm() throws(ExpressionError) -> UpdateOperand {
        let operand = try term()
        guard !operand.isArithmetic else { throw cursor.syntaxError() }
        return operand
    }

    private mutating func term() throws(ExpressionError) -> UpdateOperand {
        switch cursor.current.kind {
        case .openParenthesis:
            try cursor.enter()
            cursor.advance()
            let inner = try value()
            try cursor.expect(.closeParenthesis)
            cursor.leave()
            return inner
        case .valuePlaceholder:
            return .value(cursor.valuePlaceholder(rank: checks.valueRank))
        case .identifier where cursor.keyword == nil && cursor.isBeforeParenthesis():
            return try call()
        default:
            return .path(try cursor.path(ranks: checks.pathRanks))
        }
    }

    private mutating func call() throws(ExpressionError) -> UpdateOperand {
        try cursor.countOperator()
        let name = cursor.text(of: cursor.current)
        cursor.advance()
        try cursor.expect(.openParenthesis)
        try cursor.enter()
        var arguments = [try plainTerm()]
        while cursor.skip(.comma) { arguments.append(try plainTerm()) }
        try cursor.expect(.closeParenthesis)
        cursor.leave()
        return checks.call(name, arguments, cursor: &cursor)
    }
}

extension UpdateOperand {
    fileprivate var isArithmetic: Bool {
        switch self {
        case .sum, .difference: true
        case .value, .path, .ifNotExists, .listAppend: false
        }
    }
}
