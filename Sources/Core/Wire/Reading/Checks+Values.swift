import Items
import JSON

extension Checks {
    /// An item or key that must be there.
    mutating func item(_ fields: Fields, _ name: String) throws(ServiceError) -> Item {
        if let item = try optionalItem(fields, name) { return item }
        if fields[name] == nil { violateNotNull(fields.location(name)) }
        return Item()
    }

    /// Nil if absent, or if a value in it is wrong and noted.
    mutating func optionalItem(_ fields: Fields, _ name: String) throws(ServiceError) -> Item? {
        guard let value = fields[name] else { return nil }
        return try item(value)
    }

    mutating func item(_ value: JSONValue) throws(ServiceError) -> Item? {
        _ = try Fields.map(value, of: "AttributeValue")
        do throws(AttributeValueError) {
            return try Item(json: value)
        } catch {
            try noteValue(error)
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
            } else {
                names.append((member.name, try Fields.string(member.value)))
            }
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
                try noteValue(error)
            }
        }
        return values
    }

    /// A wrong JSON type is thrown at once, a wrong value noted for later.
    private mutating func noteValue(_ error: AttributeValueError) throws(ServiceError) {
        let noted = ServiceError(error)
        guard case .validation = error else { throw noted }
        note(noted)
    }
}

extension ServiceError {
    init(_ error: AttributeValueError) {
        switch error {
        case .serialization(let message): self = .serialization(message)
        case .validation(let message): self = .validation(message)
        }
    }
}
