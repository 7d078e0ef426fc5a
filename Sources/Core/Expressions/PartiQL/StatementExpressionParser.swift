import Items

/// Reads expressions by the precedence of their operators, as PartiQL ranks them.
///
///     OR < AND < NOT < = <> IS IN < < <= > >= BETWEEN LIKE < + - || < * / %
struct StatementExpressionParser {
    private enum Precedence {
        static let none = 0
        static let or = 10
        static let and = 20
        static let not = 30
        static let equality = 40
        static let comparison = 50
        static let addition = 60
        static let multiplication = 70
    }

    private enum Infix {
        case and, or, between, isIn, like, isType
        case compare(ConditionComparison)
        case other(String)
    }

    var cursor: StatementCursor

    mutating func expression() throws(ExpressionError) -> StatementNode {
        try expression(above: Precedence.none)
    }

    private mutating func expression(
        above minimum: Int
    ) throws(ExpressionError) -> StatementNode {
        try cursor.enter()
        var left = try prefixed()
        while let (infix, precedence, isNegated) = nextInfix(), precedence > minimum {
            try cursor.countOperator()
            if isNegated { cursor.advance() }
            cursor.advance()
            let combined = try combine(left, infix, precedence)
            left = isNegated ? StatementNode(kind: .not(combined), span: left.span) : combined
        }
        cursor.leave()
        return left
    }

    // MARK: Operators

    /// The operator at the current token, and whether a NOT stands before it.
    private func nextInfix() -> (Infix, precedence: Int, isNegated: Bool)? {
        switch cursor.kind {
        case .keyword("not"):
            guard case .keyword(let word) = cursor.next.kind,
                let (infix, precedence) = Self.infix(word), word != "is", word != "and",
                word != "or"
            else { return nil }
            return (infix, precedence, true)
        case .keyword(let word):
            return Self.infix(word).map { ($0.0, $0.1, false) }
        case .symbol(let symbol):
            return Self.infix(symbol).map { ($0.0, $0.1, false) }
        default:
            return nil
        }
    }

    private static func infix(_ word: String) -> (Infix, Int)? {
        switch word {
        case "and": (.and, Precedence.and)
        case "or": (.or, Precedence.or)
        case "is": (.isType, Precedence.equality)
        case "in": (.isIn, Precedence.equality)
        case "between": (.between, Precedence.comparison)
        case "like": (.like, Precedence.comparison)
        default: nil
        }
    }

    private static func infix(_ symbol: StatementToken.Symbol) -> (Infix, Int)? {
        switch symbol {
        case .equal: (.compare(.equal), Precedence.equality)
        case .notEqual: (.compare(.notEqual), Precedence.equality)
        case .less: (.compare(.less), Precedence.comparison)
        case .lessOrEqual: (.compare(.lessOrEqual), Precedence.comparison)
        case .greater: (.compare(.greater), Precedence.comparison)
        case .greaterOrEqual: (.compare(.greaterOrEqual), Precedence.comparison)
        case .plus, .minus, .concatenate: (.other(symbol.rawValue), Precedence.addition)
        case .star, .slash, .percent: (.other(symbol.rawValue), Precedence.multiplication)
        default: nil
        }
    }

    /// The left operand with what follows its operator.
    private mutating func combine(
        _ left: StatementNode,
        _ infix: Infix,
        _ precedence: Int,
    ) throws(ExpressionError) -> StatementNode {
        let kind: StatementNode.Kind
        switch infix {
        case .and:
            let right = try operand(above: precedence)
            if case .and(let nodes) = left.kind {
                kind = .and(nodes + [right])
            } else {
                kind = .and([left, right])
            }
        case .or:
            let right = try operand(above: precedence)
            if case .or(let nodes) = left.kind {
                kind = .or(nodes + [right])
            } else {
                kind = .or([left, right])
            }
        case .compare(let comparison):
            kind = .compare(left, comparison, try operand(above: precedence))
        case .between:
            let lower = try operand(above: precedence)
            try cursor.expect("and", "Expected AND after BETWEEN")
            kind = .between(left, lower, try operand(above: precedence))
        case .isIn:
            kind = .isIn(left, try candidates(above: precedence))
        case .isType:
            return try isType(left)
        case .like:
            kind = .infix(left, "like", try operand(above: precedence))
        case .other(let name):
            kind = .infix(left, name, try operand(above: precedence))
        }
        return StatementNode(kind: kind, span: left.span)
    }

    private mutating func operand(
        above precedence: Int
    ) throws(ExpressionError) -> StatementNode {
        guard !cursor.isAtEnd else {
            throw .notWellFormed("Missing right-hand side expression of infix operator")
        }
        return try expression(above: precedence)
    }

    /// What follows IN: a list in brackets or in parentheses.
    private mutating func candidates(
        above precedence: Int
    ) throws(ExpressionError) -> StatementNode {
        let span = cursor.current.span
        guard cursor.skip(.openParenthesis) else { return try operand(above: precedence) }
        let nodes = try expressions(until: .closeParenthesis, "RIGHT_PAREN")
        return StatementNode(kind: .list(nodes), span: span)
    }

    private mutating func isType(
        _ operand: StatementNode
    ) throws(ExpressionError) -> StatementNode {
        let isNegated = cursor.skip("not")
        let type = try typeName()
        let node = StatementNode(kind: .isType(operand, type), span: operand.span)
        return isNegated ? StatementNode(kind: .not(node), span: operand.span) : node
    }

    private mutating func typeName() throws(ExpressionError) -> StatementTypeName {
        guard let word = cursor.word?.uppercased(), Self.typeNames.contains(word) else {
            throw .notWellFormed("Expected type name")
        }
        cursor.advance()
        if word == "DOUBLE" {
            try cursor.expect("precision", "Expected type name")
            return StatementTypeName(text: "DOUBLE PRECISION")
        }
        if word == "CHARACTER", cursor.skip("varying") {
            return StatementTypeName(text: "CHARACTER VARYING")
        }
        return StatementTypeName(text: word)
    }

    private static let typeNames: Set<String> = [
        "MISSING", "NULL", "BOOL", "BOOLEAN", "SMALLINT", "INT", "INT2", "INT4", "INT8", "INTEGER",
        "INTEGER2", "INTEGER4", "INTEGER8", "FLOAT", "REAL", "DOUBLE", "DEC", "DECIMAL", "NUMERIC",
        "TIMESTAMP", "DATE", "TIME", "CHAR", "CHARACTER", "VARCHAR", "STRING", "SYMBOL", "CLOB",
        "BLOB", "STRUCT", "TUPLE", "LIST", "SEXP", "BAG", "ANY",
    ]

    // MARK: Operands

    private mutating func prefixed() throws(ExpressionError) -> StatementNode {
        let span = cursor.current.span
        if cursor.skip("not") {
            try cursor.countOperator()
            let operand = try expression(above: Precedence.not)
            return StatementNode(kind: .not(operand), span: span)
        }
        for symbol in [StatementToken.Symbol.minus, .plus] where cursor.skip(symbol) {
            try cursor.countOperator()
            try cursor.enter()
            let operand = try prefixed()
            cursor.leave()
            return StatementNode(kind: Self.signed(symbol, operand), span: operand.span)
        }
        return try primary()
    }

    /// A sign becomes part of a number.
    private static func signed(
        _ sign: StatementToken.Symbol,
        _ operand: StatementNode,
    ) -> StatementNode.Kind {
        guard case .number(let text) = operand.kind else { return .sign(sign.rawValue, operand) }
        if sign == .plus { return operand.kind }
        return .number(text.hasPrefix("-") ? String(text.dropFirst()) : "-" + text)
    }

    private mutating func primary() throws(ExpressionError) -> StatementNode {
        let token = cursor.current
        switch token.kind {
        case .string(let text):
            cursor.advance()
            return StatementNode(kind: .string(text), span: token.span)
        case .number(let text):
            cursor.advance()
            return StatementNode(kind: .number(text), span: token.span)
        case .parameter:
            return StatementNode(kind: .parameter(cursor.takeParameter()), span: token.span)
        case .identifier(let name):
            if cursor.next.kind == .symbol(.openParenthesis) { return try call(name) }
            return StatementNode(kind: .path(try path()), span: token.span)
        case .keyword(let word):
            return try keyword(word)
        case .symbol(let symbol):
            return try bracketed(symbol)
        case .end:
            throw .notWellFormed("Unexpected term")
        }
    }

    private mutating func keyword(_ word: String) throws(ExpressionError) -> StatementNode {
        let span = cursor.current.span
        let kind: StatementNode.Kind
        switch word {
        case "null": kind = .null
        case "missing": kind = .missing
        case "true": kind = .bool(true)
        case "false": kind = .bool(false)
        case _
        where cursor.next.kind == .symbol(.openParenthesis)
            && StatementKeywords.functions.contains(word):
            return try call(word)
        case _ where StatementKeywords.operators.contains(word):
            throw .notWellFormed("Unexpected operator")
        default:
            throw .notWellFormed("Unexpected keyword")
        }
        cursor.advance()
        return StatementNode(kind: kind, span: span)
    }

    private mutating func bracketed(
        _ symbol: StatementToken.Symbol
    ) throws(ExpressionError) -> StatementNode {
        let span = cursor.current.span
        switch symbol {
        case .openParenthesis:
            cursor.advance()
            let inner = try expression()
            if cursor.skip(.comma) {
                let rest = try expressions(until: .closeParenthesis, "RIGHT_PAREN")
                return StatementNode(kind: .list([inner] + rest), span: span)
            }
            try cursor.expect(.closeParenthesis, "RIGHT_PAREN")
            return inner
        case .openBracket:
            cursor.advance()
            let nodes = try expressions(until: .closeBracket, "RIGHT_BRACKET")
            return StatementNode(kind: .list(nodes), span: span)
        case .openBag:
            cursor.advance()
            let nodes = try expressions(until: .closeBag, "RIGHT_DOUBLE_ANGLE_BRACKET")
            return StatementNode(kind: .bag(nodes), span: span)
        case .openBrace:
            cursor.advance()
            return StatementNode(kind: .tuple(try entries()), span: span)
        case _ where symbol.isOperator:
            throw .notWellFormed("Unexpected operator")
        default:
            throw .notWellFormed("Unexpected term")
        }
    }

    /// Expressions between commas, perhaps none, and the symbol behind them.
    private mutating func expressions(
        until symbol: StatementToken.Symbol,
        _ name: String,
    ) throws(ExpressionError) -> [StatementNode] {
        if cursor.skip(symbol) { return [] }
        var nodes = [try expression()]
        while cursor.skip(.comma) { nodes.append(try expression()) }
        try cursor.expect(symbol, name)
        return nodes
    }

    private mutating func entries() throws(ExpressionError) -> [StatementNode.Entry] {
        if cursor.skip(.closeBrace) { return [] }
        var entries: [StatementNode.Entry] = []
        repeat {
            let name = try expression()
            try cursor.expect(.colon, "COLON")
            entries.append(StatementNode.Entry(name: name, value: try expression()))
        } while cursor.skip(.comma)
        try cursor.expect(.closeBrace, "RIGHT_CURLY")
        return entries
    }

    private mutating func call(_ name: String) throws(ExpressionError) -> StatementNode {
        try cursor.countOperator()
        let span = cursor.current.span
        cursor.advance()
        cursor.advance()
        // COUNT(*) is read, and refused like any unknown function.
        if cursor.skip(.star) {
            try cursor.expect(.closeParenthesis, "RIGHT_PAREN")
            return StatementNode(kind: .call(name.lowercased(), []), span: span)
        }
        let arguments = try expressions(until: .closeParenthesis, "RIGHT_PAREN")
        return StatementNode(kind: .call(name.lowercased(), arguments), span: span)
    }

    // MARK: Paths

    /// A document path; stands on its first name.
    mutating func path() throws(ExpressionError) -> DocumentPath {
        let head = try pathName(orElse: "Expected identifier for simple path")
        var rest: [DocumentPath.Element] = []
        while true {
            if cursor.skip(.dot) {
                rest.append(.name(try pathName(orElse: "Invalid path dot component")))
            } else if cursor.skip(.openBracket) {
                rest.append(.index(try index()))
                try cursor.expect(.closeBracket, "RIGHT_BRACKET")
            } else {
                break
            }
        }
        guard rest.count < ExpressionLimits.pathElementsMax else {
            throw ExpressionError(
                "The document path has too many nesting levels; nesting levels: \(rest.count + 1)"
            )
        }
        return DocumentPath(head, rest)
    }

    private mutating func pathName(orElse detail: String) throws(ExpressionError) -> Text {
        guard case .identifier(let name) = cursor.kind else { throw .notWellFormed(detail) }
        guard !name.isEmpty else {
            throw ExpressionError("Path component cannot be an empty string")
        }
        cursor.advance()
        return Text(name)
    }

    private mutating func index() throws(ExpressionError) -> Int {
        let node = try expression()
        guard case .number(let text) = node.kind else {
            throw ExpressionError("Unexpected path component at \(node.span)")
        }
        guard let index = Int(text), (0...ExpressionLimits.listIndexMax).contains(index) else {
            throw ExpressionError(
                "List index is not within the allowable range; index: [\(text)] at \(node.span)"
            )
        }
        return index
    }
}

extension StatementCursor {
    /// The current token as a word, reserved or not.
    var word: String? {
        switch kind {
        case .identifier(let name): name
        case .keyword(let word): word
        default: nil
        }
    }
}
