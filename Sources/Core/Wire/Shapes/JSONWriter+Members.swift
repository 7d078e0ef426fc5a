import Items
import JSON

/// Members of a response: written if there is a value, left out if there is none.
extension JSONWriter {
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    mutating func member(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        self.name(name)
        number(text: String(value))
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    mutating func member(_ name: StaticString, _ units: CapacityUnits) {
        self.name(name)
        number(text: "\(units.halves / 2).\(units.halves % 2 == 0 ? 0 : 5)")
    }

    mutating func member(_ name: StaticString, _ item: Item?) {
        guard let item else { return }
        self.name(name)
        item.write(to: &self)
    }

    mutating func member(
        _ name: StaticString,
        _ items: [ResponseItem]?,
    ) throws(StoredFormError) {
        guard let items else { return }
        self.name(name)
        try array(items)
    }

    /// A time in milliseconds since 1970, as seconds with a fraction.
    mutating func member(_ name: StaticString, milliseconds: Int64?) {
        guard let milliseconds, milliseconds >= 0 else { return }
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        self.name(name)
        number(text: "\(milliseconds / 1000).\(fraction)")
    }

    mutating func member(_ name: StaticString, _ capacity: ConsumedCapacity?) {
        guard let capacity else { return }
        self.name(name)
        capacity.write(to: &self)
    }

    /// Left out if empty.
    mutating func member(_ name: StaticString, _ capacities: [ConsumedCapacity]) {
        guard !capacities.isEmpty else { return }
        self.name(name)
        beginArray()
        for capacity in capacities { capacity.write(to: &self) }
        endArray()
    }

    /// `Responses` of a transaction that read: an element each, empty where there is no item.
    mutating func responses(_ items: [ResponseItem?]) throws(StoredFormError) {
        name("Responses")
        beginArray()
        for item in items {
            beginObject()
            if let item {
                name("Item")
                try item.write(to: &self)
            }
            endObject()
        }
        endArray()
    }

    mutating func array(_ items: [ResponseItem]) throws(StoredFormError) {
        beginArray()
        for item in items { try item.write(to: &self) }
        endArray()
    }
}
