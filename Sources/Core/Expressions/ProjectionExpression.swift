package import Items

/// The parts of an item that a read returns.
package struct ProjectionExpression: Equatable, Sendable {
    package let paths: [DocumentPath]

    package init(_ paths: [DocumentPath]) {
        self.paths = paths
    }

    package init(
        parsing text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        throw ExpressionKind.projection.error("The expression can not be empty;")
    }

    /// The top-level attributes it reads, sorted, each once.
    package var topLevelNames: [Text] { [] }

    /// The item with nothing but the parts named by the paths. Elements taken from a list close
    /// up, in their order.
    package func project(_ item: Item) -> Item { item }
}
