package import Items

/// Which items of a table a Query reads: one partition, and perhaps a range of sort keys.
package struct KeyCondition: Equatable, Sendable {
    package enum SortCondition: Equatable, Sendable {
        case equal(AttributeValue)
        case less(AttributeValue)
        case lessOrEqual(AttributeValue)
        case greater(AttributeValue)
        case greaterOrEqual(AttributeValue)
        /// Both bounds belong to the range.
        case between(AttributeValue, AttributeValue)
        /// For strings and binaries only.
        case beginsWith(AttributeValue)
    }

    /// Of the partition key's type.
    package let partition: AttributeValue
    /// Values of the sort key's type; nil for the whole partition.
    package let sort: SortCondition?

    package init(partition: AttributeValue, sort: SortCondition? = nil) {
        self.partition = partition
        self.sort = sort
    }
}

extension KeyCondition.SortCondition {
    /// The values it compares with.
    package var values: [AttributeValue] {
        switch self {
        case .equal(let value), .less(let value), .lessOrEqual(let value), .greater(let value),
            .greaterOrEqual(let value), .beginsWith(let value):
            [value]
        case .between(let lower, let upper):
            [lower, upper]
        }
    }
}
