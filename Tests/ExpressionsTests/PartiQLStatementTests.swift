import Expressions
import Items
import Testing

private func statement(
    _ text: String,
    _ parameters: AttributeValue...,
) throws -> PartiQLStatement {
    try PartiQLStatement(parsing: text, parameters: parameters)
}

private func condition(_ text: String) throws -> Condition? {
    guard case .select(let select) = try statement("SELECT * FROM t WHERE " + text) else {
        return nil
    }
    return select.condition
}

private func update(_ changes: String) throws -> Update? {
    guard case .update(let update) = try statement("UPDATE t \(changes) WHERE p = 1") else {
        return nil
    }
    return update.update.update
}

struct PartiQLStatementTests {
    @Test(arguments: [
        ("a = 1 AND b <> 'x' OR NOT c < 2", "a = :v AND b <> :w OR NOT c < :x"),
        ("a BETWEEN 1 AND 2 AND b = 'x'", "a BETWEEN :v AND :x AND b = :w"),
        ("a IN [1, 2]", "a IN (:v, :x)"),
        ("a.b[3].c = b", "a.b[3].c = b"),
        ("a IS MISSING", "attribute_not_exists(a)"),
        ("a IS NOT MISSING", "NOT attribute_not_exists(a)"),
        ("a IS BLOB", "attribute_type(a, :b)"),
        ("a NOT IN [1]", "NOT a IN (:v)"),
        ("begins_with(a, 'x') AND contains(a, 'x')", "begins_with(a, :w) AND contains(a, :w)"),
        ("size(a) >= 1", "size(a) >= :v"),
    ])
    func `a condition is the tree that the expression becomes`(
        pair: (text: String, expression: String)
    ) throws {
        let values = [":v": "1", ":w": #""x""#, ":x": "2", ":b": #""B""#]
            .filter { pair.expression.contains($0.key) }
            .map { #""\#($0.key)": \#($0.value)"# }
        let given = values.isEmpty ? nil : "{" + values.joined(separator: ",") + "}"
        var placeholders = try placeholders(nil, given)
        let expression = try ConditionExpression(
            parsing: pair.expression,
            placeholders: &placeholders,
        )
        #expect(try condition(pair.text) == expression.condition)
    }

    @Test(arguments: [
        ("SET a = 1, b.c = d", "SET a = :v, b.c = d"),
        ("SET a = b + 1 REMOVE c[1]", "SET a = b + :v REMOVE c[1]"),
        ("SET a = list_append(a, [1])", "SET a = list_append(a, :l)"),
        ("SET a = set_add(a, <<'x'>>)", "ADD a :s"),
        ("SET a = set_delete(a, <<'x'>>)", "DELETE a :s"),
    ])
    func `changes are the update that the expression becomes`(
        pair: (text: String, expression: String)
    ) throws {
        let values = [":v": "1", ":l": "[1]", ":s": #"{"SS": ["x"]}"#]
            .filter { pair.expression.contains($0.key) }
            .map { #""\#($0.key)": \#($0.value)"# }
        var placeholders = try placeholders(nil, "{" + values.joined(separator: ",") + "}")
        let expression = try UpdateExpression(
            parsing: pair.expression,
            placeholders: &placeholders,
        )
        #expect(try update(pair.text) == expression.update)
    }

    @Test func `operators bind as PartiQL ranks them`() throws {
        let a = ConditionOperand.path(DocumentPath("a"))
        let b = ConditionOperand.path(DocumentPath("b"))
        let one = ConditionOperand.value(.number(DecimalNumber(1)))
        // A comparison binds more than an equality, and both more than NOT.
        #expect(
            try condition("NOT a = b < 1")
                == .not(.compare(a, .equal, .condition(.compare(b, .less, one))))
        )
        #expect(
            try condition("a < 1 OR b < 1 AND a > 1")
                == .or([
                    .compare(a, .less, one),
                    .and([.compare(b, .less, one), .compare(a, .greater, one)]),
                ])
        )
    }

    @Test func `a table may have an index beside it, in quotes or not`() throws {
        for text in [#"SELECT * FROM "my-table"."my-index""#, "SELECT * FROM t_1.i_1"] {
            let source = try statement(text).source
            #expect(source.tableName.hasPrefix("my") == source.indexName?.hasPrefix("my"))
            #expect(source.indexName != nil)
        }
        #expect(try statement("SELECT * FROM t_1").source.indexName == nil)
    }

    @Test func `parameters stand in the order of the text`() throws {
        let tree = try statement(
            "UPDATE t SET a = ?, b = ? WHERE p = ?",
            .string("x"),
            .string("y"),
            .string("z"),
        )
        guard case .update(let update) = tree else {
            Issue.record("no update")
            return
        }
        #expect(
            update.update.update.actions == [
                .set(DocumentPath("a"), .value(.string("x"))),
                .set(DocumentPath("b"), .value(.string("y"))),
            ]
        )
        #expect(
            update.condition
                == .compare(.path(DocumentPath("p")), .equal, .value(.string("z")))
        )
    }

    @Test func `more parameters than marks are let pass`() throws {
        _ = try statement("SELECT * FROM t WHERE p = ?", .null, .null)
    }

    @Test func `columns are named by the end of their paths`() throws {
        guard case .select(let select) = try statement("SELECT a.b, c.d[1], \"e.f\" FROM t"),
            let projection = select.projection
        else {
            Issue.record("no columns")
            return
        }
        let item = try plain(#"{"a": {"b": 1, "x": 2}, "c": {"d": [3, 4]}, "e.f": 5, "g": 6}"#)
        #expect(projection.project(item) == (try plain(#"{"b": 1, "d[1]": 4, "e.f": 5}"#)))
    }

    @Test(arguments: [
        ("'a''b'", #""a'b""#), ("-1.50", "-1.5"), ("+ 2", "2"), (".5e1", "5"), ("- - 3", "3"),
        ("1E2", "100"), ("TRUE", "true"), ("Null", "null"), ("[]", "[]"), ("{}", "{}"),
        ("[1, [true], {'k': 'v'}]", #"[1, [true], {"k": "v"}]"#),
        ("<<'b', 'a'>>", #"{"SS": ["a", "b"]}"#), ("<<1>>", #"{"NS": ["1"]}"#),
        ("/* c */ 1 -- d\n", "1"),
    ])
    func `literals`(pair: (text: String, value: String)) throws {
        guard case .insert(let insert) = try statement("INSERT INTO t VALUE {'v': \(pair.text)}")
        else {
            Issue.record("no item")
            return
        }
        #expect(insert.item["v"] == (try plainValue(pair.value)))
    }

    @Test func `a reserved word is a name in quotes only`() throws {
        _ = try statement(#"SELECT "size" FROM t WHERE "key" = 1 AND "from"."where" = 2"#)
        #expect(
            try message { _ = try statement("SELECT size FROM t") }
                == "Statement wasn't well formed, can't be processed: Unexpected keyword"
        )
    }
}
