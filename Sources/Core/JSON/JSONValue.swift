/// A parsed JSON text.
///
/// Object members keep their order and their duplicates; numbers keep their digits, because the API
/// carries numbers of 38 digits that no floating-point type holds.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The number's own characters, as they stood in the text.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])
    /// What somebody made of an object while it was parsed; only where a `JSONPacking` asks for it.
    case packed(PackedJSON)

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The last member of that name, as most parsers keep it; nil for a missing one and for anything
    /// but an object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }
}
