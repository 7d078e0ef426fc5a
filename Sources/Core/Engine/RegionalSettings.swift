import Items
package import Wire

/// What a replica has for itself: settings of a table that are never shared between its replicas.
///
/// They are a part of the description that only the replica's own region writes, and go with the
/// replica.
package struct RegionalSettings: Equatable, Sendable {
    package var isDeletionProtected = false
    /// In the order in which their keys came; at most `TagLimits.tagsMax`, each key once.
    package var tags: [Tag] = []
    package var policy: ResourcePolicy?

    package init() {}
}

/// The settings as an item of the system table.
extension RegionalSettings {
    /// Nil where all is as it is for a new replica.
    var item: Item? {
        guard self != RegionalSettings() else { return nil }
        var item = Item()
        if isDeletionProtected { item["protected"] = .bool(true) }
        if !tags.isEmpty {
            item["tags"] = .list(
                tags.map { .list([.string(Text($0.key)), .string(Text($0.value))]) }
            )
        }
        if let policy {
            item["policy"] = .string(Text(policy.text))
            item["revision"] = .string(Text(policy.revision))
        }
        return item
    }

    init(_ item: Item) {
        isDeletionProtected = item["protected"] == .bool(true)
        if let text = item.text("policy"), let revision = item.text("revision") {
            policy = ResourcePolicy(text: text, revision: revision)
        }
        if case .list(let stored) = item["tags"] { tags = stored.compactMap(Tag.init(value:)) }
    }
}

extension Tag {
    fileprivate init?(value: AttributeValue) {
        guard case .list(let pair) = value, pair.count == 2, case .string(let key) = pair[0],
            case .string(let text) = pair[1]
        else { return nil }
        self.init(key: key.string, value: text.string)
    }
}
