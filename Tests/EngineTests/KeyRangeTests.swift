import Expressions
import Items
import Testing

@testable import Engine

/// Ranges of keys of several attributes, compared with a look at the attributes themselves.
struct KeyRangeTests {
    private let schema = IndexSchema(
        partition: [.init(name: "h1", type: .string), .init(name: "h2", type: .number)],
        sort: [.init(name: "r1", type: .number), .init(name: "r2", type: .string)],
    )

    private static let texts: [Text] = ["a", "ab", "abc", "b", "a\0", "ba"]

    private func item(_ random: inout SplitMix64) -> Item {
        Item([
            .init("h1", text(Bool.random(using: &random) ? "h" : "i")),
            .init("h2", number(Int.random(in: 0...1, using: &random))),
            .init("r1", number(Int.random(in: -2...11, using: &random))),
            .init("r2", .string(Self.texts.randomElement(using: &random) ?? "a")),
        ])
    }

    private func condition(_ item: Item, _ random: inout SplitMix64) -> KeyCondition? {
        guard let h1 = item["h1"], let h2 = item["h2"], let r1 = item["r1"], let r2 = item["r2"]
        else { return nil }
        let sort = Int.random(in: 0...8, using: &random)
        let isSecond = Bool.random(using: &random)
        let value = isSecond ? r2 : r1
        let other = isSecond ? AttributeValue.string("ab") : number(3)
        let chosen: KeyCondition.SortCondition? =
            switch sort {
            case 0: .equal(value)
            case 1: .less(value)
            case 2: .lessOrEqual(value)
            case 3: .greater(value)
            case 4: .greaterOrEqual(value)
            case 5: .between(value, other)
            case 6: .between(other, value)
            case 7 where isSecond: .beginsWith(value)
            default: nil
            }
        return KeyCondition(partition: [h1, h2], leading: isSecond ? [r1] : [], sort: chosen)
    }

    private func precedes(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a < b
        case (.string(let a), .string(let b)): a < b
        default: false
        }
    }

    private func holds(_ sort: KeyCondition.SortCondition, of value: AttributeValue) -> Bool {
        switch sort {
        case .equal(let bound): value == bound
        case .less(let bound): precedes(value, bound)
        case .lessOrEqual(let bound): !precedes(bound, value)
        case .greater(let bound): precedes(bound, value)
        case .greaterOrEqual(let bound): !precedes(value, bound)
        case .between(let low, let high): !precedes(value, low) && !precedes(high, value)
        case .beginsWith(let start):
            switch (value, start) {
            case (.string(let text), .string(let start)):
                text.string.unicodeScalars.starts(with: start.string.unicodeScalars)
            default: false
            }
        }
    }

    private func holds(_ condition: KeyCondition, of item: Item) -> Bool {
        let partition = schema.partition.compactMap { item[$0.name] }
        let sort = schema.sort.compactMap { item[$0.name] }
        guard partition == condition.partition,
            Array(sort.prefix(condition.leading.count)) == condition.leading
        else { return false }
        return condition.sort.map { holds($0, of: sort[condition.leading.count]) } ?? true
    }

    @Test func `a range has the keys of which its condition holds`() throws {
        var random = SplitMix64(seed: 70)
        var found = 0
        for _ in 0..<4_000 {
            let item = item(&random)
            let asked = try #require(condition(self.item(&random), &random))
            let range = try KeyRange(asked, schema: schema)
            // The item's own key follows that of the index.
            let key = try IndexKey.bytes(of: item, schema) + [7, 0, 255]
            #expect(range.contains(key) == holds(asked, of: item), "\(asked) \(item)")
            if range.contains(key) { found += 1 }
        }
        #expect(found > 100)
    }
}
