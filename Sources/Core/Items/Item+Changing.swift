extension Item {
    /// The item with attributes set or (with nil) removed, each of them named once, in any order.
    ///
    /// One after the other each would move all that stand behind it, and a request without
    /// expressions can change a hundred thousand of them.
    package func changing(_ changes: [(name: Text, value: AttributeValue?)]) -> Item {
        let isSorted = changes.indices.dropFirst().allSatisfy {
            changes[$0 - 1].name < changes[$0].name
        }
        let sorted = isSorted ? changes : changes.sorted { $0.name < $1.name }
        if case .packed(let packed) = form, let changed = packed.changing(sorted) {
            return Item(changed)
        }
        let attributes = attributes
        var result: [Attribute] = []
        result.reserveCapacity(attributes.count + sorted.count)
        var index = 0
        for (name, value) in sorted {
            while index < attributes.count, attributes[index].name < name {
                result.append(attributes[index])
                index += 1
            }
            if index < attributes.count, attributes[index].name == name { index += 1 }
            if let value { result.append(Attribute(name, value)) }
        }
        result.append(contentsOf: attributes[index...])
        return Item(sorted: result)
    }
}
