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
        update = try UpdateParser.parse(text, placeholders: &placeholders)
    }

    /// The same of a text that may be known.
    package init(
        parsing text: String,
        placeholders: inout Placeholders,
        known: ExpressionCache,
    ) throws(ExpressionError) {
        if let update = known.update(text, &placeholders) {
            self.update = update
            return
        }
        placeholders.recordUses()
        update = try UpdateParser.parse(text, placeholders: &placeholders)
        known.keep(update, of: text, placeholders.takeUses())
    }

    /// Refuses an update that touches the table's key.
    package func checkNoKeyAttributes(of schema: TableSchema) throws(ExpressionError) {
        let touchesKey = update.actions.contains { action in
            let head = action.path.head
            return head == schema.partition.name || head == schema.sort?.name
        }
        guard touchesKey else { return }
        for key in schema.keyNames where update.actions.contains(where: { $0.path.head == key }) {
            throw ExpressionError(
                "One or more parameter values were invalid: "
                    + "Cannot update attribute \(key). This attribute is part of the key"
            )
        }
    }

    /// Refuses paths into key attributes of the table's indexes, which are never lists or maps,
    /// be it to write or to read.
    package func checkIndexKeyPaths(_ names: [Text]) throws(ExpressionError) {
        for key in names {
            let leadsInto = { (path: DocumentPath) in path.head == key && !path.rest.isEmpty }
            if update.actions.contains(where: { $0.contains(where: leadsInto) }) {
                throw .pathIntoIndexKey(key)
            }
        }
    }

    /// The value that the update, as written, gives to or takes for an attribute as a whole; nil if
    /// that is to be computed, or the attribute only goes.
    package func literal(for name: Text) -> AttributeValue? {
        for action in update.actions where action.path == DocumentPath(name) {
            switch action {
            case .set(_, .value(let value)), .add(_, let value), .delete(_, let value):
                return value
            case .set, .remove: return nil
            }
        }
        return nil
    }

    /// The type of what the update gives to or takes for an attribute as a whole, if it is known
    /// without an item: sums are numbers whatever is added.
    package func type(for name: Text) -> AttributeTypeName? {
        for action in update.actions where action.path == DocumentPath(name) {
            switch action {
            case .set(_, let operand): return operand.type
            case .add(_, let value), .delete(_, let value): return AttributeTypeName(of: value)
            case .remove: return nil
            }
        }
        return nil
    }

    /// The item after the update.
    ///
    /// Operands see the item as it was before; one that does not exist yet begins as `key`, its
    /// key attributes.
    package func apply(to item: Item?, key: Item) throws(ExpressionError) -> UpdateResult {
        let (result, changed) = try update.appliedTelling(to: item ?? key)
        return UpdateResult(
            item: result,
            oldItem: item,
            update: update,
            changed: changed,
        )
    }
}

/// What came of an update.
package struct UpdateResult: Equatable, Sendable {
    /// The new item.
    package let item: Item
    let oldItem: Item?
    let update: Update
    /// The attributes that were given values, where all paths are to whole attributes; nil where some are
    /// not.
    let changed: [Item.Attribute]?

    private var paths: [DocumentPath] { update.actions.map(\.path) }

    /// The updated parts as they were before; empty when there were none.
    package var updatedOld: Item {
        guard let oldItem else { return Item() }
        return PathTree(paths).project(oldItem)
    }

    /// The updated parts as they are now; empty when all were removed.
    ///
    /// Most often they are what was just put there: to look for them in the new item took 5,000 instructions.
    package var updatedNew: Item {
        changed.map { Item($0) } ?? PathTree(paths).project(item)
    }
}
