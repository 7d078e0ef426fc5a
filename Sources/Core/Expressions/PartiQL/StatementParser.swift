import Items

/// Reads one PartiQL statement.
///
///     statement = select | insert | update | delete | EXISTS "(" select ")"
///     select    = SELECT ( "*" | column { "," column } ) FROM source [ WHERE condition ]
///                 [ ORDER BY path [ ASC | DESC ] { "," … } ]
///     insert    = INSERT INTO source VALUE item
///     update    = UPDATE source change { change } [ WHERE condition ] [ returning ]
///               | FROM source [ WHERE condition ] change { change } [ returning ]
///     change    = SET path "=" value { "," path "=" value } | REMOVE path { "," path }
///     delete    = DELETE FROM source [ WHERE condition ] [ returning ]
///     returning = RETURNING ( ALL | MODIFIED ) ( OLD | NEW ) "*"
///
/// What the service reads but does not carry out is read here too, and refused by those who make
/// something of the tree: its errors come in this order.
struct StatementParser {
    private var parser: StatementExpressionParser

    static func parse(_ text: String) throws(ExpressionError) -> StatementTree {
        let cursor = try StatementCursor(text)
        var parser = StatementParser(parser: StatementExpressionParser(cursor: cursor))
        let tree = try parser.statement()
        _ = parser.skip(.semicolon)
        guard parser.parser.cursor.kind == .end else {
            throw .notWellFormed("Unexpected token after expression")
        }
        return tree
    }

    private mutating func statement() throws(ExpressionError) -> StatementTree {
        if skip("select") { return .select(try select()) }
        if skip("insert") { return .insert(try insert()) }
        if skip("update") { return .update(try update()) }
        if skip("delete") { return .delete(try delete()) }
        if skip("from") { return .update(try updateFromFirst()) }
        if parser.cursor.isAt("exists"),
            parser.cursor.next.kind == .symbol(.openParenthesis)
        {
            return .exists(try exists())
        }
        return .expression(try expressionAlone())
    }

    /// What begins like no statement is an expression; the service reads it and asks for more.
    private mutating func expressionAlone() throws(ExpressionError) -> StatementNode {
        let expected = ExpressionError.notWellFormed("Expected data manipulation")
        guard !parser.cursor.isAtEnd else { throw .notWellFormed("Unexpected term") }
        let node: StatementNode
        do throws(ExpressionError) {
            node = try parser.expression()
        } catch {
            throw expected
        }
        guard parser.cursor.isAtEnd else { throw expected }
        return node
    }

    // MARK: Short hands

    private mutating func skip(_ keyword: String) -> Bool { parser.cursor.skip(keyword) }

    private mutating func skip(_ symbol: StatementToken.Symbol) -> Bool {
        parser.cursor.skip(symbol)
    }

    private mutating func condition() throws(ExpressionError) -> StatementNode? {
        guard skip("where") else { return nil }
        return try parser.expression()
    }

    /// Whether another name follows the table's.
    private mutating func skipAlias() throws(ExpressionError) -> Bool {
        let hasAs = skip("as")
        if case .identifier = parser.cursor.kind {
            parser.cursor.advance()
            return true
        }
        guard !hasAs else { throw .notWellFormed("Expected identifier for alias") }
        return false
    }

    // MARK: SELECT

    private mutating func exists() throws(ExpressionError) -> StatementTree.Select {
        parser.cursor.advance()
        parser.cursor.advance()
        guard skip("select") else { throw .notWellFormed("Unexpected term") }
        let select = try select()
        try parser.cursor.expect(.closeParenthesis, "RIGHT_PAREN")
        return select
    }

    private mutating func select() throws(ExpressionError) -> StatementTree.Select {
        if parser.cursor.isAt("value") || parser.cursor.isAt("pivot") {
            throw ExpressionError(
                "Select projection doesn't support value or pivot keywords"
            )
        }
        var unsupported: String?
        if skip("distinct") { unsupported = "DISTINCT" } else { _ = skip("all") }
        let columns = try columns()
        try parser.cursor.expect("from", "Expected FROM after SELECT list")
        let source = try fromSource()
        var select = StatementTree.Select(columns: columns, source: source)
        select.condition = try condition()
        if parser.cursor.isAt("group") || parser.cursor.isAt("having") {
            unsupported = unsupported ?? (parser.cursor.isAt("group") ? "GROUP BY" : "HAVING")
            try skipClause()
        }
        select.order = try order()
        if skip("limit") {
            let limit = try parser.expression()
            unsupported = unsupported ?? "LIMIT at \(limit.span)"
        }
        select.unsupportedClause = unsupported
        return select
    }

    /// Steps over a clause of words and expressions that is going to be refused.
    private mutating func skipClause() throws(ExpressionError) {
        parser.cursor.advance()
        _ = skip("by")
        _ = try parser.expression()
        while skip(.comma) { _ = try parser.expression() }
    }

    /// Nil for `*`.
    private mutating func columns() throws(ExpressionError) -> [StatementTree.Select.Column]? {
        if parser.cursor.isAt("from") { throw .notWellFormed("Cannot have empty SELECT list") }
        if skip(.star) {
            guard parser.cursor.kind != .symbol(.comma) else { throw .starWithOthers }
            return nil
        }
        var columns: [StatementTree.Select.Column] = []
        repeat {
            if parser.cursor.kind == .symbol(.star) { throw ExpressionError.starWithOthers }
            let node = try parser.expression()
            let isAliased = try skipAlias()
            columns.append(StatementTree.Select.Column(node: node, isAliased: isAliased))
        } while skip(.comma)
        return columns
    }

    private mutating func fromSource() throws(ExpressionError) -> StatementTree.Source {
        let node = try parser.expression()
        let isAliased = try skipAlias()
        let joins: Set<String> = ["join", "inner", "left", "right", "full", "outer", "cross"]
        if case .keyword(let word) = parser.cursor.kind, joins.contains(word) {
            throw .severalTables
        }
        guard parser.cursor.kind != .symbol(.comma) else { throw .severalTables }
        return StatementTree.Source(node: node, isAliased: isAliased)
    }

    private mutating func order() throws(ExpressionError) -> [StatementTree.Select.Order] {
        guard skip("order") else { return [] }
        try parser.cursor.expect("by", "Expected BY after ORDER")
        var terms: [StatementTree.Select.Order] = []
        repeat {
            let node = try parser.expression()
            let isDescending = skip("desc")
            if !isDescending { _ = skip("asc") }
            terms.append(StatementTree.Select.Order(node: node, isDescending: isDescending))
        } while skip(.comma)
        return terms
    }

    // MARK: Writes

    /// The table of a write; an index beside it is refused later.
    private mutating func target() throws(ExpressionError) -> StatementNode {
        let span = parser.cursor.current.span
        return StatementNode(kind: .path(try parser.path()), span: span)
    }

    private mutating func insert() throws(ExpressionError) -> StatementTree.Insert {
        try parser.cursor.expect("into", "Expected INTO after INSERT")
        let source = StatementTree.Source(node: try target(), isAliased: false)
        var unsupported: String?
        if !skip("value") { unsupported = "INSERT without VALUE" }
        let value = try parser.expression()
        if skip("on") {
            try parser.cursor.expect("conflict", "Expected CONFLICT after ON")
            unsupported = unsupported ?? "ON CONFLICT"
            while !parser.cursor.isAtEnd { parser.cursor.advance() }
        }
        if try returning() != nil { throw ExpressionError("RETURNING is not supported in INSERT") }
        return StatementTree.Insert(source: source, value: value, unsupported: unsupported)
    }

    private mutating func update() throws(ExpressionError) -> StatementTree.Update {
        let node = try target()
        let source = StatementTree.Source(node: node, isAliased: try skipAlias())
        let changes = try changes()
        let condition = try condition()
        return StatementTree.Update(
            source: source,
            changes: changes,
            condition: condition,
            returning: try returning(),
        )
    }

    private mutating func updateFromFirst() throws(ExpressionError) -> StatementTree.Update {
        let source = try fromSource()
        let condition = try condition()
        let changes = try changes()
        return StatementTree.Update(
            source: source,
            changes: changes,
            condition: condition,
            returning: try returning(),
        )
    }

    private mutating func changes() throws(ExpressionError) -> [StatementTree.Change] {
        var changes: [StatementTree.Change] = []
        while true {
            if skip("set") {
                repeat {
                    let path = try parser.path()
                    try parser.cursor.expect(.equal, "EQ")
                    changes.append(.set(path, try parser.expression()))
                } while skip(.comma)
            } else if skip("remove") {
                repeat { changes.append(.remove(try parser.path())) } while skip(.comma)
            } else {
                break
            }
        }
        if changes.isEmpty {
            if parser.cursor.isAt("insert") || parser.cursor.isAt("delete") {
                throw ExpressionError(
                    "Only SET and REMOVE are supported in update expressions at this time"
                )
            }
            throw .notWellFormed("Expected data manipulation")
        }
        return changes
    }

    private mutating func delete() throws(ExpressionError) -> StatementTree.Delete {
        try parser.cursor.expect("from", "Expected FROM after DELETE")
        let node = try target()
        let source = StatementTree.Source(node: node, isAliased: try skipAlias())
        let condition = try condition()
        return StatementTree.Delete(
            source: source,
            condition: condition,
            returning: try returning(),
        )
    }

    private mutating func returning() throws(ExpressionError) -> StatementReturning? {
        guard skip("returning") else { return nil }
        let isModified = skip("modified")
        guard isModified || skip("all") else { throw .returningElement }
        let isNew = skip("new")
        guard isNew || skip("old"), skip(.star) else { throw .returningElement }
        return StatementReturning(isModified: isModified, isNew: isNew)
    }
}

extension ExpressionError {
    fileprivate static let starWithOthers = ExpressionError(
        "Other attributes should not be present in the projection when '*' is used."
    )
    static let severalTables = ExpressionError(
        "FROM clause may only contain a single table name"
    )
    fileprivate static let returningElement = notWellFormed(
        "Expected ( MODIFIED | ALL ) ( NEW | OLD ) * in the RETURNING clause"
    )
}
