package import Items

/// Which items of a table or index a Query reads: one partition, and perhaps a range of sort keys.
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

    /// One value for each partition attribute, in the key's order and of its types.
    package let partition: [AttributeValue]
    /// Values that the first sort attributes must equal, in the key's order.
    package let leading: [AttributeValue]
    /// On the sort attribute after the leading ones; nil for all that have these.
    package let sort: SortCondition?

    package init(
        partition: [AttributeValue],
        leading: [AttributeValue] = [],
        sort: SortCondition? = nil,
    ) {
        self.partition = partition
        self.leading = leading
        self.sort = sort
    }

    package init(partition: AttributeValue, sort: SortCondition? = nil) {
        self.init(partition: [partition], sort: sort)
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
