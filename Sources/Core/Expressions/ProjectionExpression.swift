package import Items

/// The parts of an item that a read returns.
package struct ProjectionExpression: Equatable, Sendable {
    package let paths: [DocumentPath]
    private let projection: PathTree

    package init(_ paths: [DocumentPath]) {
        self.paths = paths
        projection = PathTree(paths)
    }

    package init(
        parsing text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        self.init(try ProjectionParser.parse(text, placeholders: &placeholders))
    }

    /// The top-level attributes it reads, sorted, each once.
    package var topLevelNames: [Text] { projection.heads }

    /// The item with nothing but the parts named by the paths.
    ///
    /// Elements taken from a list close up, in their order.
    package func project(_ item: Item) -> Item {
        projection.project(item)
    }

    /// Refuses paths into key attributes, which are never lists or maps.
    package func checkKeyPaths(of schema: TableSchema) throws(ExpressionError) {
        for key in schema.keyNames
        where paths.contains(where: { $0.head == key && !$0.rest.isEmpty }) {
            throw .pathIntoKey(key)
        }
    }
}
