/// Cuts a PartiQL statement into tokens, all of them at once: statements are short.
///
/// Comments, `-- to the end of the line` and `/* to the end of the comment */`, are white space.
struct StatementLexer {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var tokens: [StatementToken] = []

    /// The tokens of a text, the last one `.end`.
    static func tokens(of text: String) throws(ExpressionError) -> [StatementToken] {
        var lexer = StatementLexer(scalars: Array(text.unicodeScalars))
        while try lexer.skipSpace() { try lexer.token() }
        lexer.append(.end, from: lexer.position)
        return lexer.tokens
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    private mutating func append(_ kind: StatementToken.Kind, from start: Int) {
        let span = SourceSpan(
            line: line,
            column: start - lineStart + 1,
            length: position - start,
        )
        tokens.append(StatementToken(kind: kind, span: span))
    }

    // MARK: White space

    /// Whether something follows the white space.
    private mutating func skipSpace() throws(ExpressionError) -> Bool {
        while let next = peek() {
            if next == "\n" {
                position += 1
                startLine()
            } else if next.isStatementSpace {
                position += 1
            } else if next == "-", peek(1) == "-" {
                while let next = peek(), next != "\n", next != "\r" { position += 1 }
            } else if next == "/", peek(1) == "*" {
                try skipBlockComment()
            } else {
                return true
            }
        }
        return false
    }

    private mutating func skipBlockComment() throws(ExpressionError) {
        position += 2
        while let next = peek() {
            position += 1
            if next == "\n" { startLine() }
            if next == "*", peek() == "/" {
                position += 1
                return
            }
        }
        throw .notWellFormed()
    }

    private mutating func startLine() {
        line += 1
        lineStart = position
    }

    // MARK: Tokens

    private mutating func token() throws(ExpressionError) {
        let start = position
        guard let first = peek() else { return }
        if first.startsStatementName {
            while let next = peek(), next.continuesStatementName { position += 1 }
            let word = text(from: start)
            let lowered = word.lowercased()
            append(
                StatementKeywords.contains(lowered) ? .keyword(lowered) : .identifier(word),
                from: start
            )
        } else if first.isStatementDigit || (first == "." && peek(1)?.isStatementDigit == true) {
            try number()
        } else if first == "'" || first == "\"" {
            try quoted(by: first)
        } else if first == "?" {
            position += 1
            append(.parameter, from: start)
        } else {
            try symbol(first)
        }
    }

    private func text(from start: Int) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        return String(view)
    }

    /// A quote inside is written twice.
    private mutating func quoted(by quote: Unicode.Scalar) throws(ExpressionError) {
        let start = position
        let (startLine, startLineStart) = (line, lineStart)
        var content = String.UnicodeScalarView()
        position += 1
        while let next = peek() {
            position += 1
            if next == "\n" { self.startLine() }
            guard next == quote else {
                content.append(next)
                continue
            }
            guard peek() == quote else {
                let span = SourceSpan(
                    line: startLine,
                    column: start - startLineStart + 1,
                    length: position - start,
                )
                let text = String(content)
                let kind: StatementToken.Kind =
                    quote == "'" ? .string(text) : .identifier(text)
                tokens.append(StatementToken(kind: kind, span: span))
                return
            }
            content.append(next)
            position += 1
        }
        throw .notWellFormed()
    }

    /// Exponent and scale are 32-bit integers to the service, whatever the number.
    private mutating func number() throws(ExpressionError) {
        let start = position
        skipDigits()
        var fractionDigits = 0
        if peek() == "." {
            position += 1
            fractionDigits = skipDigits()
        }
        if let mark = peek(), mark == "e" || mark == "E", hasExponent {
            position += 1
            let exponentStart = position
            if let sign = peek(), sign == "+" || sign == "-" { position += 1 }
            skipDigits()
            guard let exponent = Int32(text(from: exponentStart)),
                Int32(exactly: fractionDigits - Int(exponent)) != nil
            else { throw .notWellFormed() }
        }
        append(.number(text(from: start)), from: start)
    }

    /// Whether digits follow the `e` at the current place.
    private var hasExponent: Bool {
        guard let next = peek(1) else { return false }
        if next == "+" || next == "-" { return peek(2)?.isStatementDigit == true }
        return next.isStatementDigit
    }

    @discardableResult
    private mutating func skipDigits() -> Int {
        let start = position
        while let next = peek(), next.isStatementDigit { position += 1 }
        return position - start
    }

    private mutating func symbol(_ first: Unicode.Scalar) throws(ExpressionError) {
        let start = position
        if let second = peek(1) {
            var pair = String(Character(first))
            pair.unicodeScalars.append(second)
            // Both are spellings of one operator.
            if pair == "!=" { pair = StatementToken.Symbol.notEqual.rawValue }
            if let symbol = StatementToken.Symbol(rawValue: pair) {
                position += 2
                return append(.symbol(symbol), from: start)
            }
        }
        guard let symbol = StatementToken.Symbol(rawValue: String(Character(first))) else {
            throw .notWellFormed()
        }
        position += 1
        append(.symbol(symbol), from: start)
    }
}

extension Unicode.Scalar {
    fileprivate var isStatementSpace: Bool {
        self == " " || self == "\t" || self == "\r" || self == "\u{0B}" || self == "\u{0C}"
    }

    fileprivate var isStatementDigit: Bool { ("0"..."9").contains(self) }

    fileprivate var startsStatementName: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_" || self == "$"
    }

    fileprivate var continuesStatementName: Bool { startsStatementName || isStatementDigit }
}
