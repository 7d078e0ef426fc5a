import Expressions
import Items
import Testing

/// One item and one set of values for most cases.
private let itemText = """
    {"pk": "k", "n": 5, "m": 7, "s": "hello", "t": "help", "yes": true, "nil": null,
     "b": {"B": "AQID"}, "tags": {"SS": ["red", "blue"]}, "nums": {"NS": ["1", "2.5"]},
     "lst": [1, "two", {"k": 3}], "doc": {"x": {"y": "deep"}, "n": 5}, "blank": ""}
    """

private let valuesText = """
    {":five": 5, ":fivedot": 5.0, ":four": 4, ":six": 6, ":hel": "hel", ":hello": "hello",
     ":red": "red", ":two": "two", ":one": 1, ":three": 3, ":nul": null, ":yes": true,
     ":b12": {"B": "AQI="}, ":S": "S", ":N": "N", ":M": "M", ":deep": "deep", ":none": "",
     ":z": "z", ":lst": [1], ":zero": 0, ":tags": {"SS": ["blue", "red"]}, ":ell": "ell"}
    """

private let namesText = ##"{"#n": "n", "#x": "x", "#dot": "a.b"}"##

private func parse(_ text: String, kind: ExpressionKind = .condition) throws -> ConditionExpression
{
    var given = try placeholders(namesText, valuesText)
    return try ConditionExpression(parsing: text, kind: kind, placeholders: &given)
}

@Test(arguments: [
    ("n = :five", true), ("n = :fivedot", true), ("n <> :five", false), ("n < :six", true),
    ("n <= :five", true), ("n > :five", false), ("n >= :five", true), (":four < n", true),
    ("n < m", true), ("absent = :five", false), ("absent <> :five", true),
    ("absent = gone", false), ("absent <> gone", true), ("absent < :five", false),
    ("NOT absent < :five", true), ("s < n", false), ("s > n", false), ("s <> n", true),
    ("s = :hello", true), ("s < t", true), ("nil = :nul", true), ("yes = :yes", true),
    ("tags = :tags", true),
    ("n BETWEEN :four AND :six", true), ("n between :five and :five", true),
    ("n BETWEEN :six AND m", false), ("s BETWEEN :four AND :six", false),
    (":five BETWEEN n AND m", true), ("absent BETWEEN :four AND :six", false),
    ("n IN (:four, :five)", true), ("n in (:four, :six)", false), ("absent IN (:four)", false),
    ("n IN (m, t, :five)", true),
    ("attribute_exists(n)", true), ("attribute_exists(doc.#x.y)", true),
    ("attribute_exists(doc.z)", false), ("attribute_exists(lst[2].k)", true),
    ("attribute_exists(lst[3])", false), ("attribute_exists(s.a)", false),
    ("attribute_exists(s[0])", false), ("attribute_exists(#dot)", false),
    ("attribute_not_exists(absent)", true), ("attribute_not_exists(nil)", false),
    ("attribute_type(:N, :S)", true), ("attribute_type(:N, :N)", false),
    ("attribute_type(s, :S)", true), ("attribute_type(s, :N)", false),
    ("attribute_type(doc, :M)", true), ("attribute_type(absent, :S)", false),
    ("begins_with(s, :hel)", true), ("begins_with(s, :none)", true),
    ("begins_with(b, :b12)", true), ("begins_with(n, :hel)", false),
    ("begins_with(absent, :hel)", false), ("begins_with(:hello, :hel)", true),
    ("contains(s, :ell)", true), ("contains(s, :hello)", true), ("contains(s, :z)", false),
    ("contains(s, :none)", true), ("contains(b, :b12)", true), ("contains(tags, :red)", true),
    ("contains(tags, :z)", false), ("contains(nums, :one)", true), ("contains(lst, :two)", true),
    ("contains(lst, :three)", false), ("contains(n, :five)", false),
    ("contains(absent, :red)", false), ("contains(:hello, :ell)", true),
    ("size(s) = :five", true), ("size(b) = :three", true), ("size(tags) < :three", true),
    ("size(lst) = :three", true), ("size(doc) > :one", true), ("size(n) = :one", false),
    ("size(absent) = :one", false), ("size(blank) = :zero", true), (":five = size(s)", true),
    ("size(s) BETWEEN :four AND :six", true), ("size(s) IN (:four, :five)", true),
    ("n = :five AND s = :z", false), ("n = :five OR s = :z", true),
    ("n = :z OR n = :five AND s = :hello", true), ("(n = :five OR s = :z) AND s = :z", false),
    ("NOT n = :five AND s = :hello", false), ("NOT (n = :five AND s = :z)", true),
    ("NOT NOT n = :five", true), ("not n = :z oR s = :z aNd m = :z", true),
    ("(n) = (:five)", true), ("(n = :five)", true), ("(size(s)) >= :five", true),
    ("(size(s) > :four) AND (n < :six)", true), ("(doc.#x).y = :deep", true),
    ("(attribute_exists(n))", true), ("NOT (attribute_exists(n))", false),
    (" n\t=\r\n:five ", true), ("lst [ 0 ] = :one", true), ("doc . n = n", true),
])
func `a condition is evaluated`(text: String, expected: Bool) throws {
    #expect(try parse(text).isTrue(of: plain(itemText)) == expected)
}

@Test func `a condition on a absent item sees no attributes`() throws {
    #expect(try parse("attribute_not_exists(pk)").isTrue(of: nil))
    #expect(try !parse("attribute_exists(pk)").isTrue(of: nil))
    #expect(try parse("n <> :five").isTrue(of: nil))
}

@Test(arguments: [
    ("", "The expression can not be empty;"),
    (" ", #"Syntax error; token: "<EOF>", near: """#),
    ("NOT #n", ##"Syntax error; token: "<EOF>", near: "#n""##),
    ("a-b", #"Syntax error; token: "-", near: "a-b""#),
    ("n = = :five", #"Syntax error; token: "=", near: "= = :five""#),
    ("n :five", #"Syntax error; token: ":five", near: "n :five""#),
    ("attribute_exists()", #"Syntax error; token: ")", near: "()""#),
    ("attribute_exists([1])", #"Syntax error; token: "[", near: "([1""#),
    ("_n = :five", #"Syntax error; token: "_", near: "_n""#),
    ("!!", #"Syntax error; token: "!", near: "!!""#),
    ("n = 5", #"Syntax error; token: "5", near: "= 5""#),
    ("n = é", #"Syntax error; token: "é", near: "= é""#),
    ("(n = :five", #"Syntax error; token: "<EOF>", near: ":five""#),
    ("n = :five)", #"Syntax error; token: ")", near: ":five)""#),
    ("n = (n = :five)", #"Syntax error; token: "=", near: "n = :five""#),
    ("n IN :five", #"Syntax error; token: ":five", near: "IN :five""#),
    ("and = :five", #"Syntax error; token: "and", near: "and =""#),
    ("n = #", ##"Syntax error; token: "#", near: "= #""##),
    ("((n = :five))", "The expression has redundant parentheses;"),
    ("((n)) = :five", "The expression has redundant parentheses;"),
    ("n = ((:five))", "The expression has redundant parentheses;"),
    ("foo(n)", "Invalid function name; function: foo"),
    (
        "if_not_exists(n, :five)",
        "The function is not allowed in a condition expression; function: if_not_exists"
    ),
    ("Size(n) = :five", "Invalid function name; function: Size"),
    (
        "size(n)",
        "The function is not allowed to be used this way in an expression; function: size"
    ),
    (
        "attribute_exists(n) = :yes",
        "The function is not allowed to be used this way in an expression; "
            + "function: attribute_exists"
    ),
    (
        "views = n and attribute_exists((views), (n)) > n",
        "The function is not allowed to be used this way in an expression; "
            + "function: attribute_exists"
    ),
    (
        "contains(size(s, n), s)",
        "Incorrect number of operands for operator or function; "
            + "operator or function: size, number of operands: 2"
    ),
    (
        "size(s, n)",
        "The function is not allowed to be used this way in an expression; function: size"
    ),
    (
        "size(contains(s, :ell)) = :yes",
        "The function is not allowed to be used this way in an expression; function: contains"
    ),
    ("name = :five", "Attribute name is a reserved keyword; reserved keyword: name"),
    ("doc.Value = :five", "Attribute name is a reserved keyword; reserved keyword: Value"),
    (
        "#q = :five",
        "An expression attribute name used in the document path is not defined; "
            + "attribute name: #q"
    ),
    (
        "n = :q",
        "An expression attribute value used in expression is not defined; attribute value: :q"
    ),
    (
        "attribute_exists(n, m)",
        "Incorrect number of operands for operator or function; "
            + "operator or function: attribute_exists, number of operands: 2"
    ),
    (
        "attribute_exists(:five)",
        "Operator or function requires a document path; operator or function: attribute_exists"
    ),
    (
        "n = n",
        "The first operand must be distinct from the remaining operands for this operator or "
            + "function; operator: =, first operand: [n]"
    ),
    (
        "contains(doc.#x, doc.x)",
        "The first operand must be distinct from the remaining operands for this operator or "
            + "function; operator: contains, first operand: [doc, x]"
    ),
    (
        "begins_with(s, :five)",
        "Incorrect operand type for operator or function; operator or function: begins_with, "
            + "operand type: N"
    ),
    (
        "n < :yes",
        "Incorrect operand type for operator or function; operator or function: <, "
            + "operand type: BOOL"
    ),
    (
        "size(:five) = :one",
        "Incorrect operand type for operator or function; operator or function: size, "
            + "operand type: N"
    ),
    (
        "attribute_type(s, n)",
        "Incorrect operand type for operator or function; operator or function: attribute_type, "
            + "operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
    ),
    (
        "attribute_type(s, :z)",
        "Invalid attribute type name found; type: z, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
    ),
    (
        "n BETWEEN :five AND :one",
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            + "lower bound operand: AttributeValue: {N:5}, "
            + "upper bound operand: AttributeValue: {N:1}"
    ),
    (
        "n BETWEEN :five AND :z",
        "The BETWEEN operator requires same data type for lower and upper bounds; "
            + "lower bound operand: AttributeValue: {N:5}, "
            + "upper bound operand: AttributeValue: {S:z}"
    ),
    (
        "lst[4294967296] = :one",
        "List index is not within the allowable range; index: [4294967296]"
    ),
    // Mistakes are reported by kind, and only then from left to right.
    ("n = :q AND name = :five", "Attribute name is a reserved keyword; reserved keyword: name"),
    ("name = :five OR foo(n)", "Invalid function name; function: foo"),
    ("foo(n) OR ((n = :five))", "The expression has redundant parentheses;"),
    ("((n = :five)) OR", #"Syntax error; token: "<EOF>", near: "OR""#),
])
func `a wrong condition is refused in the service's words`(text: String, detail: String) throws {
    let found = try message { _ = try parse(text, kind: .filter) }
    #expect(found == "Invalid FilterExpression: \(detail)")
}

@Test func `bounds are kept`() throws {
    let long = "n = :five" + String(repeating: " ", count: 4087)
    #expect(long.utf8.count == 4096)
    #expect(try message { _ = try parse(long) } == nil)
    #expect(
        try message { _ = try parse(long + " ") }
            == "Invalid ConditionExpression: Expression size has exceeded the maximum allowed "
            + "size; expression size: 4097"
    )

    let many = Array(repeating: "n=m", count: 150).joined(separator: " OR ")
    #expect(try message { _ = try parse(many) } == nil)
    #expect(
        try message { _ = try parse(many + " OR NOT n=m") }
            == "Invalid ConditionExpression: The expression contains too many operators; "
            + "operator count: 301"
    )

    let operands = Array(repeating: ":five", count: 100).joined(separator: ",")
    #expect(try message { _ = try parse("n IN (\(operands))") } == nil)
    #expect(
        try message { _ = try parse("n IN (\(operands),:five)") }
            == "Invalid ConditionExpression: The IN operator is provided with too many operands; "
            + "number of operands: 101"
    )

    let deep = "a" + String(repeating: ".b", count: 31)
    #expect(try message { _ = try parse("attribute_exists(\(deep))") } == nil)
    #expect(
        try message { _ = try parse("attribute_exists(\(deep).b)") }
            == "Invalid ConditionExpression: The document path has too many nesting levels; "
            + "nesting levels: 33"
    )

    for nested in ["(", "NOT ", "NOT (", "size("] {
        let text = String(repeating: nested, count: 4000 / nested.utf8.count)
        #expect(try message { _ = try parse(text) }?.contains("nesting levels: 151") == true)
    }
}

@Test func `a filter on a key attribute is refused`() throws {
    let schema = TableSchema(
        partition: .init(name: "pk", type: .string),
        sort: .init(name: "n", type: .number),
    )
    let prefix = "Filter Expression can only contain non-primary key attributes: "
    for (text, key) in [("s = :hello OR n > :five", "n"), ("contains(s, pk)", "pk")] {
        let filter = try parse(text, kind: .filter)
        #expect(
            try message { try filter.checkNoKeyAttributes(of: schema) }
                == "\(prefix)Primary key attribute: \(key)"
        )
    }
    try parse("s = :hello", kind: .filter).checkNoKeyAttributes(of: schema)
    #expect(
        try message { try parse("pk.a = :one").checkKeyPaths(of: schema) }
            == "Key attributes must be scalars; list random access '[]' and map lookup '.' "
            + "are not allowed: Key: pk"
    )
}
