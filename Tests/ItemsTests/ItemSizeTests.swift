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
}
