package import Items

/// A `ConditionExpression` or `FilterExpression` of a request, parsed and checked.
package struct ConditionExpression: Equatable, Sendable {
    package let condition: Condition

    package init(_ condition: Condition) {
        self.condition = condition
    }

    /// - Parameter kind: `.condition` or `.filter`; only messages differ.
    package init(
        parsing text: String,
        kind: ExpressionKind = .condition,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        throw kind.error("The expression can not be empty;")
    }

    /// Whether the item, or its absence, satisfies the condition. Operands of the wrong type make
    /// a comparison false, never an error.
    package func isTrue(of item: Item?) -> Bool {
        false
    }

    /// Refuses a `FilterExpression` of a Query on key attributes of the table or index queried.
    package func checkNoKeyAttributes(of schema: TableSchema) throws(ExpressionError) {}
}
