/// The functions of conditions.
enum ConditionFunction: String, Sendable {
    case attributeExists = "attribute_exists"
    case attributeNotExists = "attribute_not_exists"
    case attributeType = "attribute_type"
    case beginsWith = "begins_with"
    case contains = "contains"
    case size = "size"
    /// Stands for a name that is none of these, for which an error has been noted.
    case invalid = ""

    var operandCount: Int {
        switch self {
        case .attributeExists, .attributeNotExists, .size: 1
        case .attributeType, .beginsWith, .contains: 2
        case .invalid: 0
        }
    }
}
