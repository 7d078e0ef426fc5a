import Items
import JSON

extension Checks {
    /// An item or key that must be there.
    mutating func item(_ fields: Fields, _ name: String) throws(ServiceError) -> Item {
        guard let value = fields[name] else {
            violateNotNull(fields.location(name))
            return Item()
        }
        return try item(value)
    }

    /// An item or key; an empty one if a value in it is wrong, which is then noted.
    mutating func item(_ value: JSONValue) throws(ServiceError) -> Item {
        do throws(AttributeValueError) {
            let item = try Item(json: value)
            if item[""] != nil { note(.emptyAttributeName) }
            return item
        } catch {
            if wording == .older, error == .isTooDeep, Self.hasEmptyName(value) {
                note(.emptyAttributeName)
            }
            try noteValue(error) { $0 }
            return Item()
        }
    }

    private static func hasEmptyName(_ item: JSONValue) -> Bool {
        guard case .object(let members) = item else { return false }
        return members.contains { $0.name.isEmpty }
    }

    mutating func startKey(_ fields: Fields) throws(ServiceError) -> Item? {
        guard let value = fields["ExclusiveStartKey"] else { return nil }
        do throws(AttributeValueError) {
            return try Item(json: value)
        } catch {
            let isOlder = wording == .older
            try noteValue(error) {
                isOlder ? "The provided starting key is invalid: \($0)" : $0
            }
            return nil
        }
    }

    /// `ExpressionAttributeNames`.
    mutating func names(_ fields: Fields) throws(ServiceError) -> [(String, String)]? {
        let name = "ExpressionAttributeNames"
        guard let members = try fields.map(name, of: "String") else { return nil }
        var names: [(String, String)] = []
        names.reserveCapacity(members.count)
        for member in members {
            if member.value == .null {
                violateNotNull("\(fields.location(name)).\(member.name).member")
                continue
            }
            let attribute = try Fields.string(member.value)
            if attribute.isEmpty {
                note(
                    .validation(
                        "\(name) contains invalid value: "
                            + "Empty attribute name for key \(member.name)"
                    )
                )
            }
            names.append((member.name, attribute))
        }
        if names.contains(where: { $0.1.utf8.count > ItemLimits.nameBytesMax }) {
            violateNameLength(fields.location(name), value: "{...}", "Map value must")
        }
        return names
    }

    /// `ExpressionAttributeValues`.
    mutating func values(_ fields: Fields) throws(ServiceError) -> [(String, AttributeValue)]? {
        let name = "ExpressionAttributeValues"
        guard let members = try fields.map(name, of: "AttributeValue") else { return nil }
        var values: [(String, AttributeValue)] = []
        values.reserveCapacity(members.count)
        for member in members {
            if member.value == .null {
                violateNotNull("\(fields.location(name)).\(member.name).member")
                continue
            }
            do throws(AttributeValueError) {
                values.append((member.name, try AttributeValue(json: member.value)))
            } catch {
                let isOlder = wording == .older
                try noteValue(error) {
                    isOlder ? "\(name) contains invalid value: \($0) for key \(member.name)" : $0
                }
            }
        }
        return values
    }

    /// A member that is a value; nil if it is absent or wrong, which is then noted.
    mutating func value(
        _ fields: Fields,
        _ name: String,
    ) throws(ServiceError) -> AttributeValue? {
        guard let json = fields[name] else { return nil }
        return try value(json)
    }

    /// A value; nil if it is wrong, which is then noted.
    mutating func value(_ json: JSONValue) throws(ServiceError) -> AttributeValue? {
        do throws(AttributeValueError) {
            return try AttributeValue(json: json)
        } catch {
            try noteValue(error) { $0 }
            return nil
        }
    }

    /// A wrong JSON type is thrown at once, a wrong value noted for later.
    ///
    /// `inContext` says where the value stands, around what is wrong with it.
    private mutating func noteValue(
        _ error: AttributeValueError,
        inContext: (String) -> String,
    ) throws(ServiceError) {
        switch error {
        case .serialization: throw ServiceError(error)
        case .validation(let message): note(.validation(inContext(message)))
        case .worded(let newer, let older):
            note(.validation(inContext(wording == .newer ? newer : older)))
        }
    }
}

extension ServiceError {
    init(_ error: AttributeValueError) {
        switch error {
        case .serialization(let message): self = .serialization(message)
        case .validation(let message), .worded(_, older: let message):
            self = .validation(message)
        }
    }
}
