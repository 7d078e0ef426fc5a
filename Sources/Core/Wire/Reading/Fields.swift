import Items
package import JSON

/// The members of one structure of a request, read by name and type.
///
/// A member of the wrong JSON type is a `SerializationException`, thrown at once: the service
/// looks at every type before it looks at any value. Null means absent; unknown members are
/// ignored; of a member given twice the last one counts.
package struct Fields {
    private let members: [JSONValue.Member]
    /// Where the structure stands, as messages show it: empty at the top, else ends with a dot.
    let path: String

    /// The body of a request.
    package init(body: JSONValue) throws(ServiceError) {
        guard case .object(let members) = body else {
            throw .serialization("Start of structure or map expected at the top of the payload")
        }
        self.init(members, path: "")
    }

    init(_ members: [JSONValue.Member], path: String) {
        self.members = members
        self.path = path
    }

    /// Where a member stands, as messages show it: `tableName`.
    func location(_ name: String) -> String {
        path.isEmpty ? Self.lowerFirst(name) : path + Self.lowerFirst(name)
    }

    /// Every request asks for one such name: going by characters costs as much as reading its body.
    static func lowerFirst(_ name: String) -> String {
        guard let first = name.utf8.first, first < 128 else {
            return name.prefix(1).lowercased() + name.dropFirst()
        }
        guard (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= first else { return name }
        var name = name
        return name.withUTF8 { bytes in
            String(unsafeUninitializedCapacity: bytes.count) { lower in
                _ = lower.update(fromContentsOf: bytes)
                lower[0] = first | 32
                return bytes.count
            }
        }
    }

    /// The member's value; nil if absent or null.
    subscript(name: String) -> JSONValue? {
        for index in members.indices.reversed()
        where members[index].name.utf8.count == name.utf8.count && members[index].name == name {
            if case .null = members[index].value { return nil }
            return members[index].value
        }
        return nil
    }

    /// Whether there is something more than `levels` levels down, the structure being the first.
    func isDeeper(than levels: Int) -> Bool {
        members.contains { $0.value.isDeeper(than: levels - 1) }
    }

    func string(_ name: String) throws(ServiceError) -> String? {
        guard let value = self[name] else { return nil }
        return try Self.string(value)
    }

    func bool(_ name: String) throws(ServiceError) -> Bool? {
        switch self[name] {
        case nil: nil
        case .bool(let value): value
        case .some(let value): throw ServiceError(JSONShape.boolean.error(for: value))
        }
    }

    /// An integer; fractions are cut off and values out of range brought to its end, as the
    /// service does.
    func integer(_ name: String) throws(ServiceError) -> Int? {
        try integer(name, type: "Integer", in: Int(Int32.min)...Int(Int32.max))
    }

    func long(_ name: String) throws(ServiceError) -> Int? {
        try integer(name, type: "Long", in: Int.min...Int.max)
    }

    private func integer(
        _ name: String,
        type: String,
        in range: ClosedRange<Int>,
    ) throws(ServiceError) -> Int? {
        guard let value = self[name] else { return nil }
        switch value {
        case .number(let text): return Self.integer(text, in: range)
        case .string: throw .serialization("STRING_VALUE cannot be converted to \(type)")
        case .bool(let value):
            throw .serialization(
                "\(value ? "TRUE_VALUE" : "FALSE_VALUE") cannot be converted to \(type)"
            )
        default: throw ServiceError(JSONShape.integer.error(for: value))
        }
    }

    /// A time, which is a number of seconds since 1970: milliseconds, 0 for what was before.
    func milliseconds(_ name: String) throws(ServiceError) -> UInt64? {
        switch self[name] {
        case nil: return nil
        case .number(let text):
            let milliseconds = ((Double(text) ?? 0) * 1_000).rounded()
            return UInt64(exactly: min(max(milliseconds, 0), Self.millisecondsMax))
        case .some(let value): throw ServiceError(JSONShape.integer.error(for: value))
        }
    }

    /// The latest time that is told from later ones, beyond the year 100,000.
    private static let millisecondsMax = 4e15

    func list(_ name: String) throws(ServiceError) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        return try Self.list(value)
    }

    /// A map's entries, each name once.
    func map(_ name: String, of type: String) throws(ServiceError) -> [JSONValue.Member]? {
        guard let value = self[name] else { return nil }
        return try Self.map(value, of: type)
    }

    func structure(_ name: String) throws(ServiceError) -> Fields? {
        switch self[name] {
        case nil: return nil
        case .object(let members): return Fields(members, path: location(name) + ".")
        case .array: throw .serialization(Self.collection("class \(Self.shapes)\(name)"))
        default: throw .serialization("Unexpected field type")
        }
    }

    /// A list of structures; each one's path counts from one: `keySchema.1.member.`.
    func structures(_ name: String, of type: String) throws(ServiceError) -> [Fields]? {
        guard let elements = try list(name) else { return nil }
        var structures: [Fields] = []
        for (index, element) in elements.enumerated() {
            let path = "\(location(name)).\(index + 1).member."
            structures.append(try Fields(element, type: type, path: path))
        }
        return structures
    }

    /// A structure inside a list or map.
    init(_ value: JSONValue, type: String, path: String) throws(ServiceError) {
        switch value {
        case .object(let members): self.init(members, path: path)
        case .array: throw .serialization(Self.collection("class \(Self.shapes)\(type)"))
        default: throw .serialization("Unexpected value type in payload")
        }
    }
}

extension Fields {
    /// The Java package that the service's messages name.
    private static let shapes = "com.amazonaws.dynamodb.v20120810."

    static func string(_ value: JSONValue) throws(ServiceError) -> String {
        guard case .string(let text) = value else {
            throw ServiceError(JSONShape.string.error(for: value))
        }
        return text
    }

    static func list(_ value: JSONValue) throws(ServiceError) -> [JSONValue] {
        guard case .array(let elements) = value else {
            throw ServiceError(JSONShape.list.error(for: value))
        }
        return elements
    }

    static func map(
        _ value: JSONValue,
        of type: String,
    ) throws(ServiceError) -> [JSONValue.Member] {
        switch value {
        case .object(let members): return unique(members)
        case .array:
            let element =
                type == "String" ? "java.lang.String" : type.contains(".") ? type : shapes + type
            throw .serialization(collection("java.util.Map<java.lang.String, \(element)>"))
        default: throw .serialization("Unexpected field type")
        }
    }

    private static func collection(_ type: String) -> String {
        "Unrecognized collection type \(type)"
    }

    private static func isWhole(_ number: String) -> Bool {
        !number.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
    }

    /// The whole part of a JSON number, brought into `range`.
    static func integer(_ text: String, in range: ClosedRange<Int>) -> Int {
        let number: Int
        if isWhole(text) {
            number = Int(text) ?? (text.hasPrefix("-") ? .min : .max)
        } else if let value = Double(text), value.magnitude < 9e18 {
            number = Int(value)
        } else {
            number = text.hasPrefix("-") ? .min : .max
        }
        return min(max(number, range.lowerBound), range.upperBound)
    }

    /// So many members are compared with each other: cheaper than a table of them.
    private static let fewMax = 8

    private static func areDistinct(_ members: [JSONValue.Member]) -> Bool {
        for later in members.indices.dropFirst() {
            let name = Text(members[later].name)
            for earlier in 0..<later where Text(members[earlier].name) == name { return false }
        }
        return true
    }

    /// The last of each name, at the place of the first.
    private static func unique(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
        guard members.count > 1 else { return members }
        if members.count <= fewMax, areDistinct(members) { return members }
        // `Text`, because names are the same only if their bytes are.
        var places: [Text: Int] = [:]
        var unique: [JSONValue.Member] = []
        unique.reserveCapacity(members.count)
        for member in members {
            let name = Text(member.name)
            if let place = places[name] {
                unique[place] = member
            } else {
                places[name] = unique.count
                unique.append(member)
            }
        }
        return unique
    }
}
