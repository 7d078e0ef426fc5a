import Items

/// Reads the text of a condition: `ConditionExpression`, `FilterExpression` and
/// `KeyConditionExpression` share one grammar.
///
///     or         = and { OR and }
///     and        = not { AND not }
///     not        = NOT not | comparison
///     comparison = primary [ comparator operand | BETWEEN operand AND operand
///                          | IN "(" operand { "," operand } ")" ]
///     primary    = "(" or ")" | operand
///     operand    = "(" operand ")" | :value | path | name "(" operand { "," operand } ")"
///
/// A parenthesis may open a condition or an operand, and which it was is known only behind it; so
/// the upper rules carry either one on as a `Node`.
struct ConditionParser {
    enum Node {
        case condition(Condition, inParentheses: Bool)
        case operand(Operand, inParentheses: Bool)
    }

    /// An operand before it is known whether functions may stand where it stands.
    enum Operand {
        case value(AttributeValue)
        case path(DocumentPath)
        indirect case call(ConditionFunction, [Operand])
    }

    var cursor: Cursor
    var checks = ConditionChecks()

    static func parse(
        _ text: String,
        kind: ExpressionKind,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) -> Condition {
        var parser = ConditionParser(
            cursor: try Cursor(
                text,
                kind: kind,
                placeholders: placeholders.taken(),
            )
        )
        defer { placeholders = parser.cursor.placeholders }
        let node = try parser.or()
        let condition = try parser.condition(node)
        guard parser.cursor.current.kind == .end else { throw parser.cursor.syntaxError() }
        try parser.cursor.throwNoted()
        return condition
    }

    private mutating func or() throws(ExpressionError) -> Node {
        let first = try and()
        guard cursor.keyword == .or else { return first }
        var conditions = [try condition(first)]
        while cursor.keyword == .or {
            try cursor.countOperator()
            cursor.advance()
            let next = try and()
            conditions.append(try condition(next))
        }
        return .condition(.or(conditions), inParentheses: false)
    }

    private mutating func and() throws(ExpressionError) -> Node {
        let first = try not()
        guard cursor.keyword == .and else { return first }
        var conditions = [try condition(first)]
        while cursor.keyword == .and {
            try cursor.countOperator()
            cursor.advance()
            let next = try not()
            conditions.append(try condition(next))
        }
        return .condition(.and(conditions), inParentheses: false)
    }

    private mutating func not() throws(ExpressionError) -> Node {
        guard cursor.keyword == .not else { return try comparison() }
        try cursor.countOperator()
        try cursor.enter()
        cursor.advance()
        let negated = try not()
        let result = Condition.not(try condition(negated))
        cursor.leave()
        return .condition(result, inParentheses: false)
    }

    /// The node as a condition; an operand that is no call of a function cannot be one.
    private mutating func condition(_ node: Node) throws(ExpressionError) -> Condition {
        switch node {
        case .condition(let condition, _):
            return condition
        case .operand(.call(let function, let arguments), _):
            return checks.condition(function, arguments, cursor: &cursor)
        case .operand:
            throw cursor.syntaxError()
        }
    }

    private mutating func comparison() throws(ExpressionError) -> Node {
        let node = try primary()
        guard case .operand(let left, _) = node else { return node }
        if let comparison = ConditionComparison(cursor.current.kind) {
            try cursor.countOperator()
            cursor.advance()
            let right = try operand().operand
            return .condition(
                checks.compare(left, comparison, right, cursor: &cursor),
                inParentheses: false,
            )
        }
        if cursor.keyword == .between {
            try cursor.countOperator()
            cursor.advance()
            let lower = try operand().operand
            guard cursor.keyword == .and else { throw cursor.syntaxError() }
            cursor.advance()
            let upper = try operand().operand
            return .condition(
                checks.between(left, lower, upper, cursor: &cursor),
                inParentheses: false,
            )
        }
        if cursor.keyword == .in {
            try cursor.countOperator()
            cursor.advance()
            let candidates = try list()
            return .condition(
                checks.isIn(left, candidates, cursor: &cursor),
                inParentheses: false,
            )
        }
        return node
    }

    private mutating func primary() throws(ExpressionError) -> Node {
        guard cursor.current.kind == .openParenthesis else {
            return .operand(try operand().operand, inParentheses: false)
        }
        try cursor.enter()
        cursor.advance()
        let inner = try or()
        // `(a)` is an operand only if the parenthesis closes here.
        try cursor.expect(.closeParenthesis)
        cursor.leave()
        switch inner {
        case .condition(let condition, let inParentheses):
            if inParentheses { checks.noteRedundantParentheses(&cursor) }
            return .condition(condition, inParentheses: true)
        case .operand(let operand, let inParentheses):
            if inParentheses { checks.noteRedundantParentheses(&cursor) }
            return try continued(operand)
        }
    }

    private mutating func operand() throws(ExpressionError)
        -> (operand: Operand, inParentheses: Bool)
    {
        switch cursor.current.kind {
        case .openParenthesis:
            try cursor.enter()
            cursor.advance()
            let inner = try operand()
            try cursor.expect(.closeParenthesis)
            cursor.leave()
            if inner.inParentheses { checks.noteRedundantParentheses(&cursor) }
            guard case .operand(let result, let inParentheses) = try continued(inner.operand)
            else { throw cursor.syntaxError() }
            return (result, inParentheses)
        case .valuePlaceholder:
            return (.value(cursor.valuePlaceholder(rank: checks.placeholderRank)), false)
        case .identifier where cursor.keyword == nil && cursor.isBeforeParenthesis():
            return (try call(), false)
        default:
            return (.path(try cursor.path(ranks: checks.pathRanks)), false)
        }
    }

    /// An operand behind its closing parenthesis; `(a.b)[1]` goes on with the path.
    private mutating func continued(_ operand: Operand) throws(ExpressionError) -> Node {
        guard case .path(let path) = operand,
            cursor.current.kind == .dot || cursor.current.kind == .openBracket
        else { return .operand(operand, inParentheses: true) }
        let longer = try cursor.path(from: path, ranks: checks.pathRanks)
        return .operand(.path(longer), inParentheses: false)
    }

    private mutating func call() throws(ExpressionError) -> Operand {
        try cursor.countOperator()
        let name = cursor.text(of: cursor.current)
        cursor.advance()
        let arguments = try list()
        let function = checks.function(name, arguments, cursor: &cursor)
        return .call(function, arguments)
    }

    private mutating func list() throws(ExpressionError) -> [Operand] {
        try cursor.expect(.openParenthesis)
        try cursor.enter()
        var operands = [try operand().operand]
        while cursor.skip(.comma) { operands.append(try operand().operand) }
        try cursor.expect(.closeParenthesis)
        cursor.leave()
        return operands
    }
}

extension ConditionComparison {
    init?(_ kind: Token.Kind) {
        switch kind {
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        default: return nil
        }
    }
}
