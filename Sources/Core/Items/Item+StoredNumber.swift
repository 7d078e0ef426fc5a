extension Item {
    /// The number that an item in stored form has under a name, without making the item.
    ///
    /// Nil where it has none, or a value of another type, and for bytes that are no item.
    package static func number(
        named name: Text,
        stored bytes: UnsafeRawBufferPointer,
    ) -> DecimalNumber? {
        do throws(StoredFormError) {
            var reader = StoredReader(bytes)
            try reader.format()
            for _ in 0..<(try reader.elementCount()) {
                let found = try reader.run()
                let isWanted = name.withUTF8 { $0.elementsEqual(found) }
                guard isWanted else {
                    try reader.passValue()
                    continue
                }
                return try reader.byte() == StoredForm.Tag.number ? try reader.number() : nil
            }
            return nil
        } catch {
            return nil
        }
    }
}

extension DecimalNumber {
    /// The number without its fraction; nil for one below zero or of more than 64 bits.
    package var wholeMagnitude: UInt64? {
        guard !isNegative || magnitude == 0 else { return nil }
        if exponent >= 0 { return intValue.map(UInt64.init) }
        var whole = magnitude
        for _ in 0..<(-Int(exponent)) where whole > 0 { whole /= 10 }
        return UInt64(exactly: whole)
    }
}
