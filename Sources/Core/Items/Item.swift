/// An item, or a map inside one: attributes sorted by the bytes of their names, each name once.
package struct Item: Equatable, Sendable {
    package struct Attribute: Equatable, Sendable {
        package let name: Text
        package var value: AttributeValue

        package init(_ name: Text, _ value: AttributeValue) {
            self.name = name
            self.value = value
        }
    }

    /// Sorted by name, strictly ascending.
    package private(set) var attributes: [Attribute]

    package init() {
        attributes = []
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
            attributes = unsorted
            return
        }
        attributes = NameOrder.sorted(count: unsorted.count) { unsorted[$0].name.string }
            .map { unsorted[$0] }
    }

    /// Attributes that are sorted by name, each once, as the caller has checked.
    init(sorted: [Attribute]) {
        attributes = sorted
    }

    package var isEmpty: Bool { attributes.isEmpty }

    package subscript(name: Text) -> AttributeValue? {
        get {
            // Of a key: quicker than halving.
            if attributes.count <= 2 {
                for attribute in attributes where attribute.name == name {
                    return attribute.value
                }
                return nil
            }
            let index = position(of: name)
            guard index < attributes.count, attributes[index].name == name else { return nil }
            return attributes[index].value
        }
        set {
            let index = position(of: name)
            let isPresent = index < attributes.count && attributes[index].name == name
            switch (isPresent, newValue) {
            case (true, .some(let value)): attributes[index].value = value
            case (true, .none): attributes.remove(at: index)
            case (false, .some(let value)): attributes.insert(Attribute(name, value), at: index)
            case (false, .none): break
            }
        }
    }

    /// The place of the first attribute whose name is not less than `name`.
    private func position(of name: Text) -> Int {
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
