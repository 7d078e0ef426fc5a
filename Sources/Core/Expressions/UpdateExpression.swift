package import Items

/// The `UpdateExpression` of an UpdateItem, parsed and checked.
package struct UpdateExpression: Equatable, Sendable {
    package let update: Update

    package init(_ update: Update) {
        self.update = update
    }

    package init(
        parsing text: String,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        throw ExpressionKind.update.error("The expression can not be empty;")
    }

    /// Refuses an update that touches the table's key.
    package func checkNoKeyAttributes(of schema: TableSchema) throws(ExpressionError) {}

    /// The item after the update. Operands see the item as it was before.
    ///
    /// - Parameter key: the key attributes, with which an item that does not exist yet begins.
    package func apply(to item: Item?, key: Item) throws(ExpressionError) -> UpdateResult {
        UpdateResult(item: item ?? key, oldItem: item, paths: [])
    }
}

/// What came of an update.
package struct UpdateResult: Equatable, Sendable {
    /// The new item.
    package let item: Item
    let oldItem: Item?
    let paths: [DocumentPath]

    /// The updated parts as they were before; empty when there were none.
    package var updatedOld: Item { oldItem ?? Item() }

    /// The updated parts as they are now; empty when all were removed.
    package var updatedNew: Item { item }
}
