/// A piece of an expression's text: its kind and its bytes.
struct Token: Equatable, Sendable {
    enum Kind: UInt8, Sendable {
        case end
        /// A letter, then letters, digits and underscores: an attribute, a keyword or a function.
        case identifier
        /// `#name`
        case namePlaceholder
        /// `:value`
        case valuePlaceholder
        /// Digits only.
        case number
        case openParenthesis, closeParenthesis, openBracket, closeBracket, comma, dot
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, plus, minus
        /// A character that means nothing in any expression.
        case unknown
    }

    let kind: Kind
    let start: Int
    let end: Int
}

/// Cuts an expression into tokens, one at a time.
///
/// White space separates and means nothing else.
struct Lexer: Sendable {
    let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() -> Token {
        while position < bytes.count, bytes[position].isExpressionSpace { position += 1 }
        let start = position
        guard start < bytes.count else { return Token(kind: .end, start: start, end: start) }
        let first = bytes[start]
        position += 1
        if first.isLetter {
            skipIdentifierParts()
            return token(.identifier, from: start)
        }
        if first.isDigit {
            while position < bytes.count, bytes[position].isDigit { position += 1 }
            return token(.number, from: start)
        }
        return symbol(first, from: start)
    }

    private mutating func symbol(_ first: UInt8, from start: Int) -> Token {
        switch first {
        case UInt8(ascii: "#"): return placeholder(.namePlaceholder, from: start)
        case UInt8(ascii: ":"): return placeholder(.valuePlaceholder, from: start)
        case UInt8(ascii: "("): return token(.openParenthesis, from: start)
        case UInt8(ascii: ")"): return token(.closeParenthesis, from: start)
        case UInt8(ascii: "["): return token(.openBracket, from: start)
        case UInt8(ascii: "]"): return token(.closeBracket, from: start)
        case UInt8(ascii: ","): return token(.comma, from: start)
        case UInt8(ascii: "."): return token(.dot, from: start)
        case UInt8(ascii: "="): return token(.equal, from: start)
        case UInt8(ascii: "+"): return token(.plus, from: start)
        case UInt8(ascii: "-"): return token(.minus, from: start)
        case UInt8(ascii: "<"):
            if skip(UInt8(ascii: ">")) { return token(.notEqual, from: start) }
            if skip(UInt8(ascii: "=")) { return token(.lessOrEqual, from: start) }
            return token(.less, from: start)
        case UInt8(ascii: ">"):
            if skip(UInt8(ascii: "=")) { return token(.greaterOrEqual, from: start) }
            return token(.greater, from: start)
        default:
            // The whole of a character that takes several bytes.
            while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
            return token(.unknown, from: start)
        }
    }

    private mutating func placeholder(_ kind: Token.Kind, from start: Int) -> Token {
        skipIdentifierParts()
        return token(position > start + 1 ? kind : .unknown, from: start)
    }

    private mutating func skipIdentifierParts() {
        while position < bytes.count, bytes[position].isIdentifierPart { position += 1 }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func token(_ kind: Token.Kind, from start: Int) -> Token {
        Token(kind: kind, start: start, end: position)
    }
}
