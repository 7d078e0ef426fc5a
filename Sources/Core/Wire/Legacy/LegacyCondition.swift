package import Items

/// One condition on a top-level attribute, of the kind that expressions replaced.
///
/// The number and the types of the values fit the comparison.
package struct LegacyCondition: Equatable, Sendable {
    package var attribute: Text
    package var comparison: ComparisonOperator
    package var values: [AttributeValue]

    package init(
        _ attribute: Text,
        _ comparison: ComparisonOperator,
        _ values: [AttributeValue] = [],
    ) {
        self.attribute = attribute
        self.comparison = comparison
        self.values = values
    }
}

/// An `Expected`, `QueryFilter` or `ScanFilter` with its `ConditionalOperator`.
package struct LegacyConditions: Equatable, Sendable {
    /// At least one, of different attributes.
    package var conditions: [LegacyCondition]
    package var joinedBy: ConditionalOperator

    package init(_ conditions: [LegacyCondition], joinedBy: ConditionalOperator = .and) {
        self.conditions = conditions
        self.joinedBy = joinedBy
    }

    /// Nil where there are no conditions, which is the same as no parameter.
    init?(_ conditions: [LegacyCondition]?, _ joinedBy: ConditionalOperator?) {
        guard let conditions, !conditions.isEmpty else { return nil }
        self.init(conditions, joinedBy: joinedBy ?? .and)
    }
}

extension LegacyCondition {
    /// The most conditions and values in one parameter.
    ///
    /// Our own bound: a filter meets every item of a page, and expressions are bounded far below.
    static let comparisonsMax = 4096

    /// What the service checks of an operator and its values.
    func check() throws(ServiceError) {
        guard comparison.argumentCounts.contains(values.count) else {
            throw .invalidParameters(
                "Invalid number of argument(s) for the \(comparison.rawValue) ComparisonOperator"
            )
        }
        if let first = values.first,
            values.contains(where: { $0.typeName != first.typeName })
        {
            throw .invalidParameters(
                "AttributeValues inside AttributeValueList must be of same type"
            )
        }
        if let value = values.first(where: { !comparison.takes($0) }) {
            throw .invalidParameters(
                "ComparisonOperator \(comparison.rawValue) is not valid for \(value.typeName) "
                    + "AttributeValue type"
            )
        }
        if comparison == .between, let order = values[0].order(against: values[1]), order > 0 {
            throw .validation(
                "The BETWEEN condition was provided a range where the lower bound is greater than "
                    + "the upper bound"
            )
        }
    }
}
