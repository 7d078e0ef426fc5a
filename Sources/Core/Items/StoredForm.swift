/// The bytes that items are stored and replicated as.
///
/// An item is a format byte, then a map's inside. A map's inside is the number of attributes, then
/// each attribute's name and value, sorted by name. A name is its length in bytes and its UTF-8. A
/// value is a tag byte and what the tag says: nothing for null, false and true; a length and bytes
/// for strings, binaries and numbers (`DecimalNumber`'s ordered bytes); for lists, maps and sets
/// four bytes of length (little-endian) of the rest, the number of elements, and the elements. So
/// every value can be passed over without reading it. Other lengths and counts are varints: seven
/// bits a byte, lowest first, in the fewest bytes.
///
/// There is one form for each item: equal items have equal bytes, and a decoder refuses any other
/// form. These bytes outlive the program that wrote them, so the layout only changes with the
/// format byte.
enum StoredForm {
    static let format: UInt8 = 1

    enum Tag {
        static let null: UInt8 = 0
        static let `false`: UInt8 = 1
        static let `true`: UInt8 = 2
        static let string: UInt8 = 3
        static let number: UInt8 = 4
        static let binary: UInt8 = 5
        static let stringSet: UInt8 = 6
        static let numberSet: UInt8 = 7
        static let binarySet: UInt8 = 8
        static let list: UInt8 = 9
        static let map: UInt8 = 10
    }

    /// How many bytes a length and as many bytes take.
    static func runBytes(_ count: Int) -> Int {
        var bytes = count + 1
        var rest = count >> 7
        while rest > 0 {
            bytes += 1
            rest >>= 7
        }
        return bytes
    }
}

/// Bytes that are not an item's stored form: damaged data, or a newer program's.
package enum StoredFormError: Error, Equatable, Sendable {
    case truncated
    case unknownFormat(UInt8)
    case unknownTag(UInt8)
    /// Readable, but not the one form the value has: unsorted, an overlong length, a bad number.
    case malformed
    /// Nested deeper than `AttributeValue.nestingLevelsMax`.
    case tooDeep
}
