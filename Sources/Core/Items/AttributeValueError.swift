/// Why JSON is not an attribute value, in the service's words, by the kind of error it is answered
/// with.
package enum AttributeValueError: Error, Equatable, Sendable {
    /// For a `SerializationException`: a JSON type that does not belong there.
    case serialization(String)
    /// For a `ValidationException`.
    case validation(String)
    /// The same, where the service's newer operations and its older ones have words of their own.
    case worded(newer: String, older: String)

    static let isEmpty = validation(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    )
    static let hasManyTypes = validation(
        "Supplied AttributeValue has more than one datatypes set, "
            + "must contain exactly one of the supported datatypes"
    )
    package static let isTooDeep = validation(
        "Nesting Levels have exceeded supported limits: "
            + "Attributes in the item have nested levels beyond supported limit"
    )
    static let nameIsTooLong = validation(
        "1 validation error detected: Attribute name is too large, must be less than 65536 bytes"
    )

    static func invalidParameter(_ text: String) -> AttributeValueError {
        validation(Self.invalid + text)
    }

    /// A set of strings or of bytes that has a member twice.
    ///
    /// The newer words quote the members, those before the first repeat in the order of their
    /// bytes; the older ones give them as they came.
    static func duplicates(_ members: [SetMember], ofBytes: Bool) -> AttributeValueError {
        var seen: Set<[UInt8]> = []
        let isNew = members.prefix { seen.insert($0.bytes).inserted }
        let shown =
            isNew.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            + members.dropFirst(isNew.count)
        let quoted = shown.map { "\"\($0.shown)\"" }.joined(separator: ofBytes ? "," : ", ")
        let plain = members.map(\.shown).joined(separator: ", ")
        // The missing space is the service's.
        let end = ofBytes ? "]of type BS contains duplicates." : "] contains duplicates."
        return worded(
            newer: "\(invalid)Input collection [\(quoted)\(end)",
            older: "\(invalid)Input collection [\(plain)\(end)",
        )
    }

    static let duplicateNumbers = worded(
        newer: "\(invalid)Input collection contains duplicates.",
        older: "Input collection contains duplicates",
    )

    static let invalid = "One or more parameter values were invalid: "
}

/// A member of a set that was sent, and how messages show it.
struct SetMember {
    let bytes: [UInt8]
    let shown: String
}

extension DecimalError {
    /// The service's words for it, where `text` is the number as the caller gave it.
    package func message(for text: String) -> String {
        switch self {
        case .notANumber where text.isEmpty:
            "The parameter cannot be converted to a numeric value"
        case .notANumber:
            "The parameter cannot be converted to a numeric value: \(text)"
        case .tooManyDigits:
            "Attempting to store more than 38 significant digits in a Number"
        case .overflow:
            "Number overflow. Attempting to store a number with magnitude larger than "
                + "supported range"
        case .underflow:
            "Number underflow. Attempting to store a number with magnitude smaller than "
                + "supported range"
        }
    }
}
