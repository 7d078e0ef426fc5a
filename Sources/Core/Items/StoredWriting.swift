package import JSON

extension Item {
    /// Writes the JSON of an item straight from its stored form, as `write(to:)` does for the item
    /// itself.
    ///
    /// After an error the writer holds a part of the item.
    package static func write(
        stored bytes: UnsafeRawBufferPointer,
        to writer: inout JSONWriter,
    ) throws(StoredFormError) {
        var reader = StoredReader(bytes)
        try reader.format()
        try StoredWriting.item(&reader, level: 1, to: &writer)
        guard reader.isAtEnd else { throw .malformed }
    }
}

/// Turns stored form into JSON without making values in between.
///
/// What it reads was checked when it was decoded or encoded before, so order is not checked again.
private enum StoredWriting {
    static func item(
        _ reader: inout StoredReader,
        level: Int,
        to writer: inout JSONWriter,
    ) throws(StoredFormError) {
        writer.beginObject()
        var left = try reader.elementCount()
        guard level <= AttributeValue.nestingLevelsMax || left == 0 else { throw .tooDeep }
        while true {
            left -= PlainAttributes.write(&reader, count: left, to: &writer)
            guard left > 0 else { break }
            writer.name(utf8: try reader.run().bindMemory(to: UInt8.self))
            try value(&reader, level: level, to: &writer)
            left -= 1
        }
        writer.endObject()
    }

    static func value(
        _ reader: inout StoredReader,
        level: Int,
        to writer: inout JSONWriter,
    ) throws(StoredFormError) {
        guard level <= AttributeValue.nestingLevelsMax else { throw .tooDeep }
        let tag = try reader.byte()
        if tag == StoredForm.Tag.string {
            writer.object("S", utf8: try reader.run().bindMemory(to: UInt8.self))
            return
        }
        if tag == StoredForm.Tag.number {
            try reader.number().withPlainDigits { writer.object("N", utf8: $0) }
            return
        }
        writer.beginObject()
        switch tag {
        case StoredForm.Tag.null:
            writer.name("NULL")
            writer.bool(true)
        case StoredForm.Tag.false, StoredForm.Tag.true:
            writer.name("BOOL")
            writer.bool(tag == StoredForm.Tag.true)
        case StoredForm.Tag.binary:
            writer.name("B")
            writer.base64(try reader.run().bindMemory(to: UInt8.self))
        case StoredForm.Tag.stringSet...StoredForm.Tag.map:
            var content = try reader.content()
            try collection(tag, &content, level: level, to: &writer)
            guard content.isAtEnd else { throw .malformed }
        default: throw .unknownTag(tag)
        }
        writer.endObject()
    }

    private static func collection(
        _ tag: UInt8,
        _ content: inout StoredReader,
        level: Int,
        to writer: inout JSONWriter,
    ) throws(StoredFormError) {
        if tag == StoredForm.Tag.map {
            writer.name("M")
            return try item(&content, level: level + 1, to: &writer)
        }
        switch tag {
        case StoredForm.Tag.stringSet: writer.name("SS")
        case StoredForm.Tag.numberSet: writer.name("NS")
        case StoredForm.Tag.binarySet: writer.name("BS")
        default: writer.name("L")
        }
        writer.beginArray()
        for _ in 0..<(try content.elementCount()) {
            switch tag {
            case StoredForm.Tag.stringSet:
                writer.string(utf8: try content.run().bindMemory(to: UInt8.self))
            case StoredForm.Tag.numberSet:
                try content.number().withPlainDigits { writer.string(utf8: $0) }
            case StoredForm.Tag.binarySet:
                writer.base64(try content.run().bindMemory(to: UInt8.self))
            default: try value(&content, level: level + 1, to: &writer)
            }
        }
        writer.endArray()
    }
}
