import Testing

@testable import Items

/// What an index is told of an item as it lies, against what the item says as values.
struct StoredItemTests {
    private let schemas = [
        IndexSchema(partition: [.init(name: "h", type: .string)]),
        IndexSchema(
            partition: [.init(name: "b", type: .binary)],
            sort: [.init(name: "n", type: .number)]
        ),
        IndexSchema(
            partition: [.init(name: "n", type: .number)],
            sort: [.init(name: "h", type: .string)]
        ),
        IndexSchema(
            partition: [.init(name: "h", type: .string), .init(name: "n", type: .number)],
            sort: [.init(name: "b", type: .binary), .init(name: "", type: .string)],
        ),
        IndexSchema(
            partition: [.init(name: "h", type: .string)],
            sort: [.init(name: "n", type: .number), .init(name: "b", type: .binary)],
        ),
    ]

    /// An item that has key attributes, some of them too long, empty or of another kind, among others.
    private func item(_ random: inout SplitMix64) -> Item {
        var item = RandomItem.item(&random)
        for name: Text in ["h", "b", "n", ""] where Int.random(in: 0..<8, using: &random) > 0 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: item[name] = RandomItem.value(&random, depth: 2)
            case 1: item[name] = .string(Text(String(repeating: "x", count: 1_025)))
            case 2: item[name] = .binary([UInt8](repeating: 7, count: 2_049))
            case 3: item[name] = name == "b" ? .binary([]) : .string("")
            default:
                item[name] =
                    switch name {
                    case "b": .binary(RandomItem.binary(&random))
                    case "n": .number(RandomItem.number(&random))
                    default: .string(RandomItem.text(&random))
                    }
            }
        }
        return item
    }

    @Test func `a place in an index is the one that the values have`() throws {
        var random = SplitMix64(seed: 70)
        var (found, missing) = (0, 0)
        for _ in 0..<2_000 {
            let item = item(&random)
            for schema in schemas {
                let expected = try? IndexKey.bytes(of: item, schema)
                let key = try item.encoded().withUnsafeBytes {
                    try StoredItem(checking: $0).key(in: schema)
                }
                #expect(key == expected)
                if expected == nil { missing += 1 } else { found += 1 }
            }
        }
        try #require(found > 500 && missing > 500)
    }

    @Test func `what is kept of it is an item of these attributes`() throws {
        var random = SplitMix64(seed: 71)
        for _ in 0..<2_000 {
            let item = item(&random)
            var names = Set<Text>(["h", "zz"])
            for attribute in item.attributes where Bool.random(using: &random) {
                names.insert(attribute.name)
            }
            if Bool.random(using: &random) { names.remove("h") }
            let expected = Item(item.attributes.filter { names.contains($0.name) })
            try item.encoded().withUnsafeBytes { bytes in
                let stored = try StoredItem(checking: bytes)
                let kept = stored.keeping(names.sorted())
                #expect(kept.image == expected.encoded())
                #expect(kept.sizeBytes == expected.sizeBytes)
                #expect(stored.image == item.encoded())
            }
        }
    }

    @Test func `many attributes are kept too`() throws {
        let item = Item((0..<300).map { .init(Text("a\($0)"), .number(DecimalNumber($0))) })
        let names = item.attributes.map(\.name)
        let kept = try item.encoded().withUnsafeBytes {
            try StoredItem(checking: $0).keeping(names)
        }
        #expect(kept.image == item.encoded())
        #expect(kept.sizeBytes == item.sizeBytes)
    }

    @Test func `bytes that are no item are refused`() {
        var random = SplitMix64(seed: 72)
        for _ in 0..<2_000 {
            var bytes = item(&random).encoded()
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeLast(bytes.count - place)
            case 1: bytes.append(0)
            default: bytes[place] ^= UInt8(1) << UInt8(Int.random(in: 0..<8, using: &random))
            }
            let isItem = (try? Item(decoding: bytes)) != nil
            let isStored = bytes.withUnsafeBytes { (try? StoredItem(checking: $0)) != nil }
            #expect(isItem == isStored)
        }
    }
}
