package import JSON

/// Makes items of the usual kind from JSON into their stored form in one go, without a tree and
/// without values.
///
/// Usual are up to 40 attributes that are strings, numbers, booleans and nulls, with no escapes in
/// strings and names. Everything else is left to the parser, `Item(json:)` and `Item.encoded()`, above
/// all whatever there is an error to tell of; what both ways take has the same bytes and size.
/// An item of ten attributes costs a quarter of the instructions, and one allocation in place of twenty.
package enum ItemPacking {
    /// The most attributes, so that what is noted of them fits on the stack.
    static let attributesMax = 40

    /// As `JSONPacking.Pack` has it.
    @Sendable
    package static func pack(
        _ text: UnsafeBufferPointer<UInt8>,
        _ position: inout Int,
    ) -> PackedJSON? {
        // Places in the text are noted in 32 bits.
        guard text.count <= Int(UInt32.max) else { return nil }
        return withUnsafeTemporaryAllocation(
            of: PackedAttribute.self,
            capacity: attributesMax,
        ) { attributes in
            withUnsafeTemporaryAllocation(
                of: UInt8.self,
                capacity: attributesMax * DecimalNumber.orderedBytesMax,
            ) { numbers in
                var reader = AttributeReader(text, at: position, numbers: numbers)
                guard let count = reader.read(into: attributes) else { return nil }
                let read = UnsafeMutableBufferPointer(rebasing: attributes[..<count])
                guard sort(read, in: text) else { return nil }
                position = reader.cursor.position
                return PackedJSON(
                    bytes: bytes(of: UnsafeBufferPointer(read), text, UnsafeBufferPointer(numbers)),
                    sizeBytes: reader.sizeBytes,
                )
            }
        }
    }

    /// Sorts by name; false if two have the same.
    ///
    /// By insertion: they are few, and often sorted.
    private static func sort(
        _ attributes: UnsafeMutableBufferPointer<PackedAttribute>,
        in text: UnsafeBufferPointer<UInt8>,
    ) -> Bool {
        for next in attributes.indices.dropFirst() {
            let attribute = attributes[next]
            var place = next
            while place > 0 {
                let order = attributes[place - 1].order(against: attribute, in: text)
                if order == 0 { return false }
                if order < 0 { break }
                attributes[place] = attributes[place - 1]
                place -= 1
            }
            attributes[place] = attribute
        }
        return true
    }

    private static func bytes(
        of attributes: UnsafeBufferPointer<PackedAttribute>,
        _ text: UnsafeBufferPointer<UInt8>,
        _ numbers: UnsafeBufferPointer<UInt8>,
    ) -> [UInt8] {
        // The format, and a count below 128.
        let byteCount = attributes.reduce(2) { $0 + $1.storedBytes }
        var bytes: [UInt8] = []
        // The array's initializer for this looks its type up each time: 500 instructions.
        bytes.append(addingCapacity: byteCount) { span in
            span.withUnsafeMutableBufferPointer { buffer, initializedCount in
                var output = StoredOutput(buffer)
                output.put(StoredForm.format)
                output.put(UInt8(truncatingIfNeeded: attributes.count))
                for attribute in attributes {
                    output.put(attribute.name(in: text))
                    output.put(attribute.tag)
                    switch attribute.tag {
                    case StoredForm.Tag.string: output.put(attribute.value(in: text))
                    case StoredForm.Tag.number: output.put(attribute.value(in: numbers))
                    default: break
                    }
                }
                precondition(output.count == byteCount, "what is written was measured before")
                initializedCount = byteCount
            }
        }
        return bytes
    }
}

extension Item {
    /// The item that comes next at a cursor, if it is of the usual kind: what the parser, asked to pack it,
    /// makes of the same bytes.
    package init?(plain cursor: inout PlainCursor) {
        let packed = cursor.object { text, position in
            ItemPacking.pack(text, &position)
        }
        guard let packed else { return nil }
        self.init(PackedItem(known: packed.bytes, sizeBytes: packed.sizeBytes))
    }
}

/// An attribute while an item is packed: where its name and value lie.
private struct PackedAttribute {
    /// The name's first eight bytes, the first one highest, filled up with zeros: decides most
    /// comparisons.
    private let nameStart: UInt64
    private let namePlace: UInt32
    private let nameCount: UInt16
    /// One of `StoredForm.Tag`: null, false, true, string or number.
    var tag = StoredForm.Tag.null
    /// Of a string in the text, of a number among the numbers; else empty.
    var valuePlace: UInt32 = 0
    var valueCount: UInt32 = 0

    init(_ name: UnsafeBufferPointer<UInt8>, at place: Int) {
        nameStart = NameOrder.start(of: UnsafeRawBufferPointer(name))
        namePlace = UInt32(place)
        nameCount = UInt16(name.count)
    }

    func name(in text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let place = Int(namePlace)
        return UnsafeBufferPointer(rebasing: text[place..<(place + Int(nameCount))])
    }

    func value(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let place = Int(valuePlace)
        return UnsafeBufferPointer(rebasing: bytes[place..<(place + Int(valueCount))])
    }

    func order(against other: PackedAttribute, in text: UnsafeBufferPointer<UInt8>) -> Int {
        if nameStart != other.nameStart { return nameStart < other.nameStart ? -1 : 1 }
        return ByteOrder.compare(
            UnsafeRawBufferPointer(name(in: text)),
            UnsafeRawBufferPointer(other.name(in: text)),
        )
    }

    /// How many bytes it takes in the stored form.
    var storedBytes: Int {
        let name = StoredForm.runBytes(Int(nameCount))
        return tag < StoredForm.Tag.string
            ? name + 1 : name + 1 + StoredForm.runBytes(Int(valueCount))
    }
}

/// Reads an item's attributes in the order of the text.
private struct AttributeReader {
    private(set) var cursor: PlainCursor
    private(set) var sizeBytes = 0
    private let text: UnsafeBufferPointer<UInt8>
    private let numbers: UnsafeMutableBufferPointer<UInt8>
    private var numbersCount = 0

    init(
        _ text: UnsafeBufferPointer<UInt8>,
        at position: Int,
        numbers: UnsafeMutableBufferPointer<UInt8>,
    ) {
        self.text = text
        self.numbers = numbers
        cursor = PlainCursor(text, at: position)
    }

    /// Returns how many there are, at least one; nil where something is not usual.
    mutating func read(into attributes: UnsafeMutableBufferPointer<PackedAttribute>) -> Int? {
        guard cursor.take(UInt8(ascii: "{")) else { return nil }
        var count = 0
        while count < attributes.count {
            guard let attribute = attribute() else { return nil }
            attributes.initializeElement(at: count, to: attribute)
            count += 1
            guard let isLast = cursor.takeEnd(UInt8(ascii: "}")) else { return nil }
            if isLast { return count }
        }
        return nil
    }

    private mutating func attribute() -> PackedAttribute? {
        guard let name = cursor.utf8String(), (1...ItemLimits.nameBytesMax).contains(name.count)
        else { return nil }
        var attribute = PackedAttribute(name, at: place(of: name))
        guard cursor.take(UInt8(ascii: ":")), cursor.take(UInt8(ascii: "{")),
            let valueBytes = readValue(&attribute),
            cursor.take(UInt8(ascii: "}"))
        else { return nil }
        sizeBytes += name.count + valueBytes
        return attribute
    }

    /// Returns the value's size as the API counts it.
    private mutating func readValue(_ attribute: inout PackedAttribute) -> Int? {
        if let type = cursor.oneByteName() {
            switch type {
            case UInt8(ascii: "S"): return readString(&attribute)
            case UInt8(ascii: "N"): return readNumber(&attribute)
            default: return nil
            }
        }
        let isBool = cursor.take(name: "BOOL")
        guard isBool || cursor.take(name: "NULL"), let value = cursor.bool(), isBool || value else {
            return nil
        }
        attribute.tag =
            isBool ? (value ? StoredForm.Tag.true : StoredForm.Tag.false) : StoredForm.Tag.null
        return ItemSize.boolOrNullBytes
    }

    private mutating func readString(_ attribute: inout PackedAttribute) -> Int? {
        guard let string = cursor.utf8String() else { return nil }
        attribute.tag = StoredForm.Tag.string
        attribute.valuePlace = UInt32(place(of: string))
        attribute.valueCount = UInt32(string.count)
        return string.count
    }

    private mutating func readNumber(_ attribute: inout PackedAttribute) -> Int? {
        guard let digits = cursor.utf8String(), let number = try? DecimalNumber(parsing: digits)
        else { return nil }
        let room = UnsafeMutableBufferPointer(rebasing: numbers[numbersCount...])
        let count = number.writeOrdered(into: room)
        attribute.tag = StoredForm.Tag.number
        attribute.valuePlace = UInt32(numbersCount)
        attribute.valueCount = UInt32(count)
        numbersCount += count
        return ItemSize.bytes(of: number)
    }

    private func place(of part: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = text.baseAddress, let place = part.baseAddress else { return 0 }
        return place - start
    }
}

/// Writes to memory that was measured before.
private struct StoredOutput {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }

    /// A length and the bytes.
    @inline(__always)
    mutating func put(_ run: UnsafeBufferPointer<UInt8>) {
        var rest = run.count
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(UInt8(truncatingIfNeeded: rest))
        let room = UnsafeMutableBufferPointer(rebasing: buffer[count...])
        _ = room.update(fromContentsOf: run)
        count += run.count
    }
}
