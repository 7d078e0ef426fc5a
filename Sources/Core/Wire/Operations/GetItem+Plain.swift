import Items
import JSON

extension GetItemRequest {
    /// What `init(reading:)` makes of a body in the form that nearly all have: a table by its name, one
    /// or two key attributes that are strings or numbers in ASCII, and perhaps `ConsistentRead`.
    ///
    /// Nil for everything else, whatever may be wrong with it: then the body goes the long way. This
    /// saves the tree of the JSON and what is looked up in it, 11,000 of the 70,000 instructions that a
    /// read of an item took. `PlainGetItemTests` hold it to what the long way makes of the same bytes.
    package init?(plain body: [UInt8]) {
        let request = body.withUnsafeBufferPointer { bytes in
            var reading = PlainReading(cursor: PlainCursor(bytes))
            return reading.request()
        }
        guard let request else { return nil }
        self = request
    }
}

/// A body on its way through.
private struct PlainReading {
    var cursor: PlainCursor
    private var tableName: String?
    private var key: Item?
    private var consistentRead: Bool?

    /// Keys of attributes have no longer names.
    private static let keyNameBytesMax = 255

    init(cursor: PlainCursor) {
        self.cursor = cursor
    }

    mutating func request() -> GetItemRequest? {
        guard cursor.take(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard takeMember() else { return nil }
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "}")), cursor.isAtEnd(), let tableName, let key else {
            return nil
        }
        return GetItemRequest(
            tableName: tableName,
            key: key,
            consistentRead: consistentRead ?? false,
        )
    }

    /// False for a member that is unknown, or there twice.
    private mutating func takeMember() -> Bool {
        guard let name = cursor.string(), cursor.take(UInt8(ascii: ":")) else { return false }
        if tableName == nil, Self.isEqual(name, "TableName") {
            guard let text = cursor.string(), TableName.isValid(UnsafeRawBufferPointer(text)) else {
                return false
            }
            tableName = String(ascii: text)
            return true
        }
        if key == nil, Self.isEqual(name, "Key") {
            key = takeKey()
            return key != nil
        }
        guard consistentRead == nil, Self.isEqual(name, "ConsistentRead") else { return false }
        consistentRead = cursor.bool()
        return consistentRead != nil
    }

    private mutating func takeKey() -> Item? {
        guard cursor.take(UInt8(ascii: "{")), let first = takeAttribute() else { return nil }
        var attributes: [Item.Attribute] = []
        attributes.reserveCapacity(2)
        attributes.append(first)
        if cursor.take(UInt8(ascii: ",")) {
            guard let second = takeAttribute(), second.name != first.name else { return nil }
            attributes.append(second)
        }
        guard cursor.take(UInt8(ascii: "}")) else { return nil }
        return Item(attributes)
    }

    /// `"name": {"S": "text"}`, or a number.
    private mutating func takeAttribute() -> Item.Attribute? {
        guard let name = cursor.string(), !name.isEmpty, name.count <= Self.keyNameBytesMax,
            cursor.take(UInt8(ascii: ":")), cursor.take(UInt8(ascii: "{")),
            let type = cursor.string(), type.count == 1, cursor.take(UInt8(ascii: ":")),
            let text = cursor.string(), cursor.take(UInt8(ascii: "}"))
        else { return nil }
        let value: AttributeValue
        switch type[0] {
        case UInt8(ascii: "S"): value = .string(Text(String(ascii: text)))
        case UInt8(ascii: "N"):
            guard let number = try? DecimalNumber(parsing: String(ascii: text)) else { return nil }
            value = .number(number)
        default: return nil
        }
        return Item.Attribute(Text(String(ascii: name)), value)
    }

    private static func isEqual(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        let text = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return ByteOrder.compare(UnsafeRawBufferPointer(bytes), text) == 0
    }
}
