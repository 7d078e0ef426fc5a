import Items
import JSON

/// One element of a `KeySchema` parameter, its form checked.
struct KeySchemaElement: Equatable {
    let name: Text
    let role: KeyType
}

extension Checks {
    /// Of a table or a local index.
    static let keySchemaLengthRange = 1...2

    mutating func keySchema(
        _ fields: Fields,
        _ lengthRange: ClosedRange<Int> = keySchemaLengthRange,
    ) throws(ServiceError) -> [KeySchemaElement] {
        let parts = try fields.structures("KeySchema", of: "KeySchemaElement")
        guard let parts else {
            violateNotNull(fields.location("KeySchema"))
            return []
        }
        var elements: [KeySchemaElement] = []
        for part in parts {
            let name = try keyAttributeName(part)
            let role: KeyType? = try requiredChoice(part, "KeyType")
            elements.append(KeySchemaElement(name: name, role: role ?? .hash))
        }
        checkLength(
            elements.count,
            fields.location("KeySchema"),
            value: Self.text(of: elements),
            lengthRange,
        )
        return elements
    }

    /// Nil if the parameter is absent, which is then noted as a violation unless it is optional.
    mutating func attributeDefinitions(
        _ fields: Fields,
        isOptional: Bool = false,
    ) throws(ServiceError) -> [TableSchema.KeyAttribute]? {
        let parts = try fields.structures("AttributeDefinitions", of: "AttributeDefinition")
        guard let parts else {
            if !isOptional { violateNotNull(fields.location("AttributeDefinitions")) }
            return nil
        }
        var definitions: [TableSchema.KeyAttribute] = []
        for part in parts {
            // The service lists the type first.
            let type: ScalarType? = try requiredChoice(part, "AttributeType")
            let name = try keyAttributeName(part)
            definitions.append(
                TableSchema.KeyAttribute(name: name, type: (type ?? .string).keyType)
            )
        }
        return definitions
    }

    /// A list in a message: no longer than `echoedElementsMax` elements.
    private static func text(of elements: [KeySchemaElement]) -> String {
        let shown = elements.prefix(echoedElementsMax).map {
            "KeySchemaElement(attributeName=\($0.name), keyType=\($0.role.rawValue))"
        }
        return "[\(shown.joined(separator: ", "))]"
    }

    private static let echoedElementsMax = 10
}

/// The types a key attribute may have, in the order of the service's message.
private enum ScalarType: String, Choice {
    case binary = "B"
    case number = "N"
    case string = "S"

    var keyType: TableSchema.KeyType {
        switch self {
        case .binary: .binary
        case .number: .number
        case .string: .string
        }
    }
}

extension TableSchema {
    /// The schema that key elements and attribute definitions make together.
    ///
    /// With indexes, definitions may serve one of those instead of the table.
    init(
        keys: [KeySchemaElement],
        definitions: [KeyAttribute],
        hasIndexes: Bool,
    ) throws(ServiceError) {
        guard keys.count <= definitions.count else {
            throw .validation("Invalid KeySchema: Some index key attribute have no definition")
        }
        var types: [Text: KeyType] = [:]
        for definition in definitions {
            guard types.updateValue(definition.type, forKey: definition.name) == nil else {
                throw .validation("Attribute Name is duplicated: \(definition.name)")
            }
        }
        guard keys.allSatisfy({ types[$0.name] != nil }) else {
            throw Self.undefined(keys: keys, definitions: definitions)
        }
        try Self.checkRoles(keys)
        guard hasIndexes || keys.count == definitions.count else {
            throw .invalidParameters(
                "Number of attributes in KeySchema does not exactly match number of attributes "
                    + "defined in AttributeDefinitions"
            )
        }
        let parts = keys.compactMap { key in
            types[key.name].map { KeyAttribute(name: key.name, type: $0) }
        }
        guard let partition = parts.first else { throw Self.hashMissing }
        self.init(partition: partition, sort: parts.dropFirst().first)
    }

    static let hashMissing = ServiceError.validation(
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
    )

    static func checkRoles(_ keys: [KeySchemaElement]) throws(ServiceError) {
        guard let first = keys.first, first.role == .hash else { throw hashMissing }
        guard let second = keys.dropFirst().first else { return }
        guard first.name != second.name else {
            throw .validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name"
            )
        }
        guard second.role == .range else {
            throw .validation(
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
            )
        }
    }

    private static func undefined(
        keys: [KeySchemaElement],
        definitions: [KeyAttribute],
    ) -> ServiceError {
        let keys = keys.map(\.name.string).joined(separator: ", ")
        let names = definitions.map(\.name.string).joined(separator: ", ")
        return .invalidParameters(
            "Some index key attributes are not defined in AttributeDefinitions. "
                + "Keys: [\(keys)], AttributeDefinitions: [\(names)]"
        )
    }
}
