/// Why JSON is not an attribute value, in the service's words, by the kind of error it is answered
/// with.
package enum AttributeValueError: Error, Equatable, Sendable {
    /// For a `SerializationException`: a JSON type that does not belong there.
    case serialization(String)
    /// For a `ValidationException`.
    case validation(String)

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
        validation("One or more parameter values were invalid: \(text)")
    }
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
