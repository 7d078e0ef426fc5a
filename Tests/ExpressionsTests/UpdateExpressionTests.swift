import Expressions
import Items
import Testing

private let itemText = """
    {"pk": "k", "n": 5, "s": "text", "lst": [0, 1, 2, 3], "tags": {"SS": ["b", "c"]},
     "nums": {"NS": ["1", "2"]}, "doc": {"x": 1, "y": {"z": 2}, "l": [5, 6]}, "nix": null}
    """

private let valuesText = """
    {":one": 1, ":two": 2, ":str": "new", ":lst": [8, 9], ":tags": {"SS": ["a", "c"]},
     ":bc": {"SS": ["b", "c"]}, ":nums": {"NS": ["2", "3"]}, ":doc": {"q": 1}, ":nul": null,
     ":big": 9.9e125, ":bins": {"BS": ["AQ=="]}}
    """

private func parse(_ text: String) throws -> UpdateExpression {
    var given = try placeholders(##"{"#x": "x", "#n": "name", "#c": "c"}"##, valuesText)
    return try UpdateExpression(parsing: text, placeholders: &given)
}

private func apply(_ text: String) throws -> UpdateResult {
    try parse(text).apply(to: plain(itemText), key: plain(#"{"pk": "k"}"#))
}

/// Each update and what UPDATED_NEW shows of it.
@Test(arguments: [
    ("SET n = :one", #"{"n": 1}"#),
    ("SET n = n + :one", #"{"n": 6}"#),
    ("set n = :one - n", #"{"n": -4}"#),
    ("SET n = (n + :one)", #"{"n": 6}"#),
    ("SET n = ((doc.y.z)+(n))", #"{"n": 7}"#),
    ("SET fresh = if_not_exists(fresh, :one)", #"{"fresh": 1}"#),
    ("SET n = if_not_exists(n, :one)", #"{"n": 5}"#),
    ("SET hits = if_not_exists(hits, :one) + :two", #"{"hits": 3}"#),
    ("SET #n = if_not_exists(gone, if_not_exists(also_gone, s))", #"{"name": "text"}"#),
    ("SET lst = list_append(lst, :lst)", #"{"lst": [0, 1, 2, 3, 8, 9]}"#),
    ("SET fresh = list_append(:lst, lst)", #"{"fresh": [8, 9, 0, 1, 2, 3]}"#),
    ("SET lst[1] = :str", #"{"lst": ["new"]}"#),
    ("SET doc.#x = :two, doc.y.w = n", #"{"doc": {"x": 2, "y": {"w": 5}}}"#),
    ("SET n = s, s = n", #"{"n": "text", "s": 5}"#),
    ("SET n = doc.l[1]", #"{"n": 6}"#),
    ("ADD n :one", #"{"n": 6}"#),
    ("ADD fresh :one", #"{"fresh": 1}"#),
    ("ADD tags :tags", #"{"tags": {"SS": ["a", "b", "c"]}}"#),
    (
        "ADD nums :nums, fresh :bins",
        #"{"nums": {"NS": ["1", "2", "3"]}, "fresh": {"BS": ["AQ=="]}}"#
    ),
    ("ADD doc.y.z :two, lst[0] :one", #"{"doc": {"y": {"z": 4}}, "lst": [1]}"#),
    ("DELETE tags :tags", #"{"tags": {"SS": ["b"]}}"#),
    ("DELETE tags :bc", "{}"),
    ("DELETE fresh :bc", "{}"),
    ("REMOVE n, gone", "{}"),
    ("REMOVE n SET s = n ADD nums :nums", #"{"s": 5, "nums": {"NS": ["1", "2", "3"]}}"#),
])
func `an update shows its new parts`(text: String, updatedNew: String) throws {
    #expect(try apply(text).updatedNew == plain(updatedNew))
}

/// Each update and the whole of one attribute after it.
@Test(arguments: [
    ("REMOVE lst[0], lst[2]", "lst", "[1, 3]"),
    ("REMOVE lst[9]", "lst", "[0, 1, 2, 3]"),
    ("REMOVE lst[3], lst[0] SET lst[1] = :str", "lst", #"["new", 2]"#),
    ("SET lst[9] = :two, lst[7] = :one", "lst", "[0, 1, 2, 3, 1, 2]"),
    ("SET lst[9] = :two REMOVE lst[0]", "lst", "[1, 2, 3, 2]"),
    ("SET lst[0] = lst[3], lst[3] = lst[0]", "lst", "[3, 1, 2, 0]"),
    ("REMOVE doc.y.z, doc.#x", "doc", #"{"y": {}, "l": [5, 6]}"#),
    ("SET doc.l[5] = :one REMOVE doc.l[0]", "doc", #"{"x": 1, "y": {"z": 2}, "l": [6, 1]}"#),
    ("SET doc.fresh = :doc", "doc", #"{"x": 1, "y": {"z": 2}, "l": [5, 6], "fresh": {"q": 1}}"#),
    ("REMOVE doc.gone", "doc", #"{"x": 1, "y": {"z": 2}, "l": [5, 6]}"#),
])
func `an update changes the inside of an attribute`(
    text: String,
    name: String,
    expected: String,
) throws {
    #expect(try apply(text).item[Text(name)] == plainValue(expected))
}

@Test func `an update shows its old parts`() throws {
    let result = try apply(
        "SET n = :one, fresh = :two, doc.#x = :two REMOVE lst[1] DELETE tags :bc"
    )
    #expect(
        try result.updatedOld
            == plain(#"{"n": 5, "doc": {"x": 1}, "lst": [1], "tags": {"SS": ["b", "c"]}}"#)
    )
    #expect(result.item["tags"] == nil)
    #expect(result.item["s"] == .string("text"))
}

@Test func `an item that does not exist begins with its key`() throws {
    let key = try plain(#"{"pk": "k"}"#)
    let result = try parse("SET n = :one, s = pk ADD hits :two").apply(to: nil, key: key)
    #expect(try result.item == plain(#"{"pk": "k", "n": 1, "s": "k", "hits": 2}"#))
    #expect(result.updatedOld.isEmpty)
    #expect(try result.updatedNew == plain(#"{"n": 1, "s": "k", "hits": 2}"#))
}

private let wrongType = "An operand in the update expression has an incorrect data type"
private let absent =
    "The provided expression refers to an attribute that does not exist in the item"
private let invalidPath =
    "The document path provided in the update expression is invalid for update"
private let overflow =
    "Number overflow. Attempting to store a number with magnitude larger than supported range"

@Test(arguments: [
    ("SET n = gone", absent), ("SET n = lst[9]", absent), ("SET n = gone + :one", absent),
    ("SET n = list_append(gone, :lst)", absent),
    ("SET n = s + :one", wrongType), ("SET n = :one - nix", wrongType),
    ("SET lst = list_append(s, :lst)", wrongType), ("ADD s :one", wrongType),
    ("ADD tags :nums", wrongType), ("ADD tags :one", wrongType), ("DELETE tags :nums", wrongType),
    ("DELETE n :tags", wrongType),
    ("SET gone.a = :one", invalidPath), ("SET s.a = :one", invalidPath),
    ("SET doc[0] = :one", invalidPath), ("SET lst.a = :one", invalidPath),
    ("SET gone[0] = :one", invalidPath), ("REMOVE gone.a", invalidPath),
    ("REMOVE s[0]", invalidPath), ("SET lst[9].a = :one", invalidPath),
    ("ADD gone.a :one", invalidPath), ("DELETE gone.a :tags", invalidPath),
    ("SET n = :big + :big", overflow), ("SET n = :big - :one", overflow),
])
func `an update that does not fit the item is refused`(text: String, expected: String) throws {
    let found = try message { _ = try apply(text) }
    #expect(found == expected)
}

@Test(arguments: [
    ("", "The expression can not be empty;"),
    ("whatever", #"Syntax error; token: "whatever", near: "whatever""#),
    ("INVALID SYNTAX HERE", #"Syntax error; token: "INVALID", near: "INVALID SYNTAX""#),
    ("SET n = :one,", #"Syntax error; token: "<EOF>", near: ",""#),
    ("set n", #"Syntax error; token: "<EOF>", near: "n""#),
    ("set n = set", #"Syntax error; token: "set", near: "= set""#),
    ("SET n = n + :one + :two", #"Syntax error; token: "+", near: ":one + :two""#),
    ("SET n = (n + :one) + :two", #"Syntax error; token: "+", near: ") + :two""#),
    ("SET n = (doc.y).z", #"Syntax error; token: ".", near: ").z""#),
    ("SET n = 100", #"Syntax error; token: "100", near: "= 100""#),
    ("SET :one = n", #"Syntax error; token: ":one", near: "SET :one =""#),
    ("SET n = n * :two", #"Syntax error; token: "*", near: "n * :two""#),
    ("ADD n s", #"Syntax error; token: "s", near: "n s""#),
    ("REMOVE n = s", #"Syntax error; token: "=", near: "n = s""#),
    ("SET n = :one foo", #"Syntax error; token: "foo", near: ":one foo""#),
    (
        "SET n = :one REMOVE s SET s = :two",
        #"The "SET" section can only be used once in an update expression;"#
    ),
    ("SET abOrt = :one", "Attribute name is a reserved keyword; reserved keyword: abOrt"),
    ("SET n = if_exists(n, :one)", "Invalid function name; function: if_exists"),
    (
        "SET n = size(s)", "The function is not allowed in an update expression; function: size"
    ),
    (
        "SET #q = :one",
        "An expression attribute name used in the document path is not defined; "
            + "attribute name: #q"
    ),
    (
        "SET n = :q",
        "An expression attribute value used in expression is not defined; attribute value: :q"
    ),
    (
        "SET n = if_not_exists(n)",
        "Incorrect number of operands for operator or function; "
            + "operator or function: if_not_exists, number of operands: 1"
    ),
    (
        "SET n = if_not_exists(:one, n)",
        "Operator or function requires a document path; operator or function: if_not_exists"
    ),
    (
        "SET n = list_append(:str, lst)",
        "Incorrect operand type for operator or function; operator or function: list_append, "
            + "operand type: S"
    ),
    (
        "SET n = n + :nul",
        "Incorrect operand type for operator or function; operator or function: +, "
            + "operand type: NULL"
    ),
    (
        "ADD n :str",
        "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
            + "typeSet: ALLOWED_FOR_ADD_OPERAND"
    ),
    (
        "DELETE tags :one",
        "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, "
            + "typeSet: ALLOWED_FOR_ADD_OPERAND"
    ),
    (
        "SET c.b.#c = n, c = n",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            + "path one: [c, b, c], path two: [c]"
    ),
    (
        "REMOVE n ADD n :one",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            + "path one: [n], path two: [n]"
    ),
    (
        "REMOVE a.#c SET a[1] = n",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; "
            + "path one: [a, c], path two: [a, [1]]"
    ),
])
func `a wrong update is refused in the service's words`(text: String, detail: String) throws {
    let found = try message { _ = try parse(text) }
    #expect(found == "Invalid UpdateExpression: \(detail)")
}

@Test(arguments: ["SET pk = :str", "REMOVE n, pk", "ADD pk.a :one"])
func `an update of the key is refused`(text: String) throws {
    let schema = TableSchema(partition: .init(name: "pk", type: .string))
    #expect(
        try message { try parse(text).checkNoKeyAttributes(of: schema) }
            == "One or more parameter values were invalid: Cannot update attribute pk. "
            + "This attribute is part of the key"
    )
}
