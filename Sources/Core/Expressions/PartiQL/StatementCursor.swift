import Items

/// What the rules of the statement parser share: the current token and the bounds.
struct StatementCursor {
    private let tokens: [StatementToken]
    private var position = 0
    private var operatorCount = 0
    private var nesting = 0
    private var parameterCount = 0

    init(_ text: String) throws(ExpressionError) {
        tokens = try StatementLexer.tokens(of: text)
    }

    // MARK: Tokens

    var current: StatementToken { tokens[position] }
    var kind: StatementToken.Kind { current.kind }

    /// The token after the current one; the last one stands for all behind it.
    var next: StatementToken { tokens[min(position + 1, tokens.count - 1)] }

    /// Whether the statement may end here.
    var isAtEnd: Bool { kind == .end || kind == .symbol(.semicolon) }

    mutating func advance() {
        if position + 1 < tokens.count { position += 1 }
    }

    func isAt(_ keyword: String) -> Bool { kind == .keyword(keyword) }

    mutating func skip(_ keyword: String) -> Bool {
        guard isAt(keyword) else { return false }
        advance()
        return true
    }

    mutating func skip(_ symbol: StatementToken.Symbol) -> Bool {
        guard kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(
        _ symbol: StatementToken.Symbol,
        _ name: String,
    ) throws(ExpressionError) {
        guard skip(symbol) else { throw .notWellFormed("Expected \(name)") }
    }

    mutating func expect(_ keyword: String, _ detail: String) throws(ExpressionError) {
        guard skip(keyword) else { throw .notWellFormed(detail) }
    }

    /// The number of the parameter that stands here.
    mutating func takeParameter() -> Int {
        defer { parameterCount += 1 }
        advance()
        return parameterCount
    }

    // MARK: Bounds

    mutating func countOperator() throws(ExpressionError) {
        operatorCount += 1
        guard operatorCount <= ExpressionLimits.operatorsMax else {
            throw ExpressionError(
                "The expression contains too many operators; operator count: \(operatorCount)"
            )
        }
    }

    mutating func enter() throws(ExpressionError) {
        nesting += 1
        guard nesting <= ExpressionLimits.nestingMax else {
            throw ExpressionError("Nesting Levels have exceeded supported limits")
        }
    }

    mutating func leave() {
        nesting -= 1
    }
}
