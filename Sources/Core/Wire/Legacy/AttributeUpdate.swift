package import Items
import JSON

/// An entry of `AttributeUpdates`: what becomes of one top-level attribute.
package struct AttributeUpdate: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        case put(AttributeValue)
        /// The value is a number, a set or a list.
        case add(AttributeValue)
        /// The whole attribute.
        case remove
        /// Elements of a set.
        case delete(AttributeValue)
    }

    package var attribute: Text
    package var action: Action

    package init(_ attribute: Text, _ action: Action) {
        self.attribute = attribute
        self.action = action
    }
}

/// `Action` as requests spell it.
private enum AttributeAction: String, Choice {
    case add = "ADD"
    case put = "PUT"
    case delete = "DELETE"
}

extension Checks {
    /// `AttributeUpdates`; nil if there are none.
    mutating func attributeUpdates(_ fields: Fields) throws(ServiceError) -> [AttributeUpdate]? {
        let name = "AttributeUpdates"
        let type = "AttributeValueUpdate"
        guard let members = try fields.map(name, of: type) else { return nil }
        var updates: [AttributeUpdate] = []
        updates.reserveCapacity(members.count)
        for member in members {
            let location = "\(fields.location(name)).\(member.name).member"
            if member.value == .null {
                violateNotNull(location)
                continue
            }
            let entry = try Fields(member.value, type: type, path: location + ".")
            checkAttributeName(member.name, at: fields.location(name))
            guard let action = try updateAction(entry) else { continue }
            updates.append(AttributeUpdate(Text(member.name), action))
        }
        return updates.isEmpty ? nil : updates
    }

    /// Nil if something is wrong, which is then noted.
    private mutating func updateAction(
        _ entry: Fields
    ) throws(ServiceError) -> AttributeUpdate.Action? {
        let value = try value(entry, "Value")
        let hasAction = entry["Action"] != nil
        let action: AttributeAction? = try choice(entry, "Action")
        // A wrong value or action is noted already.
        guard value != nil || entry["Value"] == nil, action != nil || !hasAction else { return nil }
        switch (action ?? .put, value) {
        case (.delete, nil): return .remove
        case (_, nil):
            note(
                .invalidParameters(
                    "Only DELETE action is allowed when no attribute value is specified"
                )
            )
            return nil
        case (.put, let value?): return .put(value)
        case (.add, let value?):
            if value.canBeAdded { return .add(value) }
            note(.invalidParameters("ADD action is not supported for the type \(value.typeName)"))
            return nil
        case (.delete, let value?):
            if value.isSet { return .delete(value) }
            note(
                .invalidParameters(
                    "DELETE action with value is not supported for the type \(value.typeName)"
                )
            )
            return nil
        }
    }
}

extension AttributeValue {
    fileprivate var isSet: Bool {
        switch self {
        case .stringSet, .numberSet, .binarySet: true
        default: false
        }
    }

    fileprivate var canBeAdded: Bool {
        switch self {
        case .number, .list: true
        default: isSet
        }
    }
}
