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

/// The `KeyConditionExpression` of a Query, parsed; the table's schema comes later.
package struct KeyConditionExpression: Equatable, Sendable {
    package init(
        parsing text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        throw ExpressionKind.keyCondition.error("The expression can not be empty;")
    }

    /// The condition in terms of a table's or index's key.
    package func resolved(for schema: TableSchema) throws(ExpressionError) -> KeyCondition {
        throw ExpressionError("Query key condition not supported")
    }
}
