/// Where a piece of a statement stands: line and column from 1 and its length, all in characters.
struct SourceSpan: Equatable, Sendable, CustomStringConvertible {
    let line: Int
    let column: Int
    let length: Int

    /// As messages show it.
    var description: String { "\(line):\(column):\(length)" }
}

/// A piece of a statement's text.
struct StatementToken: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case end
        /// A name as written; one in double quotes is never a keyword.
        case identifier(String)
        /// A reserved word in lower case.
        case keyword(String)
        /// In single quotes, which it no longer has.
        case string(String)
        /// As written, without a sign.
        case number(String)
        /// `?`
        case parameter
        case symbol(Symbol)
    }

    enum Symbol: String, Sendable {
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case openBag = "<<"
        case closeBag = ">>"
        case comma = ","
        case dot = "."
        case colon = ":"
        case semicolon = ";"
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case percent = "%"
        case concatenate = "||"
        case at = "@"
        case caret = "^"

        /// Whether it stands between or before operands.
        var isOperator: Bool {
            switch self {
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .plus, .minus,
                .star, .slash, .percent, .concatenate, .at, .caret:
                true
            case .openParenthesis, .closeParenthesis, .openBracket, .closeBracket, .openBrace,
                .closeBrace, .openBag, .closeBag, .comma, .dot, .colon, .semicolon:
                false
            }
        }
    }

    let kind: Kind
    let span: SourceSpan
}

extension ExpressionError {
    /// A statement that cannot be read; the service sometimes gives no detail.
    static func notWellFormed(_ detail: String = "") -> ExpressionError {
        ExpressionError("Statement wasn't well formed, can't be processed: \(detail)")
    }
}
