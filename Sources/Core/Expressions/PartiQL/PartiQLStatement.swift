package import Items

/// A statement as what it asks for: the trees that expressions become, and the table they are meant
/// for, whose key is not known yet.
package enum PartiQLStatement: Equatable, Sendable {
    package struct Source: Equatable, Sendable {
        package let tableName: String
        package let indexName: String?
    }

    package struct Select: Equatable, Sendable {
        package struct Order: Equatable, Sendable {
            package let path: DocumentPath
            package let isDescending: Bool
        }

        package let source: Source
        /// Nil for whole items.
        package let projection: ProjectionExpression?
        package let condition: Condition?
        package let order: [Order]
    }

    package struct Insert: Equatable, Sendable {
        package let source: Source
        package let item: Item
    }

    package struct Update: Equatable, Sendable {
        package let source: Source
        package let update: UpdateExpression
        package let condition: Condition?
        package let returning: StatementReturning?
    }

    package struct Delete: Equatable, Sendable {
        package let source: Source
        package let condition: Condition?
        /// Only `ALL OLD *`, or nil.
        package let returning: StatementReturning?
    }

    case select(Select)
    case insert(Insert)
    case update(Update)
    case delete(Delete)
    /// `EXISTS(SELECT …)`: a condition of a transaction.
    case exists(Select)

    package var source: Source {
        switch self {
        case .select(let select), .exists(let select): select.source
        case .insert(let insert): insert.source
        case .update(let update): update.source
        case .delete(let delete): delete.source
        }
    }

    /// Reads a statement whose `?` stand for `parameters`, in order.
    ///
    /// Parameters that no `?` takes are let pass, as the service does.
    package init(
        parsing text: String,
        parameters: [AttributeValue] = [],
    ) throws(ExpressionError) {
        let tree = try StatementParser.parse(text)
        self = try StatementMaker(values: StatementValues(parameters)).statement(tree)
    }
}

/// Makes something of what was read.
private struct StatementMaker {
    let values: StatementValues

    func statement(_ tree: StatementTree) throws(ExpressionError) -> PartiQLStatement {
        switch tree {
        case .select(let select): .select(try self.select(select))
        case .exists(let select): .exists(try self.select(select))
        case .insert(let insert): .insert(try self.insert(insert))
        case .update(let update): .update(try self.update(update))
        case .delete(let delete): .delete(try self.delete(delete))
        case .expression(let node): throw ExpressionError("Unsupported operation: \(node.name)")
        }
    }

    private func select(
        _ select: StatementTree.Select
    ) throws(ExpressionError) -> PartiQLStatement.Select {
        if let clause = select.unsupportedClause {
            throw ExpressionError("Unsupported clause: \(clause)")
        }
        let source = try source(select.source)
        let projection = try select.columns.map(projection)
        let condition = try condition(select.condition)
        if condition == nil, !select.order.isEmpty {
            throw ExpressionError(
                "Must have WHERE clause in the statement when using ORDER BY clause."
            )
        }
        var order: [PartiQLStatement.Select.Order] = []
        for term in select.order {
            guard case .path(let path) = term.node.kind else {
                throw ExpressionError("Unexpected path component at \(term.node.span)")
            }
            order.append(
                PartiQLStatement.Select.Order(path: path, isDescending: term.isDescending)
            )
        }
        return PartiQLStatement.Select(
            source: source,
            projection: projection,
            condition: condition,
            order: order,
        )
    }

    private func insert(
        _ insert: StatementTree.Insert
    ) throws(ExpressionError) -> PartiQLStatement.Insert {
        let source = try source(insert.source)
        guard source.indexName == nil else { throw .severalTables }
        if let unsupported = insert.unsupported {
            throw ExpressionError("Unsupported clause: \(unsupported)")
        }
        return PartiQLStatement.Insert(source: source, item: try values.item(insert.value))
    }

    private func update(
        _ update: StatementTree.Update
    ) throws(ExpressionError) -> PartiQLStatement.Update {
        let source = try source(update.source)
        guard source.indexName == nil else { throw .writeToIndex }
        let changes = try StatementUpdates(values: values).update(update.changes)
        return PartiQLStatement.Update(
            source: source,
            update: UpdateExpression(changes),
            condition: try condition(update.condition),
            returning: update.returning,
        )
    }

    private func delete(
        _ delete: StatementTree.Delete
    ) throws(ExpressionError) -> PartiQLStatement.Delete {
        let source = try source(delete.source)
        guard source.indexName == nil else { throw .writeToIndex }
        if let returning = delete.returning, returning.isModified || returning.isNew {
            throw ExpressionError(
                "Invalid returning clause: \(returning). "
                    + "Only RETURNING ALL OLD * is allowed in DELETE statements."
            )
        }
        return PartiQLStatement.Delete(
            source: source,
            condition: try condition(delete.condition),
            returning: delete.returning,
        )
    }

    // MARK: Parts

    private func condition(_ node: StatementNode?) throws(ExpressionError) -> Condition? {
        guard let node else { return nil }
        return try StatementConditions(values: values).condition(node)
    }

    private func source(
        _ source: StatementTree.Source
    ) throws(ExpressionError) -> PartiQLStatement.Source {
        guard case .path(let path) = source.node.kind else {
            throw ExpressionError("Unexpected from source at \(source.node.span)")
        }
        var names = [path.head.string]
        for element in path.rest {
            guard case .name(let name) = element else {
                throw ExpressionError("Invalid list expression in source.")
            }
            names.append(name.string)
        }
        guard names.count <= 2 else {
            throw ExpressionError("A path may contain at most 2 components in the FROM clause")
        }
        guard !source.isAliased else { throw ExpressionError("Aliasing is not supported") }
        return PartiQLStatement.Source(
            tableName: names[0],
            indexName: names.count > 1 ? names[1] : nil,
        )
    }

    private func projection(
        _ columns: [StatementTree.Select.Column]
    ) throws(ExpressionError) -> ProjectionExpression {
        var named: [(name: Text, path: DocumentPath)] = []
        var names: Set<Text> = []
        for column in columns {
            guard case .path(let path) = column.node.kind else {
                throw ExpressionError("Unexpected path component at \(column.node.span)")
            }
            guard !column.isAliased else { throw ExpressionError("Aliasing is not supported") }
            let name = path.columnName
            guard names.insert(name).inserted else {
                throw ExpressionError("Duplicate identifiers in select clause: \(name)")
            }
            named.append((name, path))
        }
        return ProjectionExpression(columns: named)
    }
}

extension DocumentPath {
    /// The last name on the path, with the indexes behind it: `b[2]` for `a.b[2]`.
    fileprivate var columnName: Text {
        var name = head.string
        for element in rest {
            switch element {
            case .name(let next): name = next.string
            case .index(let index): name += "[\(index)]"
            }
        }
        return Text(name)
    }
}

extension ExpressionError {
    fileprivate static let writeToIndex = ExpressionError(
        "This operation is not supported on an index"
    )
}
