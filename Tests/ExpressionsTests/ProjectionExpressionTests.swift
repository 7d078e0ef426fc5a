import Expressions
import Items
import Testing

private let itemText = """
    {"a": 1, "b": {"x": 1, "y": {"z": "deep", "w": 2}}, "c": [10, 11, [20, 21], {"k": "v"}],
     "d": "scalar", "a.b": "dotted"}
    """

private func parse(_ text: String) throws -> ProjectionExpression {
    var given = try placeholders(##"{"#dot": "a.b", "#y": "y"}"##)
    return try ProjectionExpression(parsing: text, placeholders: &given)
}

@Test(arguments: [
    ("a", #"{"a": 1}"#),
    ("d, a", #"{"a": 1, "d": "scalar"}"#),
    ("absent", "{}"),
    ("a, absent.x", #"{"a": 1}"#),
    ("b.x", #"{"b": {"x": 1}}"#),
    ("b.#y.z, b.x", #"{"b": {"x": 1, "y": {"z": "deep"}}}"#),
    ("b.absent", "{}"),
    ("d.x", "{}"),
    ("c[0]", #"{"c": [10]}"#),
    ("c[3].k, c[1]", #"{"c": [11, {"k": "v"}]}"#),
    ("c[2][1], c[2][0]", #"{"c": [[20, 21]]}"#),
    ("c[9], c[1]", #"{"c": [11]}"#),
    ("#dot", #"{"a.b": "dotted"}"#),
])
func `a projection keeps the named parts`(text: String, expected: String) throws {
    #expect(try parse(text).project(plain(itemText)) == plain(expected))
}

@Test func `the top-level names are sorted and occur once`() throws {
    #expect(try parse("c[1], b.x, c[0], a, b.#y").topLevelNames == ["a", "b", "c"])
}

@Test func `a projection made by hand may repeat itself`() throws {
    let projection = ProjectionExpression([
        DocumentPath("b", [.name("x")]), DocumentPath("b"), DocumentPath("b"), DocumentPath("a"),
    ])
    #expect(try projection.project(plain(itemText)) == parse("a, b").project(plain(itemText)))
}

@Test(arguments: [
    ("", "The expression can not be empty;"),
    ("a,", #"Syntax error; token: "<EOF>", near: ",""#),
    ("a b", #"Syntax error; token: "b", near: "a b""#),
    ("a, , b", #"Syntax error; token: ",", near: ", , b""#),
    ("!!", #"Syntax error; token: "!", near: "!!""#),
    (":v", #"Syntax error; token: ":v", near: ":v""#),
    ("a[b]", #"Syntax error; token: "b", near: "[b]""#),
    ("[0]", #"Syntax error; token: "[", near: "[0""#),
    ("Name", "Attribute name is a reserved keyword; reserved keyword: Name"),
    (
        "#q",
        "An expression attribute name used in the document path is not defined; "
            + "attribute name: #q"
    ),
    (
        "a.b, a",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            + "path one: [a, b], path two: [a]"
    ),
    (
        "a, c, a",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            + "path one: [a], path two: [a]"
    ),
    (
        "a[3].b, a.k",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; "
            + "path one: [a, [3], b], path two: [a, k]"
    ),
    (
        "p, q, r, s, t, u, v, w, x.e, x.f.g, x.f",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            + "path one: [x, f, g], path two: [x, f]"
    ),
])
func `a wrong projection is refused`(text: String, detail: String) throws {
    let found = try message { _ = try parse(text) }
    #expect(found == "Invalid ProjectionExpression: \(detail)")
}
