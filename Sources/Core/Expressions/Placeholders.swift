package import Items

/// The `#name` and `:value` placeholders of one request, and which of them its expressions used.
///
/// Pass one instance through the parsing of all expressions of the request, then `checkAllUsed`.
package struct Placeholders: Sendable {
    private struct Entry<Meaning: Sendable>: Sendable {
        let key: String
        let meaning: Meaning
        var isUsed = false
    }

    /// Both sorted by key.
    ///
    /// Keys are ASCII, so that the order of `String` is the order of bytes.
    private var names: [Entry<Text>]
    private var values: [Entry<AttributeValue>]
    /// Nil unless uses are recorded.
    private var uses: PlaceholderUses?

    /// The maps of the request; nil when the parameter was not given.
    ///
    /// Keys occur once each.
    package init(
        names: [(String, String)]? = nil,
        values: [(String, AttributeValue)]? = nil,
    ) throws(ExpressionError) {
        if let names {
            if names.isEmpty {
                throw ExpressionError("ExpressionAttributeNames must not be empty")
            }
            for (key, _) in names {
                try Self.checkKey(key, sigil: UInt8(ascii: "#"), in: "ExpressionAttributeNames")
            }
        }
        if let values {
            if values.isEmpty {
                throw ExpressionError("ExpressionAttributeValues must not be empty")
            }
            for (key, _) in values {
                try Self.checkKey(key, sigil: UInt8(ascii: ":"), in: "ExpressionAttributeValues")
            }
        }
        if let (key, _) = names?.first(where: { $0.1.isEmpty }) {
            throw ExpressionError(
                "ExpressionAttributeNames contains invalid value: Empty attribute name "
                    + "for key \(key)"
            )
        }
        self.names = (names ?? []).map { Entry(key: $0.0, meaning: Text($0.1)) }
        self.values = (values ?? []).map { Entry(key: $0.0, meaning: $0.1) }
        Self.sort(&self.names)
        Self.sort(&self.values)
    }

    /// By key; few by insertion, for which the library's way takes four times as long.
    private static func sort<Meaning>(_ entries: inout [Entry<Meaning>]) {
        guard entries.count <= fewMax else { return entries.sort { $0.key < $1.key } }
        for next in entries.indices.dropFirst() {
            var place = next
            while place > 0, entries[place].key < entries[place - 1].key {
                entries.swapAt(place, place - 1)
                place -= 1
            }
        }
    }

    private static let fewMax = 8

    /// Takes them out, leaving none behind: marking them as used then copies nothing.
    mutating func taken() -> Placeholders {
        let all = self
        names = []
        values = []
        uses = nil
        return all
    }

    /// Begins to record what is used, for `takeUses`.
    mutating func recordUses() {
        uses = PlaceholderUses()
    }

    /// What was used since `recordUses`, which ends with it.
    mutating func takeUses() -> PlaceholderUses {
        defer { uses = nil }
        return uses ?? PlaceholderUses()
    }

    /// Refuses placeholders in a request none of whose expressions could use them.
    ///
    /// `expressions` are the expression parameters the operation knows, in the order in which the
    /// message lists them (UpdateItem: update, condition; Query: filter, key condition,
    /// projection), and whether the request has each.
    package static func checkAllowed(
        namesGiven: Bool,
        valuesGiven: Bool,
        expressions: [(kind: ExpressionKind, isGiven: Bool)],
    ) throws(ExpressionError) {
        if namesGiven, !expressions.contains(where: \.isGiven) {
            throw ExpressionError(
                "ExpressionAttributeNames can only be specified when using expressions"
            )
        }
        guard valuesGiven else { return }
        if expressions.contains(where: { $0.kind != .projection && $0.isGiven }) { return }
        let users = expressions.filter { $0.kind != .projection }
        if !users.isEmpty {
            let list = users.map(\.kind.rawValue).joined(separator: " and ")
            throw ExpressionError(
                "ExpressionAttributeValues can only be specified when using expressions: "
                    + "\(list) \(users.count > 1 ? "are" : "is") null"
            )
        }
    }

    /// Refuses the request when a placeholder was in no expression.
    package func checkAllUsed() throws(ExpressionError) {
        try Self.checkAllUsed(names, of: "ExpressionAttributeNames")
        try Self.checkAllUsed(values, of: "ExpressionAttributeValues")
    }

    /// What `#name` stands for, `key` including the `#`; marks it as used.
    mutating func name(for key: String) -> Text? {
        guard let index = Self.position(of: key, in: names) else { return nil }
        names[index].isUsed = true
        uses?.names.append((key, names[index].meaning))
        return names[index].meaning
    }

    /// What `:value` stands for, `key` including the `:`; marks it as used.
    mutating func value(for key: String) -> AttributeValue? {
        guard let index = Self.position(of: key, in: values) else { return nil }
        values[index].isUsed = true
        uses?.values.append((key, values[index].meaning))
        return values[index].meaning
    }

    /// The type of what `:value` stands for; does not mark it as used.
    func type(for key: String) -> AttributeTypeName? {
        Self.position(of: key, in: values).map { AttributeTypeName(of: values[$0].meaning) }
    }

    private static func position<Meaning>(of key: String, in entries: [Entry<Meaning>]) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key < key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < entries.count && entries[low].key == key ? low : nil
    }

    private static func checkAllUsed<Meaning>(
        _ entries: [Entry<Meaning>],
        of parameter: String,
    ) throws(ExpressionError) {
        if entries.allSatisfy(\.isUsed) { return }
        let keys = entries.filter { !$0.isUsed }.map(\.key).joined(separator: ", ")
        throw ExpressionError(
            "Value provided in \(parameter) unused in expressions: keys: {\(keys)}"
        )
    }

    private static func checkKey(
        _ key: String,
        sigil: UInt8,
        in parameter: String,
    ) throws(ExpressionError) {
        let count = key.utf8.count
        guard count <= ExpressionLimits.placeholderBytesMax else {
            // Of values the service does not say how long the key is.
            let size = sigil == UInt8(ascii: "#") ? " size of key: \(count)" : ""
            throw ExpressionError(
                "\(parameter) contains invalid key: The expression attribute map contains a key "
                    + "that is too long;\(size)"
            )
        }
        var text = key
        let isName = text.withUTF8 { bytes in
            bytes.count > 1 && bytes[0] == sigil
                && bytes.dropFirst().allSatisfy(\.isIdentifierPart)
        }
        guard isName else {
            throw ExpressionError(
                "\(parameter) contains invalid key: Syntax error; key: \"\(key)\""
            )
        }
    }
}
