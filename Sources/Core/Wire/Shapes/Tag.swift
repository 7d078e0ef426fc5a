import JSON

/// A label of a table: each key once a table, in the region's own list.
package struct Tag: Equatable, Sendable {
    /// 1…128 characters.
    package var key: String
    /// 0…256 characters.
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// The bounds of a table's tags.
package enum TagLimits {
    package static let tagsMax = 50
    static let keyLengthRange = 1...128
    static let valueLengthRange = 0...256
    /// Keys that begin so are the service's own.
    static let reservedPrefix = "aws:"

    /// Whether all characters are letters, separators, digits or of the few signs allowed.
    static func hasValidCharacters(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "_", ".", ":", "/", "=", "+", "-", "@": return true
            default: break
            }
            return switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter, .spaceSeparator, .lineSeparator, .paragraphSeparator, .decimalNumber,
                .letterNumber, .otherNumber:
                true
            default: false
            }
        }
    }
}

extension Tag {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("Key", key)
        writer.member("Value", value)
        writer.endObject()
    }
}
