package import Items

/// The API's names for the ten types of attribute values.
package enum AttributeTypeName: String, Equatable, Sendable {
    case string = "S"
    case number = "N"
    case binary = "B"
    case bool = "BOOL"
    case null = "NULL"
    case stringSet = "SS"
    case numberSet = "NS"
    case binarySet = "BS"
    case list = "L"
    case map = "M"

    package init(of value: AttributeValue) {
        self =
            switch value {
            case .string: .string
            case .number: .number
            case .binary: .binary
            case .bool: .bool
            case .null: .null
            case .stringSet: .stringSet
            case .numberSet: .numberSet
            case .binarySet: .binarySet
            case .list: .list
            case .map: .map
            }
    }

    /// The spelling of some messages about update expressions.
    var longName: String {
        switch self {
        case .string: "STRING"
        case .number: "NUMBER"
        case .binary: "BINARY"
        case .bool: "BOOL"
        case .null: "NULL"
        case .stringSet: "STRING_SET"
        case .numberSet: "NUMBER_SET"
        case .binarySet: "BINARY_SET"
        case .list: "LIST"
        case .map: "MAP"
        }
    }
}
