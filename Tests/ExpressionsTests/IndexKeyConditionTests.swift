import Expressions
import Items
import Testing

/// Key conditions on indexes whose keys have several attributes.
struct IndexKeyConditionTests {
    private static let schema = IndexSchema(
        partition: [.init(name: "h1", type: .string), .init(name: "h2", type: .number)],
        sort: [
            .init(name: "r1", type: .string), .init(name: "r2", type: .number),
            .init(name: "r3", type: .string),
        ],
    )
    private static let partition: [AttributeValue] = [.string("a"), .number(DecimalNumber(1))]
    private static let one = AttributeValue.number(DecimalNumber(1))

    private static func unequal(_ names: String) -> String {
        "HASH key attributes \(names) must have equality conditions specified in the query"
    }

    private func resolve(_ rest: String) throws -> KeyCondition {
        let values = #"{":a": "a", ":b": "b", ":one": 1, ":two": 2}"#
        var given = try placeholders(nil, values)
        return try KeyConditionExpression(parsing: rest, placeholders: &given)
            .resolved(for: Self.schema)
    }

    @Test(
        arguments: [
            ("", [], nil),
            (" AND r1 = :b", [], .equal(.string("b"))),
            (" AND r1 < :b", [], .less(.string("b"))),
            (" AND begins_with(r1, :b)", [], .beginsWith(.string("b"))),
            (" AND r1 = :b AND r2 > :one", [.string("b")], .greater(one)),
            (" AND r2 > :one AND r1 = :b", [.string("b")], .greater(one)),
            (" AND r1 = :b AND r2 = :one AND r3 = :a", [.string("b"), one], .equal(.string("a"))),
            (
                " AND r1 = :b AND r2 = :one AND r3 BETWEEN :a AND :b", [.string("b"), one],
                .between(.string("a"), .string("b"))
            ),
        ] as [(String, [AttributeValue], KeyCondition.SortCondition?)]
    )
    func `sort attributes are named from the first on, the last in a range`(
        rest: String,
        leading: [AttributeValue],
        sort: KeyCondition.SortCondition?,
    ) throws {
        let condition = KeyCondition(partition: Self.partition, leading: leading, sort: sort)
        #expect(try resolve("h1 = :a AND h2 = :one" + rest) == condition)
    }

    @Test(arguments: [
        ("h1 = :a", unequal("h2")),
        ("h2 = :one", unequal("h1")),
        ("r1 = :a", unequal("h1, h2")),
        ("h1 = :a AND h2 > :one", unequal("h2")),
        ("h1 = :a AND h2 BETWEEN :one AND :two", unequal("h2")),
        ("begins_with(h1, :a) AND h2 = :one", unequal("h1")),
        (
            "h1 = :a AND h2 = :a",
            "One or more parameter values were invalid: "
                + "Condition parameter type does not match schema type"
        ),
        (
            "h1 = :a AND h2 = :one AND r1 = :a AND r1 = :b",
            "Invalid KeyConditionExpression: "
                + "KeyConditionExpressions must only contain one condition per key"
        ),
    ])
    func `every partition attribute must equal a value`(text: String, expected: String) throws {
        #expect(try message { _ = try resolve(text) } == expected)
    }

    @Test(arguments: [
        "r2 = :one", "r3 = :a", "r1 = :a AND r3 = :a", "r1 > :a AND r2 = :one",
        "begins_with(r1, :a) AND r2 = :one", "r1 BETWEEN :a AND :b AND r2 = :one", "x = :a",
    ])
    func `a sort attribute is not left out, and nothing follows a range`(rest: String) throws {
        let text = "h1 = :a AND h2 = :one AND " + rest
        #expect(try message { _ = try resolve(text) } != nil)
    }
}
