import ArgumentParser
import JSON

/// An item's key on the command line: the API's JSON, or `pk=alice,sk=n:5`.
struct KeyArgument: ExpressibleByArgument {
    let json: JSONValue

    /// A key has a partition key and perhaps a sort key.
    private static let attributesMax = 2

    init?(argument: String) {
        if argument.hasPrefix("{") {
            guard let json = try? JSONParser.parse(Array(argument.utf8)) else { return nil }
            self.json = json
            return
        }
        var members: [JSONValue.Member] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty else { return nil }
            members.append(.init(String(sides[0]), Self.value(sides[1])))
        }
        guard members.count <= Self.attributesMax else { return nil }
        json = .object(members)
    }

    private static func value(_ text: Substring) -> JSONValue {
        for (prefix, type) in [("n:", "N"), ("b:", "B"), ("s:", "S")] where text.hasPrefix(prefix) {
            return .object([.init(type, .string(String(text.dropFirst(prefix.count))))])
        }
        return .object([.init("S", .string(String(text)))])
    }
}
