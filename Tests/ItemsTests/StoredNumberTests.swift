import Items
import Testing

/// A number found in an item's stored form.
struct StoredNumberTests {
    private func number(_ name: Text, in item: Item) -> DecimalNumber? {
        item.encoded().withUnsafeBytes { Item.number(named: name, stored: $0) }
    }

    @Test func `a number at the top is found among all kinds of values`() {
        let values: [AttributeValue] = [
            .null, .bool(true), .bool(false), .string("text"), .binary([1, 2]),
            .number(DecimalNumber(7)), .list([.number(DecimalNumber(1))]),
            .map(Item([.init("x", .number(DecimalNumber(2)))])), .stringSet(["a", "b"]),
            .numberSet([DecimalNumber(3)]), .binarySet([[4]]),
        ]
        for value in values {
            let item = Item([
                .init("a", value), .init("x", .number(DecimalNumber(12))), .init("z", value),
            ])
            #expect(number("x", in: item) == DecimalNumber(12))
            #expect(number("y", in: item) == nil)
            let isNumber = value == .number(DecimalNumber(7))
            #expect(number("z", in: item) == (isNumber ? DecimalNumber(7) : nil))
        }
    }

    @Test func `bytes that are cut short have none`() {
        let bytes = Item([.init("x", .number(DecimalNumber(12)))]).encoded()
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            #expect(cut.withUnsafeBytes { Item.number(named: "x", stored: $0) } == nil)
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("12", 12), ("12.9", 12), ("0.9", 0), ("1E-130", 0), ("1.5e1", 15),
            ("18446744073709551616", nil), ("-1", nil), ("-0.5", nil), ("1E125", nil),
        ] as [(String, UInt64?)]
    )
    func `a number without its fraction`(text: String, whole: UInt64?) throws {
        #expect(try DecimalNumber(parsing: text).wholeMagnitude == whole)
    }
}
