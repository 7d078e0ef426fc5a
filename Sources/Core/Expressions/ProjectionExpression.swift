package import Items

/// The parts of an item that a read returns.
package struct ProjectionExpression: Equatable, Sendable {
    package let paths: [DocumentPath]
    private let projection: PathTree
    /// For each path the name under which its value stands at the top; nil to leave values where they
    /// stand in the item.
    private let columns: [Text]?

    package init(_ paths: [DocumentPath]) {
        self.paths = paths
        projection = PathTree(paths)
        columns = nil
    }

    /// The values of paths side by side, each under a name of its own, no name twice.
    package init(columns: [(name: Text, path: DocumentPath)]) {
        paths = columns.map(\.path)
        projection = PathTree(paths)
        self.columns = columns.map(\.name)
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
        guard let columns else { return projection.project(item) }
        return Item(
            zip(columns, paths).compactMap { name, path in
                path.value(in: item).map { Item.Attribute(name, $0) }
            }
        )
    }

    /// Refuses paths into key attributes, which are never lists or maps.
    package func checkKeyPaths(of schema: TableSchema) throws(ExpressionError) {
        for key in schema.keyNames
        where paths.contains(where: { $0.head == key && !$0.rest.isEmpty }) {
            throw .pathIntoKey(key)
        }
    }

    /// The same for key attributes of the table's indexes.
    package func checkIndexKeyPaths(_ names: [Text]) throws(ExpressionError) {
        for key in names where paths.contains(where: { $0.head == key && !$0.rest.isEmpty }) {
            throw .pathIntoIndexKey(key)
        }
    }
}
