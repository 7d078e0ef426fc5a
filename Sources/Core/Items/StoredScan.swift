import JSON

/// What a stored item comes to, found in one pass that makes no values but those asked for.
///
/// It accepts what `Item(decoding:)` accepts, and nothing else: a region that only keeps an item and
/// passes it on need not make it to know that it is one.
package struct StoredScan {
    /// As `Item.sizeBytes` counts them.
    package private(set) var sizeBytes = 0
    /// Those of the wanted attributes that are there.
    package private(set) var item = Item()

    /// Reads `bytes`, which the item must fill.
    package init(
        stored bytes: UnsafeRawBufferPointer,
        wanted: [Text] = [],
    ) throws(StoredFormError) {
        var reader = StoredReader(bytes)
        try reader.format()
        var found: [Item.Attribute] = []
        sizeBytes = try Self.attributes(&reader, level: 1) { name, value throws(StoredFormError) in
            for text in wanted where text.withUTF8({ $0.elementsEqual(name) }) {
                var value = value
                found.append(Item.Attribute(text, try StoredDecoder.value(&value, level: 1)))
            }
        }.bytes
        guard reader.isAtEnd else { throw .malformed }
        item = Item(sorted: found)
    }

    static func attributes(
        _ reader: inout StoredReader,
        level: Int,
        _ look: (UnsafeRawBufferPointer, StoredReader) throws(StoredFormError) -> Void =
            { _, _ in },
    ) throws(StoredFormError) -> (bytes: Int, count: Int) {
        let count = try reader.elementCount()
        var bytes = 0
        var previous: UnsafeRawBufferPointer?
        for _ in 0..<count {
            let name = try reader.utf8()
            if let previous, ByteOrder.compare(previous, name) >= 0 { throw .malformed }
            previous = name
            try look(name, reader)
            bytes += name.count + (try value(&reader, level: level))
        }
        return (bytes, count)
    }

    /// Moves past a value and returns its size.
    static func value(
        _ reader: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> Int {
        guard level <= AttributeValue.nestingLevelsMax else { throw .tooDeep }
        let tag = try reader.byte()
        switch tag {
        case StoredForm.Tag.null, StoredForm.Tag.false, StoredForm.Tag.true: return 1
        case StoredForm.Tag.string: return try reader.utf8().count
        case StoredForm.Tag.binary: return try reader.run().count
        case StoredForm.Tag.number: return ItemSize.bytes(of: try reader.number())
        case StoredForm.Tag.stringSet...StoredForm.Tag.map:
            var content = try reader.content()
            let bytes = try collection(tag, &content, level: level)
            guard content.isAtEnd else { throw .malformed }
            return bytes
        default: throw .unknownTag(tag)
        }
    }

    private static func collection(
        _ tag: UInt8,
        _ content: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> Int {
        switch tag {
        case StoredForm.Tag.map:
            let (bytes, count) = try attributes(&content, level: level + 1)
            return ItemSize.listOrMapBytes + ItemSize.elementBytes * count + bytes
        case StoredForm.Tag.list:
            let count = try content.elementCount()
            var bytes = ItemSize.listOrMapBytes + ItemSize.elementBytes * count
            for _ in 0..<count { bytes += try value(&content, level: level + 1) }
            return bytes
        case StoredForm.Tag.numberSet: return try numbers(&content)
        default: return try strings(&content, areText: tag == StoredForm.Tag.stringSet)
        }
    }

    private static func numbers(_ content: inout StoredReader) throws(StoredFormError) -> Int {
        var bytes = 0
        var last: DecimalNumber?
        for _ in 0..<(try content.elementCount()) {
            let number = try content.number()
            if let last, last >= number { throw .malformed }
            last = number
            bytes += ItemSize.bytes(of: number)
        }
        return bytes
    }

    private static func strings(
        _ content: inout StoredReader,
        areText: Bool,
    ) throws(StoredFormError) -> Int {
        var bytes = 0
        var last: UnsafeRawBufferPointer?
        for _ in 0..<(try content.elementCount()) {
            let element = areText ? try content.utf8() : try content.run()
            if let last, ByteOrder.compare(last, element) >= 0 { throw .malformed }
            last = element
            bytes += element.count
        }
        return bytes
    }
}
