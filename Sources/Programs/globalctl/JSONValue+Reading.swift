import JSON

extension JSONValue {
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A number's own characters.
    var digits: String? {
        guard case .number(let text) = self else { return nil }
        return text
    }

    var integer: Int? { digits.flatMap { Int($0) } }

    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// The value in one line.
    var compact: String { String(decoding: bytes, as: UTF8.self) }

    /// The object with a member put in front.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        .object([Member(name, value)] + members)
    }
}
