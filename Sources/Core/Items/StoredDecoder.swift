import JSON

extension Item {
    /// Reads an item back from its stored form, which must fill `bytes`.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(StoredFormError) {
        var reader = StoredReader(bytes)
        try reader.format()
        self = try StoredDecoder.item(&reader, level: 1)
        guard reader.isAtEnd else { throw .malformed }
    }

    package init(decoding bytes: [UInt8]) throws(StoredFormError) {
        let result: Result<Item, StoredFormError> = bytes.withUnsafeBytes { bytes in
            do throws(StoredFormError) {
                return .success(try Item(decoding: bytes))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

/// Reads the stored form to values.
enum StoredDecoder {
    /// The attributes' values lie at `level`, from 1.
    static func item(
        _ reader: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> Item {
        let count = try reader.elementCount()
        var attributes: [Item.Attribute] = []
        attributes.reserveCapacity(min(count, reserveMax))
        var previous: UnsafeRawBufferPointer?
        for _ in 0..<count {
            let name = try reader.utf8()
            if let previous, ByteOrder.compare(previous, name) >= 0 { throw .malformed }
            previous = name
            let text = Text(String(decoding: name, as: UTF8.self))
            attributes.append(Item.Attribute(text, try value(&reader, level: level)))
        }
        return Item(sorted: attributes)
    }

    static func value(
        _ reader: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> AttributeValue {
        guard level <= AttributeValue.nestingLevelsMax else { throw .tooDeep }
        let tag = try reader.byte()
        switch tag {
        case StoredForm.Tag.null: return .null
        case StoredForm.Tag.false: return .bool(false)
        case StoredForm.Tag.true: return .bool(true)
        case StoredForm.Tag.string: return .string(try reader.text())
        case StoredForm.Tag.number: return .number(try reader.number())
        case StoredForm.Tag.binary: return .binary(try reader.binary())
        case StoredForm.Tag.stringSet...StoredForm.Tag.map:
            var content = try reader.content()
            let value = try collection(tag, &content, level: level)
            guard content.isAtEnd else { throw .malformed }
            return value
        default: throw .unknownTag(tag)
        }
    }

    private static func collection(
        _ tag: UInt8,
        _ content: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> AttributeValue {
        switch tag {
        case StoredForm.Tag.map: return .map(try item(&content, level: level + 1))
        case StoredForm.Tag.list:
            var elements: [AttributeValue] = []
            let count = try content.elementCount()
            elements.reserveCapacity(min(count, reserveMax))
            for _ in 0..<count { elements.append(try value(&content, level: level + 1)) }
            return .list(elements)
        case StoredForm.Tag.stringSet:
            return .stringSet(
                try set(&content, { reader throws(StoredFormError) in try reader.text() }, <)
            )
        case StoredForm.Tag.numberSet:
            return .numberSet(
                try set(&content, { reader throws(StoredFormError) in try reader.number() }, <)
            )
        default:
            return .binarySet(
                try set(
                    &content,
                    { reader throws(StoredFormError) in try reader.binary() },
                    { ByteOrder.compare($0, $1) < 0 },
                )
            )
        }
    }

    private static func set<Element>(
        _ content: inout StoredReader,
        _ read: (inout StoredReader) throws(StoredFormError) -> Element,
        _ precedes: (Element, Element) -> Bool,
    ) throws(StoredFormError) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<(try content.elementCount()) {
            let element = try read(&content)
            if let last = elements.last, !precedes(last, element) { throw .malformed }
            elements.append(element)
        }
        return elements
    }

    /// Elements that room is made for before they are read: a count is only a claim.
    private static let reserveMax = 64
}
