import JSON

/// Writes of one item, of which the service tells some constraints in newer words.
///
/// It does so where the item or key is there and nothing in the request lies too deep; otherwise it
/// reads the request as its older operations do.
extension Checks {
    /// `TableName`, of which an empty one is told alone.
    ///
    /// `key` is the member that has the item or key.
    mutating func writeTableName(
        _ fields: Fields,
        beside key: String,
    ) throws(ServiceError) -> String {
        guard try fields.string("TableName") == "", fields.isReadNewly(with: key) else {
            return try itemTableName(fields)
        }
        violateAlone(
            "Value at 'TableName' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1"
        )
        return ""
    }

    /// `ReturnValues`, `isAlone` if one that is none is told without other violations.
    mutating func returnValues(
        _ fields: Fields,
        beside key: String,
        isAlone: Bool = false,
    ) throws(ServiceError) -> ReturnValues {
        // The misspelt name is the service's.
        try newly(
            fields,
            "ReturnValues",
            beside: key,
            "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]",
            isAlone: isAlone,
        ) ?? .none
    }

    mutating func conditionalOperator(
        _ fields: Fields,
        beside key: String,
        isAlone: Bool = false,
    ) throws(ServiceError) -> ConditionalOperator? {
        // Nothing but the message knows of an operator ALL.
        try newly(fields, "ConditionalOperator", beside: key, "[ALL, OR]", isAlone: isAlone)
    }

    private mutating func newly<Kind: Choice>(
        _ fields: Fields,
        _ name: String,
        beside key: String,
        _ set: String,
        isAlone: Bool,
    ) throws(ServiceError) -> Kind? {
        guard let text = try fields.string(name), Kind(rawValue: text) == nil,
            fields.isReadNewly(with: key)
        else { return try choice(fields, name) }
        let violation = "Failed to satisfy constraint: Member must satisfy enum value set: \(set)"
        if isAlone { violateAlone(violation) } else { violate(violation) }
        return nil
    }
}

extension Fields {
    /// Levels of JSON in a request whose values are nested 62 levels deep.
    private static let newlyReadDepthMax = 128

    /// Whether the service reads a write of one item as its newer operations do.
    ///
    /// `key` is the member that has the item or key. To be asked only of what is wrong: it looks at
    /// the whole request.
    func isReadNewly(with key: String) -> Bool {
        self[key] != nil && !isDeeper(than: Self.newlyReadDepthMax)
    }

    /// Whether the key of a transaction's Delete is so deep that the service looks at it after the
    /// action's expressions.
    var isKeyReadLate: Bool {
        self["Key"]?.isDeeper(than: Self.newlyReadDepthMax - 1) ?? false
    }
}

extension JSONValue {
    /// Whether there is something more than `levels` levels down, this value being the first.
    func isDeeper(than levels: Int) -> Bool {
        guard levels > 0 else { return true }
        return switch self {
        case .object(let members): members.contains { $0.value.isDeeper(than: levels - 1) }
        case .array(let elements): elements.contains { $0.isDeeper(than: levels - 1) }
        default: false
        }
    }
}
