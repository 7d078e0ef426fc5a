/// Why a text is not the JSON that the parser accepts, and where.
package struct JSONError: Error, Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that cannot stand here.
        case unexpectedByte
        case invalidNumber
        case invalidEscape
        /// A `\u` escape of half a surrogate pair.
        case loneSurrogate
        case invalidUTF8
        /// A character below U+0020 that is not escaped.
        case controlCharacter
        /// Arrays and objects nested deeper than the parser was told to follow.
        case tooDeep
        /// Something after the value.
        case trailingBytes
    }

    package let kind: Kind
    /// Bytes from the start of the text; for a bad string, where the string or escape begins.
    package let offset: Int

    package init(kind: Kind, offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}
