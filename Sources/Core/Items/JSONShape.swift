package import JSON

/// What the API expects at some place in a request, and the service's words for finding something
/// else there.
package enum JSONShape: Sendable {
    case string
    case boolean
    case integer
    case binary
    case list
    /// Names chosen by the caller.
    case map
    /// Names given by the API.
    case structure

    /// The error for finding `json`, which is not of this shape.
    package func error(for json: JSONValue) -> AttributeValueError {
        .serialization(message(for: json))
    }

    private func message(for json: JSONValue) -> String {
        switch (self, json) {
        case (.string, .array), (.binary, .array):
            "Unrecognized collection type class java.lang.String"
        case (.boolean, .array): "Unrecognized collection type class java.lang.Boolean"
        case (.integer, .array): "Unrecognized collection type class java.lang.Long"
        case (.map, .array):
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "com.amazonaws.dynamodb.v20120810.AttributeValue>"
        case (.structure, .array):
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"
        case (_, .object), (_, .packed): "Start of structure or map found where not expected"
        case (.string, _): "\(Self.token(json)) cannot be converted to String"
        case (.boolean, _): "\(Self.token(json)) cannot be converted to Boolean"
        case (.integer, _): "\(Self.token(json)) cannot be converted to Long"
        case (.binary, _): "only base64-encoded data is expected"
        case (.list, _), (.map, _): "Unexpected field type"
        case (.structure, _): "Unexpected value type in payload"
        }
    }

    /// What the service's parser calls a scalar.
    private static func token(_ json: JSONValue) -> String {
        switch json {
        case .string: "STRING_VALUE"
        case .bool(true): "TRUE_VALUE"
        case .bool(false): "FALSE_VALUE"
        case .null: "NULL_VALUE"
        case .number(let text):
            text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 &- UInt8(ascii: "0") < 10 }
                ? "NUMBER_VALUE" : "DECIMAL_VALUE"
        case .array: "START_ARRAY"
        case .object, .packed: "START_OBJECT"
        }
    }
}
