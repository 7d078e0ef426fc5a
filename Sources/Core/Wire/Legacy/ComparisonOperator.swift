import Items

/// The operators of `Expected`, `KeyConditions`, `QueryFilter` and `ScanFilter`.
package enum ComparisonOperator: String, Choice {
    case isIn = "IN"
    case null = "NULL"
    case between = "BETWEEN"
    case less = "LT"
    case notContains = "NOT_CONTAINS"
    case equal = "EQ"
    case greater = "GT"
    case notNull = "NOT_NULL"
    case notEqual = "NE"
    case lessOrEqual = "LE"
    case beginsWith = "BEGINS_WITH"
    case greaterOrEqual = "GE"
    case contains = "CONTAINS"
}

extension ComparisonOperator {
    /// How many values it compares an attribute with.
    var argumentCounts: ClosedRange<Int> {
        switch self {
        case .null, .notNull: 0...0
        case .between: 2...2
        case .isIn: 1...Int.max
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .contains,
            .notContains, .beginsWith:
            1...1
        }
    }

    /// Whether it compares attributes with values of this one's type.
    func takes(_ value: AttributeValue) -> Bool {
        switch (self, value) {
        case (.equal, _), (.notEqual, _): true
        case (_, .string), (_, .binary): true
        case (.beginsWith, .number): false
        case (_, .number): true
        default: false
        }
    }
}

/// How the conditions of `Expected`, `QueryFilter` or `ScanFilter` are joined.
package enum ConditionalOperator: String, Choice {
    case or = "OR"
    case and = "AND"
}
