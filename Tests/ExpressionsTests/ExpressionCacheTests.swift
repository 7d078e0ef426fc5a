import Items
import Testing

@testable import Expressions

/// Expressions whose texts are known, against the parser.
struct ExpressionCacheTests {
    private let known = ExpressionCache()

    private typealias Names = [(String, String)]
    private typealias Values = [(String, AttributeValue)]

    /// What becomes of an expression and of its placeholders.
    private func outcome<Tree: Equatable>(
        _ names: Names?,
        _ values: Values?,
        _ parse: (inout Placeholders) throws(ExpressionError) -> Tree,
    ) -> Result<Tree, ExpressionError> {
        do throws(ExpressionError) {
            var placeholders = try Placeholders(names: names, values: values)
            let tree = try parse(&placeholders)
            try placeholders.checkAllUsed()
            return .success(tree)
        } catch {
            return .failure(error)
        }
    }

    private func expectSameCondition(_ text: String, _ names: Names?, _ values: Values?) {
        let plain = outcome(names, values) { placeholders throws(ExpressionError) in
            try ConditionExpression(parsing: text, placeholders: &placeholders)
        }
        let other = outcome(names, values) { placeholders throws(ExpressionError) in
            try ConditionExpression(parsing: text, placeholders: &placeholders, known: known)
        }
        #expect(plain == other, "\(text)")
    }

    private func expectSameUpdate(_ text: String, _ names: Names?, _ values: Values?) {
        let plain = outcome(names, values) { placeholders throws(ExpressionError) in
            try UpdateExpression(parsing: text, placeholders: &placeholders)
        }
        let other = outcome(names, values) { placeholders throws(ExpressionError) in
            try UpdateExpression(parsing: text, placeholders: &placeholders, known: known)
        }
        #expect(plain == other, "\(text)")
    }

    /// Whether the text is known, with these values.
    private func isKnown(_ text: String, _ values: Values) throws -> Bool {
        var placeholders = try Placeholders(values: values)
        return known.condition(text, &placeholders) != nil
    }

    private static let values: [[(String, AttributeValue)]] = {
        let texts: [AttributeValue] = ["x", "y", "z"].map { .string($0) }
        let numbers: [AttributeValue] = [1, 2, 3].map { .number(DecimalNumber($0)) }
        let sets: [AttributeValue] = [["a"], ["b"], ["a", "b"]].map { .stringSet($0) }
        let lists: [AttributeValue] = [.list([.null]), .list([]), .list([.bool(true)])]
        let mixed: [AttributeValue] = [.string("x"), .number(DecimalNumber(7)), .stringSet(["q"])]
        let types: [AttributeValue] = [.string("S"), .string("N"), .string("no type")]
        return [texts, numbers, sets, lists, mixed, types, texts.reversed(), numbers.reversed()]
            .map { values in zip([":a", ":b", ":c"], values).map { ($0, $1) } }
    }()

    private static let conditions = [
        "p = :a AND q <> :b OR r < :c", "NOT (p >= :a) AND (q <= :b OR r > :c)",
        "p IN (:a, :b, :c)", "begins_with(p, :a) AND contains(q, :b) AND size(r) > :c",
        "p BETWEEN :a AND :b AND q = :c", "attribute_type(p, :a) AND q = :b AND r = :c",
        "attribute_exists(p) AND :a = p AND :b <> :c", ":c = p AND :b = q AND :a = r",
        "p = :a", "p = :a AND q = :missing", "p = = :a", "size(:a) = :b AND p = :c",
        "contains(:a, :b) AND p = :c", "#n = :a AND #n <> :b AND #m.#n[2] = :c",
        "begins_with(:a, :b) AND p = :c",
    ]

    private static let updates = [
        "SET p = :a, q = q + :b, r = if_not_exists(r, :c)", "SET p = :a - :b REMOVE x ADD q :c",
        "SET p = list_append(:a, list_append(p, :b)), q = :c",
        "SET p = list_append(:c, p), q = :b, r = :a",
        "ADD p :a, q :b DELETE r :c", "SET p = (:a + :b), q = :c", "SET #n = :a, #m = :b, x = :c",
        "REMOVE p, q", "SET p = :a, p.q = :b, r = :c", "SET p = :a SET q = :b", "SET p = :missing",
        "SET p = :c, q = if_not_exists(:a, :b)",
    ]

    private static let names: [[(String, String)]?] = [
        nil, [("#n", "n"), ("#m", "m")], [("#n", "other"), ("#m", "m")], [("#n", "n")],
    ]

    @Test(arguments: conditions)
    func `a condition is what the parser says, whatever was kept before`(text: String) {
        for _ in 0..<2 {
            for names in Self.names {
                for values in Self.values { expectSameCondition(text, names, values) }
                expectSameCondition(text, names, nil)
                expectSameCondition(text, names, Array(Self.values[0].prefix(1)))
            }
        }
    }

    @Test(arguments: updates)
    func `an update is what the parser says, whatever was kept before`(text: String) {
        for _ in 0..<2 {
            for names in Self.names {
                for values in Self.values { expectSameUpdate(text, names, values) }
                expectSameUpdate(text, names, nil)
            }
        }
    }

    @Test func `a text is known with other values of the same types`() throws {
        let text = "p = :a AND q < :b"
        let (one, other): (Values, Values) = (
            [(":a", .string("x")), (":b", .number(DecimalNumber(1)))],
            [(":a", .string("y")), (":b", .number(DecimalNumber(2)))],
        )
        #expect(!(try isKnown(text, one)))
        expectSameCondition(text, nil, one)
        #expect(try isKnown(text, other))
        #expect(!(try isKnown(text, [(":a", .null), (":b", .number(DecimalNumber(2)))])))
        #expect(!(try isKnown(text, [(":a", .string("y"))])))
        #expect(!(try isKnown(text + " ", other)))
    }

    @Test(arguments: [
        "p BETWEEN :a AND :b", "attribute_type(p, :a) AND q = :b", "p = :a AND q + :b",
    ])
    func `a text of which more depends on a value, or with a mistake, is not kept`(
        text: String
    ) throws {
        let values: Values = [(":a", .string("S")), (":b", .string("T"))]
        expectSameCondition(text, nil, values)
        #expect(!(try isKnown(text, values)))
    }

    @Test func `a text in other characters that look the same is another text`() throws {
        let values: Values = [(":a", .string("S"))]
        expectSameCondition("K = :a", nil, values)
        #expect(try isKnown("K = :a", values))
        // The sign of the unit kelvin is the letter to those who compare by meaning.
        #expect(!(try isKnown("\u{212a} = :a", values)))
        expectSameCondition("\u{212a} = :a", nil, values)
    }

    @Test func `nothing of a request's values is kept, nor long names`() throws {
        let values: Values = [(":a", .string("a value of somebody's")), (":b", .list([.null]))]
        expectSameCondition("p = :a AND contains(q, :b)", nil, values)
        #expect(try isKnown("p = :a AND contains(q, :b)", values))
        expectSameUpdate("SET p = :a, q = list_append(:b, q)", nil, values)
        var kept = ""
        dump(known, to: &kept)
        #expect(!kept.contains("a value of somebody's"))
        let name = String(repeating: "n", count: ExpressionCache.namesBytesMax)
        expectSameCondition("#n = :a", [("#n", name)], [values[0]])
        expectSameCondition("#n.#m <> :a", [("#n", name), ("#m", "m")], [values[0]])
        kept = ""
        dump(known, to: &kept)
        #expect(kept.contains("#n = :a"))
        #expect(!kept.contains("#n.#m <> :a"))
    }

    @Test func `no more texts are kept than is said, and none that is too long`() throws {
        let values: Values = [(":a", .string("S"))]
        for number in 0...ExpressionCache.entriesMax {
            expectSameCondition("p\(number) = :a", nil, values)
        }
        #expect(!(try isKnown("p0 = :a", values)))
        #expect(try isKnown("p\(ExpressionCache.entriesMax) = :a", values))
        let long = "p = :a" + String(repeating: " ", count: ExpressionCache.textBytesMax)
        expectSameCondition(long, nil, values)
        #expect(!(try isKnown(long, values)))
    }
}
