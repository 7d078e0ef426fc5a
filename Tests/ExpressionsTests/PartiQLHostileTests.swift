import Expressions
import Items
import Testing

private let words = [
    "SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "FROM", "WHERE", "SET", "REMOVE", "VALUE",
    "RETURNING ALL OLD *", "ORDER BY", "DESC", "EXISTS", "LIMIT", "AS", "AND", "or", "NOT", "IN",
    "IS",
    "MISSING", "null", "true", "BETWEEN", "LIKE", "*", "t", "\"t\"", "a", "b", "p", "?", "?", "'x'",
    "1", "-1", "1e5", ".5", "1e999999999999", "(", ")", "[", "]", "{", "}", "<<", ">>", ",", ".",
    ":",
    ";", "=", "<>", "<", "<=", ">", ">=", "+", "-", "/", "||", "@", "'k':", "size", "contains",
    "begins_with", "attribute_type", "set_add", "list_append", "count", "--", "/*", "*/", "\"", "'",
    "`", "#", "é", "\n", "\u{0}",
]

/// Parses the text, and uses what can be parsed.
private func exercise(_ text: String) throws {
    let item = try plain(#"{"a": 1, "b": {"a": [1, {"b": "x"}]}, "p": "x"}"#)
    let parameters: [AttributeValue] = [.string("x"), .stringSet(["x"])]
    guard let statement = try? PartiQLStatement(parsing: text, parameters: parameters) else {
        return
    }
    switch statement {
    case .select(let select), .exists(let select):
        _ = select.condition?.isTrue(of: item)
        _ = select.projection?.project(item)
    case .update(let update):
        _ = update.condition?.isTrue(of: item)
        _ = try? update.update.apply(to: item, key: Item())
    case .delete(let delete):
        _ = delete.condition?.isTrue(of: item)
    case .insert(let insert):
        _ = insert.item.sizeBytes
    }
}

@Test(arguments: 0..<20)
func `no statement of tokens traps`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let beginnings = [
        "", "SELECT * FROM t WHERE ", "SELECT a FROM t ", "UPDATE t SET a = ", "DELETE FROM t ",
        "INSERT INTO t VALUE {'p': ", "EXISTS(SELECT * FROM t WHERE ", "FROM t WHERE p = 1 SET ",
    ]
    for _ in 0..<1000 {
        let count = Int.random(in: 0..<25, using: &generator)
        let tokens = (0..<count).compactMap { _ in words.randomElement(using: &generator) }
        let beginning = beginnings.randomElement(using: &generator) ?? ""
        try exercise(beginning + tokens.joined(separator: " "))
    }
}

@Test(arguments: 0..<10)
func `no statement of bytes traps`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
        let count = Int.random(in: 0..<60, using: &generator)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try exercise("SELECT * FROM t WHERE " + String(decoding: bytes, as: UTF8.self))
        try exercise(String(decoding: bytes, as: UTF8.self))
    }
}

@Test func `nothing nested in a statement runs out of stack`() throws {
    let bytes = 8000
    for opening in ["(", "[", "{'a':", "<<", "NOT ", "- ", "size(", "a = (", "a IN [", "a[", "a."] {
        for beginning in ["SELECT * FROM t WHERE ", "UPDATE t SET a = ", "SELECT "] {
            try exercise(
                beginning + String(repeating: opening, count: bytes / opening.utf8.count)
            )
        }
    }
    for link in [" = 1", " AND a = 1", " OR a", " + 1", " - a", ", a", " IS NULL", ".a", "[0]"] {
        for beginning in ["SELECT * FROM t WHERE a", "UPDATE t SET a = a", "SELECT a"] {
            try exercise(beginning + String(repeating: link, count: bytes / link.utf8.count))
        }
    }
    let deep = String(repeating: "(", count: 149) + "a" + String(repeating: ")", count: 149)
    try exercise("SELECT * FROM t WHERE \(deep) = 1")
}
