package import Items

/// The way to a value inside an item: a top-level attribute's name, then names of map entries and
/// indexes of list elements.
package struct DocumentPath: Equatable, Sendable, CustomStringConvertible {
    package enum Element: Equatable, Sendable {
        case name(Text)
        case index(Int)
    }

    /// The top-level attribute.
    package let head: Text
    /// What follows the head; most paths have nothing here.
    package let rest: [Element]

    package init(_ head: Text, _ rest: [Element] = []) {
        self.head = head
        self.rest = rest
    }

    /// As messages show it: `[a, b, [3]]`.
    package var description: String {
        var text = "[\(head.string)"
        for element in rest {
            switch element {
            case .name(let name): text += ", \(name.string)"
            case .index(let index): text += ", [\(index)]"
            }
        }
        return text + "]"
    }

    /// The value this path leads to in `item`, if there is one.
    package func value(in item: Item) -> AttributeValue? {
        guard var value = item[head] else { return nil }
        for element in rest {
            guard let next = value.child(element) else { return nil }
            value = next
        }
        return value
    }
}

extension AttributeValue {
    /// The entry of a map or the element of a list; nil when this is neither or has none there.
    func child(_ element: DocumentPath.Element) -> AttributeValue? {
        switch (self, element) {
        case (.map(let entries), .name(let name)):
            entries[name]
        case (.list(let elements), .index(let index)):
            index < elements.count ? elements[index] : nil
        default:
            nil
        }
    }
}
