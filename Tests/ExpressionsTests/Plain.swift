import Expressions
import Items
import JSON

/// Items of tests as plain JSON.
///
/// For example `{"a": 1, "b": ["x"], "s": {"SS": ["p", "q"]}}`. An object of one member named SS,
/// NS, BS or B is a typed value, every other one a map.
func plain(_ text: String) throws -> Item {
    guard case .map(let item) = try plainValue(text) else { return Item() }
    return item
}

func plainValue(_ text: String) throws -> AttributeValue {
    try value(try JSONParser.parse(Array(text.utf8)))
}

private func value(_ json: JSONValue) throws -> AttributeValue {
    switch json {
    case .null: return .null
    case .bool(let bool): return .bool(bool)
    case .number(let digits): return .number(try DecimalNumber(parsing: digits))
    case .string(let text): return .string(Text(text))
    case .array(let elements): return .list(try elements.map(value))
    case .packed: return .map(try Item(json: json))
    case .object(let members):
        if members.count == 1, ["SS", "NS", "BS", "B"].contains(members[0].name) {
            return try AttributeValue(json: json)
        }
        return .map(Item(try members.map { Item.Attribute(Text($0.name), try value($0.value)) }))
    }
}

/// The placeholders of a test: names `#a` and values `:v`, each from a plain JSON object.
func placeholders(_ names: String? = nil, _ values: String? = nil) throws -> Placeholders {
    let names: [(String, String)]? = try names.map { text in
        try plain(text).attributes.compactMap { attribute in
            guard case .string(let name) = attribute.value else { return nil }
            return (attribute.name.string, name.string)
        }
    }
    let values: [(String, AttributeValue)]? = try values.map { text in
        try plain(text).attributes.map { ($0.name.string, $0.value) }
    }
    return try Placeholders(names: names, values: values)
}

/// The message of the error that the body throws; nil if it throws none.
func message(_ body: () throws -> Void) throws -> String? {
    do {
        try body()
        return nil
    } catch let error as ExpressionError {
        return error.message
    }
}

/// A generator of the same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
