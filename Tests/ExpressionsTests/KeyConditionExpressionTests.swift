import Expressions
import Items
import Testing

private let both = TableSchema(
    partition: .init(name: "pk", type: .string),
    sort: .init(name: "sk", type: .string),
)
private let numeric = TableSchema(
    partition: .init(name: "pk", type: .string),
    sort: .init(name: "sk", type: .number),
)
private let single = TableSchema(partition: .init(name: "pk", type: .string))

private let valuesText = #"{":p": "p", ":a": "a", ":b": "b", ":one": 1, ":two": 2}"#

private func resolve(_ text: String, _ schema: TableSchema = both) throws -> KeyCondition {
    var given = try placeholders(##"{"#k": "pk"}"##, valuesText)
    return try KeyConditionExpression(parsing: text, placeholders: &given).resolved(for: schema)
}

@Test(
    arguments: [
        ("pk = :p", nil),
        ("#k = :p", nil),
        (":p = pk", nil),
        ("(pk = :p)", nil),
        ("pk = :p AND sk = :a", .equal(.string("a"))),
        ("sk = :a and pk = :p", .equal(.string("a"))),
        ("(pk = :p) AND (sk < :a)", .less(.string("a"))),
        ("(pk = :p AND sk <= :a)", .lessOrEqual(.string("a"))),
        ("pk = :p AND sk > :a", .greater(.string("a"))),
        ("pk = :p AND sk >= :a", .greaterOrEqual(.string("a"))),
        ("pk = :p AND :a < sk", .greater(.string("a"))),
        ("pk = :p AND :a <= sk", .greaterOrEqual(.string("a"))),
        ("pk = :p AND :a > sk", .less(.string("a"))),
        ("pk = :p AND :a >= sk", .lessOrEqual(.string("a"))),
        ("pk = :p AND sk BETWEEN :a AND :b", .between(.string("a"), .string("b"))),
        ("sk BETWEEN :a AND :b AND pk = :p", .between(.string("a"), .string("b"))),
        ("pk = :p AND begins_with(sk, :a)", .beginsWith(.string("a"))),
        ("begins_with(sk, :a) AND pk = :p", .beginsWith(.string("a"))),
    ] as [(String, KeyCondition.SortCondition?)]
)
func `a key condition is resolved`(text: String, sort: KeyCondition.SortCondition?) throws {
    #expect(try resolve(text) == KeyCondition(partition: .string("p"), sort: sort))
}

@Test(arguments: [
    ("", "Invalid KeyConditionExpression: The expression can not be empty;"),
    ("a-b", #"Invalid KeyConditionExpression: Syntax error; token: "-", near: "a-b""#),
    ("pk = :p OR sk = :a", "Invalid operator used in KeyConditionExpression: OR"),
    ("NOT pk = :p", "Invalid operator used in KeyConditionExpression: NOT"),
    ("pk IN (:p)", "Invalid operator used in KeyConditionExpression: IN"),
    ("pk <> :p", "Invalid operator used in KeyConditionExpression: <>"),
    ("attribute_exists(pk)", "Invalid operator used in KeyConditionExpression: attribute_exists"),
    ("pk = :p AND contains(sk, :a)", "Invalid operator used in KeyConditionExpression: contains"),
    ("size(pk) > :one", "KeyConditionExpressions cannot contain nested operations"),
    (
        "pk.a = :p",
        "Invalid KeyConditionExpression: "
            + "KeyConditionExpressions cannot have conditions on nested attributes"
    ),
    (
        "pk[0] = :p",
        "Invalid KeyConditionExpression: "
            + "KeyConditionExpressions cannot have conditions on nested attributes"
    ),
    (
        "pk = sk",
        "Invalid condition in KeyConditionExpression: "
            + "Multiple attribute names used in one condition"
    ),
    (":a = :b", "Invalid condition in KeyConditionExpression: No key attribute specified"),
    (
        "begins_with(:a, sk) AND pk = :p",
        "Invalid condition in KeyConditionExpression: "
            + "begins_with operator must have the key attribute as its first operand"
    ),
    (
        ":a BETWEEN sk AND :b",
        "Invalid condition in KeyConditionExpression: "
            + "BETWEEN operator must have the key attribute as its first operand"
    ),
    (
        "pk = :p AND sk > :a AND sk < :b",
        "Invalid KeyConditionExpression: "
            + "KeyConditionExpressions must only contain one condition per key"
    ),
    (
        "pk = :p AND sk > :a AND x < :b",
        "The number of query conditions (3) exceeds the number of key attributes "
            + "defined in the schema (2)"
    ),
    ("sk = :a", "Query condition missed key schema element: pk"),
    ("pk = :p AND x = :a", "Query condition missed key schema element: sk"),
    ("pk > :p", "Query key condition not supported"),
    ("begins_with(pk, :p)", "Query key condition not supported"),
    (
        "pk = :one",
        "One or more parameter values were invalid: "
            + "Condition parameter type does not match schema type"
    ),
    (
        "pk = :p AND sk BETWEEN :one AND :two",
        "One or more parameter values were invalid: "
            + "Condition parameter type does not match schema type"
    ),
])
func `a wrong key condition is refused`(text: String, expected: String) throws {
    #expect(try message { _ = try resolve(text) } == expected)
}

@Test func `a table without a sort key takes one condition`() throws {
    #expect(try resolve("pk = :p", single).sort == nil)
    #expect(
        try message { _ = try resolve("pk = :p AND sk = :a", single) }
            == "Query key condition not supported"
    )
    #expect(
        try message { _ = try resolve("sk = :a", single) }
            == "Query condition missed key schema element: pk"
    )
    #expect(
        try resolve("pk = :p AND sk > :one", numeric).sort == .greater(.number(DecimalNumber(1)))
    )
}
