import Items

/// What the parsers of all kinds of expressions share: the current token, the placeholders, the
/// bounds, and the errors.
///
/// A syntax error is thrown where it is met. Other errors are `note`d with a rank, and the one of
/// the lowest rank is thrown when the whole text has been read, since the service checks the
/// syntax of all of it before anything else, and then one kind of mistake after the other.
struct Cursor {
    let kind: ExpressionKind
    var placeholders: Placeholders
    private var lexer: Lexer
    private(set) var current: Token
    /// The keyword that the current token is in this kind of expression.
    private(set) var keyword: Keyword?
    private var previous: Token?
    private var operatorCount = 0
    private var nesting = 0
    private var noted: (rank: Int, error: ExpressionError)?

    init(
        _ text: String,
        kind: ExpressionKind,
        placeholders: Placeholders,
    ) throws(ExpressionError) {
        let count = text.utf8.count
        guard count > 0 else { throw kind.error("The expression can not be empty;") }
        guard count <= ExpressionLimits.textBytesMax else {
            // Of the other kinds the service does not say how long they are.
            let size =
                switch kind {
                case .condition, .filter: " expression size: \(count)"
                case .keyCondition, .projection, .update: ""
                }
            throw kind.error("Expression size has exceeded the maximum allowed size;\(size)")
        }
        self.kind = kind
        self.placeholders = placeholders
        lexer = Lexer(Array(text.utf8))
        current = lexer.next()
        keyword = keywordOfCurrent()
    }

    // MARK: Tokens

    mutating func advance() {
        previous = current
        current = lexer.next()
        keyword = keywordOfCurrent()
    }

    /// Steps over a token of this kind; anything else is a syntax error.
    mutating func expect(_ kind: Token.Kind) throws(ExpressionError) {
        guard current.kind == kind else { throw syntaxError() }
        advance()
    }

    /// Steps over a token of this kind if it is there.
    mutating func skip(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    private func keywordOfCurrent() -> Keyword? {
        guard current.kind == .identifier,
            let keyword = Keyword(lexer.bytes[current.start..<current.end]),
            keyword.isKeyword(in: kind)
        else { return nil }
        return keyword
    }

    func text(of token: Token) -> String {
        String(decoding: lexer.bytes[token.start..<token.end], as: UTF8.self)
    }

    /// Whether the token after the current one is an opening parenthesis.
    func isBeforeParenthesis() -> Bool {
        var ahead = lexer
        return ahead.next().kind == .openParenthesis
    }

    // MARK: Bounds

    /// Counts an operator or function.
    mutating func countOperator() throws(ExpressionError) {
        operatorCount += 1
        guard operatorCount <= ExpressionLimits.operatorsMax else {
            throw kind.error(
                "The expression contains too many operators; operator count: \(operatorCount)"
            )
        }
    }

    mutating func enter() throws(ExpressionError) {
        nesting += 1
        guard nesting <= ExpressionLimits.nestingMax else {
            throw kind.error(
                "The expression has too many nesting levels; nesting levels: \(nesting)"
            )
        }
    }

    mutating func leave() {
        nesting -= 1
    }

    // MARK: Errors

    /// The error at the current token.
    ///
    /// `near` is the text from the token before to the one after.
    func syntaxError() -> ExpressionError {
        let from = previous?.start ?? current.start
        guard current.kind != .end else {
            let near = previous.map(text) ?? ""
            return kind.error("Syntax error; token: \"<EOF>\", near: \"\(near)\"")
        }
        var ahead = lexer
        let next = ahead.next()
        let to = next.kind == .end ? current.end : next.end
        let near = String(decoding: lexer.bytes[from..<to], as: UTF8.self)
        return kind.error("Syntax error; token: \"\(text(of: current))\", near: \"\(near)\"")
    }

    /// Remembers an error to be thrown at the end, unless one of a lower or the same rank is known.
    mutating func note(_ rank: Int, _ detail: @autoclosure () -> String) {
        if let noted, noted.rank <= rank { return }
        noted = (rank, kind.error(detail()))
    }

    func throwNoted() throws(ExpressionError) {
        if let noted { throw noted.error }
    }
}

extension Cursor {
    /// What `:value` stands for; stands on such a token.
    ///
    /// A null in place of an undefined one.
    mutating func valuePlaceholder(rank: Int) -> AttributeValue {
        let key = text(of: current)
        advance()
        if let value = placeholders.value(for: key) { return value }
        note(
            rank,
            "An expression attribute value used in expression is not defined; "
                + "attribute value: \(key)"
        )
        return .null
    }

    /// A document path from the current token on.
    mutating func path(ranks: PathRanks) throws(ExpressionError) -> DocumentPath {
        let head = try name(ranks: ranks)
        return try path(from: DocumentPath(head), ranks: ranks)
    }

    /// The rest of a path whose beginning has been read.
    mutating func path(
        from beginning: DocumentPath,
        ranks: PathRanks,
    ) throws(ExpressionError) -> DocumentPath {
        guard current.kind == .dot || current.kind == .openBracket else { return beginning }
        var rest = beginning.rest
        while true {
            if skip(.dot) {
                rest.append(.name(try name(ranks: ranks)))
            } else if skip(.openBracket) {
                rest.append(.index(try index(rank: ranks.reserved)))
                try expect(.closeBracket)
            } else {
                break
            }
        }
        if rest.count + 1 > ExpressionLimits.pathElementsMax {
            note(
                ranks.placeholder,
                "The document path has too many nesting levels; "
                    + "nesting levels: \(rest.count + 1)"
            )
        }
        return DocumentPath(beginning.head, rest)
    }

    private mutating func name(ranks: PathRanks) throws(ExpressionError) -> Text {
        let token = current
        switch token.kind {
        case .identifier:
            guard keyword == nil else { throw syntaxError() }
            let name = text(of: token)
            if ReservedWords.contains(lexer.bytes[token.start..<token.end]) {
                note(
                    ranks.reserved,
                    "Attribute name is a reserved keyword; reserved keyword: \(name)"
                )
            }
            advance()
            return Text(name)
        case .namePlaceholder:
            let key = text(of: token)
            advance()
            if let name = placeholders.name(for: key) { return name }
            note(
                ranks.placeholder,
                "An expression attribute name used in the document path is not defined; "
                    + "attribute name: \(key)"
            )
            return Text(key)
        default:
            throw syntaxError()
        }
    }

    private mutating func index(rank: Int) throws(ExpressionError) -> Int {
        guard current.kind == .number else { throw syntaxError() }
        let digits = text(of: current)
        advance()
        if let index = Int(digits), index <= ExpressionLimits.listIndexMax { return index }
        note(rank, "List index is not within the allowable range; index: [\(digits)]")
        return 0
    }
}

/// The ranks of the errors a path can have.
struct PathRanks {
    let reserved: Int
    let placeholder: Int
}
