extension ItemSize {
    /// The size of the item whose stored form fills `bytes`, as `sizeBytes` counts it, without
    /// making its values.
    package static func bytes(stored bytes: UnsafeRawBufferPointer) throws(StoredFormError) -> Int {
        var reader = StoredReader(bytes)
        try reader.format()
        let size = try item(&reader, level: 1).bytes
        guard reader.isAtEnd else { throw .malformed }
        return size
    }

    private static func item(
        _ reader: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> (bytes: Int, count: Int) {
        let count = try reader.elementCount()
        var size = 0
        for _ in 0..<count { size += try reader.run().count + value(&reader, level: level) }
        return (size, count)
    }

    private static func value(
        _ reader: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> Int {
        guard level <= AttributeValue.nestingLevelsMax else { throw .tooDeep }
        let tag = try reader.byte()
        switch tag {
        case StoredForm.Tag.null, StoredForm.Tag.false, StoredForm.Tag.true: return 1
        case StoredForm.Tag.string, StoredForm.Tag.binary: return try reader.run().count
        case StoredForm.Tag.number: return bytes(of: try reader.number())
        case StoredForm.Tag.stringSet...StoredForm.Tag.map:
            var content = try reader.content()
            let size = try collection(tag, &content, level: level)
            guard content.isAtEnd else { throw .malformed }
            return size
        default: throw .unknownTag(tag)
        }
    }

    private static func collection(
        _ tag: UInt8,
        _ content: inout StoredReader,
        level: Int,
    ) throws(StoredFormError) -> Int {
        if tag == StoredForm.Tag.map {
            let (size, count) = try item(&content, level: level + 1)
            return listOrMapBytes + elementBytes * count + size
        }
        let count = try content.elementCount()
        var size = tag == StoredForm.Tag.list ? listOrMapBytes + elementBytes * count : 0
        for _ in 0..<count {
            switch tag {
            case StoredForm.Tag.list: size += try value(&content, level: level + 1)
            case StoredForm.Tag.numberSet: size += bytes(of: try content.number())
            default: size += try content.run().count
            }
        }
        return size
    }
}
