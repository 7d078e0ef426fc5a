import Items

/// Items of every shape, for properties.
enum RandomItem {
    static func item(_ random: inout SplitMix64, depth: Int = 3) -> Item {
        Item(
            (0..<Int.random(in: 0...6, using: &random)).map { _ in
                Item.Attribute(text(&random), value(&random, depth: depth))
            }
        )
    }

    static func value(_ random: inout SplitMix64, depth: Int) -> AttributeValue {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 8), using: &random) {
        case 0: .string(text(&random))
        case 1: .number(number(&random))
        case 2: .binary(binary(&random))
        case 3: .bool(Bool.random(using: &random))
        case 4: .null
        case 5: .sortedStringSet(many(&random) { text(&$0) })
        case 6: .sortedNumberSet(many(&random) { number(&$0) })
        case 7: .sortedBinarySet(many(&random) { binary(&$0) })
        case 8: .list(many(&random) { value(&$0, depth: depth - 1) })
        default: .map(item(&random, depth: depth - 1))
        }
    }

    static func text(_ random: inout SplitMix64) -> Text {
        let alphabet: [Unicode.Scalar] = [
            "a", "b", "c", "\u{0}", "\u{1}", "é", "\u{301}", "漢", "🦊", "\"",
        ]
        var text = String.UnicodeScalarView()
        let count =
            Int.random(in: 0..<10, using: &random) == 0
            ? 200 : Int.random(in: 0...6, using: &random)
        for _ in 0..<count {
            text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
        }
        return Text(String(text))
    }

    static func binary(_ random: inout SplitMix64) -> [UInt8] {
        let bytes: [UInt8] = [0, 1, 2, 0x7f, 0xfe, 0xff]
        return (0..<Int.random(in: 0...5, using: &random)).map { _ in
            bytes[Int.random(in: 0..<bytes.count, using: &random)]
        }
    }

    /// Numbers of all lengths and scales, many of them near each other.
    static func number(_ random: inout SplitMix64) -> DecimalNumber {
        let sign = Bool.random(using: &random) ? "-" : ""
        let count = Bool.random(using: &random) ? 2 : Int.random(in: 1...38, using: &random)
        let digits = (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }
        let exponent =
            Bool.random(using: &random)
            ? Int.random(in: -2...2, using: &random) : Int.random(in: -130...87, using: &random)
        return (try? DecimalNumber(parsing: "\(sign)\(digits.joined())e\(exponent)")) ?? .zero
    }

    private static func many<Element>(
        _ random: inout SplitMix64,
        _ make: (inout SplitMix64) -> Element,
    ) -> [Element] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in make(&random) }
    }
}
