/// How many bytes an item counts for: towards the 400 KB limit, page limits and capacity units.
///
/// The rules are the API guide's ("DynamoDB item sizes and formats"): names and strings by their
/// UTF-8, binaries raw, booleans and nulls 1, a number 1 byte and one for every two significant
/// digits and one for a minus sign, lists and maps 3 and 1 for every element, sets the sum. What
/// the guide does not say: digits before the decimal point make pairs apart from those behind it.
package enum ItemSize {
    static let listOrMapBytes = 3
    static let elementBytes = 1
    static let boolOrNullBytes = 1

    static func bytes(of value: AttributeValue) -> Int {
        switch value {
        case .string(let text): text.utf8Count
        case .number(let number): bytes(of: number)
        case .binary(let bytes): bytes.count
        case .bool, .null: boolOrNullBytes
        case .stringSet(let elements): elements.reduce(0) { $0 + $1.utf8Count }
        case .numberSet(let elements): elements.reduce(0) { $0 + bytes(of: $1) }
        case .binarySet(let elements): elements.reduce(0) { $0 + $1.count }
        case .list(let elements):
            elements.reduce(listOrMapBytes) { $0 + elementBytes + bytes(of: $1) }
        case .map(let item):
            listOrMapBytes + elementBytes * item.count + item.sizeBytes
        }
    }

    static func bytes(of number: DecimalNumber) -> Int {
        guard number.magnitude != 0 else { return 1 }
        let digits = DecimalDigits.count(number.magnitude)
        let behindPoint = min(digits, max(0, -Int(number.exponent)))
        let pairs = (digits - behindPoint + 1) / 2 + (behindPoint + 1) / 2
        return 1 + pairs + (number.isNegative ? 1 : 0)
    }
}

extension AttributeValue {
    /// Bytes as the API counts them, without the attribute's name.
    package var sizeBytes: Int { ItemSize.bytes(of: self) }
}

extension Item {
    /// Bytes as the API counts them: all names and values.
    package var sizeBytes: Int {
        switch form {
        case .values(let attributes):
            attributes.reduce(0) { $0 + $1.name.utf8Count + ItemSize.bytes(of: $1.value) }
        case .packed(let packed): packed.sizeBytes
        }
    }
}
