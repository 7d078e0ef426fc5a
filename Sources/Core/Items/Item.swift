/// An item, or a map inside one: attributes sorted by the bytes of their names, each name once.
///
/// It holds its attributes as values, or all of them in their stored form as it came from a request or
/// the store (`PackedItem`). Which of the two makes no difference to what it is, only to what it costs:
/// of an item that is to be stored, most attributes are never looked at.
package struct Item: Sendable {
    package struct Attribute: Equatable, Sendable {
        package let name: Text
        package var value: AttributeValue

        package init(_ name: Text, _ value: AttributeValue) {
            self.name = name
            self.value = value
        }
    }

    enum Form: Sendable {
        /// Sorted by name, strictly ascending.
        case values([Attribute])
        case packed(PackedItem)
    }

    private(set) var form: Form

    package init() {
        form = .values([])
    }

    /// Attributes in any order; of two with one name the last one stays.
    package init(_ unsorted: [Attribute]) {
        var isSorted = true
        for index in unsorted.indices.dropFirst()
        where !(unsorted[index - 1].name < unsorted[index].name) {
            isSorted = false
            break
        }
        if isSorted {
            form = .values(unsorted)
            return
        }
        let order = NameOrder.sorted(count: unsorted.count) { unsorted[$0].name.string }
        form = .values(order.map { unsorted[$0] })
    }

    /// Attributes that are sorted by name, each once, as the caller has checked.
    init(sorted: [Attribute]) {
        form = .values(sorted)
    }

    init(_ packed: PackedItem) {
        form = .packed(packed)
    }

    /// Sorted by name, strictly ascending.
    package var attributes: [Attribute] {
        switch form {
        case .values(let attributes): attributes
        case .packed(let packed): packed.attributes
        }
    }

    /// How many attributes there are.
    package var count: Int {
        switch form {
        case .values(let attributes): attributes.count
        case .packed(let packed): packed.count
        }
    }

    package var isEmpty: Bool { count == 0 }

    package subscript(name: Text) -> AttributeValue? {
        get {
            switch form {
            case .values(let attributes): Item.value(of: name, in: attributes)
            case .packed(let packed): packed[name]
            }
        }
        set {
            var attributes = attributes
            form = .values([])
            Item.set(name, to: newValue, in: &attributes)
            form = .values(attributes)
        }
    }

    private static func value(of name: Text, in attributes: [Attribute]) -> AttributeValue? {
        // Of a key: quicker than halving.
        if attributes.count <= 2 {
            for attribute in attributes where attribute.name == name { return attribute.value }
            return nil
        }
        let index = position(of: name, in: attributes)
        guard index < attributes.count, attributes[index].name == name else { return nil }
        return attributes[index].value
    }

    private static func set(
        _ name: Text,
        to newValue: AttributeValue?,
        in attributes: inout [Attribute],
    ) {
        let index = position(of: name, in: attributes)
        let isPresent = index < attributes.count && attributes[index].name == name
        switch (isPresent, newValue) {
        case (true, .some(let value)): attributes[index].value = value
        case (true, .none): attributes.remove(at: index)
        case (false, .some(let value)): attributes.insert(Attribute(name, value), at: index)
        case (false, .none): break
        }
    }

    /// The place of the first attribute whose name is not less than `name`.
    private static func position(of name: Text, in attributes: [Attribute]) -> Int {
        var low = 0
        var high = attributes.count
        while low < high {
            let middle = (low + high) / 2
            if attributes[middle].name < name {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension Item: Equatable {
    package static func == (left: Item, right: Item) -> Bool {
        switch (left.form, right.form) {
        case (.values(let left), .values(let right)): left == right
        // Equal items have equal bytes.
        default: left.encoded() == right.encoded()
        }
    }
}
