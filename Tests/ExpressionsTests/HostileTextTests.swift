import Expressions
import Items
import Testing

private let words = [
    "a", "b", "list", "#n", ":v", ":w", ":l", "#missing", ":missing", "name", "size", "contains",
    "begins_with", "attribute_exists", "attribute_type", "if_not_exists", "list_append", "foo",
    "AND", "or", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE", "(", "(", ")", ")",
    "[", "]", "0", "1", "99999999999999999999", ".", ",", "=", "<>", "<", "<=", ">", ">=", "+",
    "-", "*", "é", "_x", "\"",
]

/// Parses the text as every kind, and uses what can be parsed.
private func exercise(_ text: String) throws {
    let item = try plain(#"{"a": 1, "b": {"a": [1, {"b": "x"}]}, "list": [1, 2]}"#)
    let schema = TableSchema(partition: .init(name: "a", type: .number))
    var given = try placeholders(##"{"#n": "b"}"##, #"{":v": 1, ":w": "x", ":l": [1]}"#)
    if let condition = try? ConditionExpression(parsing: text, placeholders: &given) {
        _ = condition.isTrue(of: item)
        _ = condition.isTrue(of: nil)
        try? condition.checkNoKeyAttributes(of: schema)
    }
    if let condition = try? KeyConditionExpression(parsing: text, placeholders: &given) {
        _ = try? condition.resolved(for: schema)
    }
    if let projection = try? ProjectionExpression(parsing: text, placeholders: &given) {
        _ = projection.project(item)
    }
    if let update = try? UpdateExpression(parsing: text, placeholders: &given),
        let result = try? update.apply(to: item, key: Item())
    {
        _ = (result.updatedOld, result.updatedNew)
    }
}

@Test(arguments: 0..<20)
func `no text of tokens traps`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
        let count = Int.random(in: 0..<25, using: &generator)
        let tokens = (0..<count).compactMap { _ in words.randomElement(using: &generator) }
        try exercise(tokens.joined(separator: " "))
    }
}

@Test(arguments: 0..<10)
func `no bytes trap`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
        let count = Int.random(in: 0..<40, using: &generator)
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        try exercise(String(decoding: bytes, as: UTF8.self))
    }
}

@Test func `nothing nested runs out of stack`() throws {
    for opening in ["(", "((", "NOT ", "NOT(", "size(", "a=(", "a IN (", "SET a=(", "a[", "a."] {
        try exercise(String(repeating: opening, count: 4096 / opening.utf8.count))
        let deep = String(repeating: opening, count: 149)
        try exercise(deep + "a=:v" + String(repeating: ")", count: 149))
    }
    try exercise(String(repeating: "NOT(", count: 70) + "a=:v" + String(repeating: ")", count: 70))
}
