import Items
import Testing

struct ItemSizeTests {
    @Test(arguments: [
        (AttributeValue.string("héé"), 5),
        (.binary([1, 2, 3]), 3),
        (.bool(true), 1),
        (.null, 1),
        (.number(DecimalNumber(0)), 1),
        (.number(DecimalNumber(1)), 2),
        (.number(DecimalNumber(123)), 3),
        (.number(DecimalNumber(123_000)), 3),
        (.number(DecimalNumber(-1234)), 4),
        (.stringSet(["a", "bc"]), 3),
        (.numberSet([DecimalNumber(-1), DecimalNumber(1)]), 5),
        (.binarySet([[1], [2, 3]]), 3),
        (.list([]), 3),
        (.list([.null, .string("ab")]), 8),
        (.map(Item([Item.Attribute("abc", .null)])), 8),
    ])
    func `a value counts as the guide says`(value: AttributeValue, bytes: Int) {
        #expect(value.sizeBytes == bytes)
        #expect(Item([Item.Attribute("né", value)]).sizeBytes == bytes + 3)
    }

    @Test(arguments: [
        ("0", 1), ("-0", 1), ("1", 2), ("12", 2), ("123", 3), ("1234", 3), ("0042", 2),
        ("12345678901234567890123456789012345678", 20), ("100", 2), ("1010", 3),
        ("0.0000001", 2), ("1E125", 2), ("1E-100", 2), ("0.15", 2), ("-42", 3),
        ("1.5", 3), ("15", 2), ("1.200", 3), ("1.234", 4), ("3.14159", 5), ("123456", 4),
        ("100.5", 4), ("1.05", 3), ("-12.345", 5), ("12345678901234567890123456789012345.678", 21),
    ])
    func `digits on either side of the decimal point make pairs apart`(
        text: String,
        bytes: Int,
    ) throws {
        #expect(AttributeValue.number(try DecimalNumber(parsing: text)).sizeBytes == bytes)
    }
}
