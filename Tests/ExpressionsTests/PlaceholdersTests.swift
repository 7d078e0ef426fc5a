import Expressions
import Items
import Testing

@Test func `unused placeholders are reported over all expressions of a request`() throws {
    var given = try placeholders(
        ##"{"#b": "b", "#a": "a", "#c": "c"}"##,
        #"{":x": 1, ":y": 2}"#
    )
    _ = try ConditionExpression(parsing: "#c = :y", placeholders: &given)
    #expect(
        try message { try given.checkAllUsed() }
            == "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"
    )
    _ = try ProjectionExpression(parsing: "#a, #b", placeholders: &given)
    #expect(
        try message { try given.checkAllUsed() }
            == "Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}"
    )
    _ = try UpdateExpression(parsing: "SET z = :x", placeholders: &given)
    try given.checkAllUsed()
}

@Test(arguments: ["n", "#", "#a-b", ":a", "", "#é"])
func `a name placeholder needs its form`(key: String) throws {
    #expect(
        try message { _ = try Placeholders(names: [(key, "a")]) }
            == "ExpressionAttributeNames contains invalid key: Syntax error; key: \"\(key)\""
    )
}

@Test(arguments: ["v", ":", ":a b", "#a"])
func `a value placeholder needs its form`(key: String) throws {
    #expect(
        try message { _ = try Placeholders(values: [(key, .null)]) }
            == "ExpressionAttributeValues contains invalid key: Syntax error; key: \"\(key)\""
    )
}

@Test func `empty maps and maps without expressions are refused`() throws {
    #expect(
        try message { _ = try Placeholders(names: []) }
            == "ExpressionAttributeNames must not be empty"
    )
    #expect(
        try message { _ = try Placeholders(values: []) }
            == "ExpressionAttributeValues must not be empty"
    )
    func refusal(
        names: Bool,
        values: Bool,
        _ expressions: [(kind: ExpressionKind, isGiven: Bool)],
    ) throws -> String? {
        try message {
            try Placeholders.checkAllowed(
                namesGiven: names,
                valuesGiven: values,
                expressions: expressions
            )
        }
    }
    #expect(
        try refusal(names: true, values: false, [(.condition, false)])
            == "ExpressionAttributeNames can only be specified when using expressions"
    )
    #expect(
        try refusal(names: false, values: true, [(.condition, false)])
            == "ExpressionAttributeValues can only be specified when using expressions: "
            + "ConditionExpression is null"
    )
    #expect(
        try refusal(
            names: false,
            values: true,
            [(.filter, false), (.keyCondition, false), (.projection, true)]
        )
            == "ExpressionAttributeValues can only be specified when using expressions: "
            + "FilterExpression and KeyConditionExpression are null"
    )
    #expect(try refusal(names: true, values: true, [(.update, true), (.condition, false)]) == nil)
}

@Test(arguments: ["ABORT", "zone", "Name", "localTimestamp", "status", "Ttl", "year"])
func `reserved words are known in any case`(word: String) throws {
    var given = try placeholders()
    #expect(
        try message { _ = try ProjectionExpression(parsing: word, placeholders: &given) }
            == "Invalid ProjectionExpression: Attribute name is a reserved keyword; "
            + "reserved keyword: \(word)"
    )
}

@Test(arguments: ["id", "pk", "names_", "zonea", "abor", "A", "averylongattributename"])
func `other words are not reserved`(word: String) throws {
    var given = try placeholders()
    #expect(try ProjectionExpression(parsing: word, placeholders: &given).paths.count == 1)
}
