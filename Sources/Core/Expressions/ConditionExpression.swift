package import Items

/// A `ConditionExpression` or `FilterExpression` of a request, parsed and checked.
package struct ConditionExpression: Equatable, Sendable {
    package let condition: Condition

    package init(_ condition: Condition) {
        self.condition = condition
    }

    /// Parses a text; `kind` is `.condition` or `.filter`, and only messages differ.
    package init(
        parsing text: String,
        kind: ExpressionKind = .condition,
        placeholders: inout Placeholders,
    ) throws(ExpressionError) {
        condition = try ConditionParser.parse(text, kind: kind, placeholders: &placeholders)
    }

    /// The same of a text that may be known.
    package init(
        parsing text: String,
        placeholders: inout Placeholders,
        known: ExpressionCache,
    ) throws(ExpressionError) {
        if let condition = known.condition(text, &placeholders) {
            self.condition = condition
            return
        }
        placeholders.recordUses()
        condition = try ConditionParser.parse(text, kind: .condition, placeholders: &placeholders)
        known.keep(condition, of: text, placeholders.takeUses())
    }

    /// Whether the item, or its absence, satisfies the condition.
    ///
    /// Operands of the wrong type make a comparison false, never an error.
    package func isTrue(of item: Item?) -> Bool {
        condition.isTrue(of: item ?? Item())
    }

    /// Refuses a filter of a Query on key attributes of the table or index queried; `name` is what
    /// the message calls the filter.
    package func checkNoKeyAttributes(
        of schema: TableSchema,
        in name: String = "Filter Expression",
    ) throws(ExpressionError) {
        try checkNoKeyAttributes(of: IndexSchema(schema), in: name)
    }

    package func checkNoKeyAttributes(
        of schema: IndexSchema,
        in name: String,
    ) throws(ExpressionError) {
        for key in schema.keyAttributes.map(\.name)
        where condition.contains(where: { $0.head == key }) {
            throw ExpressionError(
                "\(name) can only contain non-primary key attributes: "
                    + "Primary key attribute: \(key)"
            )
        }
    }

    /// Refuses paths into key attributes, which are never lists or maps.
    package func checkKeyPaths(of schema: TableSchema) throws(ExpressionError) {
        // Most lead into nothing.
        guard condition.contains(where: { !$0.rest.isEmpty }) else { return }
        for key in schema.keyNames where leads(into: key) { throw .pathIntoKey(key) }
    }

    /// The same for key attributes of the table's indexes.
    package func checkIndexKeyPaths(_ names: [Text]) throws(ExpressionError) {
        for key in names where leads(into: key) { throw .pathIntoIndexKey(key) }
    }

    /// The top-level attributes it reads, each once, in the order in which it names them.
    package var topLevelNames: [Text] {
        var names: [Text] = []
        _ = condition.contains { path in
            if !names.contains(path.head) { names.append(path.head) }
            return false
        }
        return names
    }

    private func leads(into key: Text) -> Bool {
        condition.contains { $0.head == key && !$0.rest.isEmpty }
    }
}

extension ExpressionError {
    static func pathIntoKey(_ key: Text) -> ExpressionError {
        ExpressionError(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' "
                + "are not allowed: Key: \(key)"
        )
    }

    static func pathIntoIndexKey(_ key: Text) -> ExpressionError {
        ExpressionError(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' "
                + "are not allowed: IndexKey: \(key)"
        )
    }
}

extension Condition {
    /// Whether a document path in it has the property.
    package func contains(where property: (DocumentPath) -> Bool) -> Bool {
        switch self {
        case .compare(let left, _, let right):
            left.contains(where: property) || right.contains(where: property)
        case .between(let operand, let lower, let upper):
            operand.contains(where: property) || lower.contains(where: property)
                || upper.contains(where: property)
        case .isIn(let operand, let candidates):
            operand.contains(where: property)
                || candidates.contains { $0.contains(where: property) }
        case .and(let conditions), .or(let conditions):
            conditions.contains { $0.contains(where: property) }
        case .not(let condition):
            condition.contains(where: property)
        case .attributeExists(let path), .attributeNotExists(let path):
            property(path)
        case .attributeType(let operand, _):
            operand.contains(where: property)
        case .beginsWith(let left, let right), .contains(let left, let right):
            left.contains(where: property) || right.contains(where: property)
        }
    }
}

extension ConditionOperand {
    fileprivate func contains(where property: (DocumentPath) -> Bool) -> Bool {
        switch self {
        case .value: false
        case .path(let path): property(path)
        case .size(let operand): operand.contains(where: property)
        case .condition(let condition): condition.contains(where: property)
        }
    }
}
