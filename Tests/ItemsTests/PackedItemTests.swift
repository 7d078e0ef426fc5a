import JSON
import Testing

@testable import Items

/// Items in their stored form, against the same items as values.
struct PackedItemTests {
    private func packed(_ item: Item) throws -> Item {
        Item(try PackedItem(checking: item.encoded()))
    }

    private func json(_ item: Item) -> [UInt8] {
        var writer = JSONWriter()
        item.write(to: &writer)
        return writer.bytes
    }

    private func expectSame(_ item: Item, _ other: Item) {
        #expect(item == other)
        #expect(other == item)
        #expect(item.encoded() == other.encoded())
        #expect(item.sizeBytes == other.sizeBytes)
        #expect(item.attributes == other.attributes)
    }

    @Test func `random items say the same of themselves`() throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<2_000 {
            let item = RandomItem.item(&random)
            let packed = try packed(item)
            expectSame(packed, item)
            #expect(packed == (try self.packed(item)))
            #expect(packed.count == item.count)
            #expect(packed.isEmpty == item.isEmpty)
            #expect(json(packed) == json(item))
            for name in item.attributes.map(\.name) + [RandomItem.text(&random)] {
                #expect(packed[name] == item[name])
            }
            for levels in 1...4 {
                #expect(packed.isNested(deeperThan: levels) == item.isNested(deeperThan: levels))
            }
            var (bytes, others): ([UInt8], [UInt8]) = ([7], [7])
            packed.append(to: &bytes)
            item.append(to: &others)
            #expect(bytes == others)
        }
    }

    @Test(arguments: [Item.packedAttributesMax, Item.packedAttributesMax + 1])
    func `an item of many attributes does not stay in its stored form`(count: Int) throws {
        let item = Item((0..<count).map { .init(Text("a\($0)"), .number(DecimalNumber($0))) })
        let stored = try Item(stored: item.encoded())
        expectSame(stored, item)
        if case .packed = stored.form {
            #expect(count == Item.packedAttributesMax)
        } else {
            #expect(count > Item.packedAttributesMax)
        }
    }

    @Test func `items that differ are not equal`() throws {
        let (one, other): (Item, Item) = (
            Item([.init("a", .string("x"))]), Item([.init("a", .string("y"))])
        )
        #expect(try packed(one) != packed(other))
        #expect(try packed(one) != other)
        #expect(try one != packed(other))
    }

    @Test func `attributes are set and removed`() throws {
        var random = SplitMix64(seed: 6)
        for _ in 0..<1_000 {
            var item = RandomItem.item(&random)
            var packed = try packed(item)
            for _ in 0..<3 {
                let names = item.attributes.map(\.name) + [RandomItem.text(&random)]
                let name = names.randomElement(using: &random)!
                let value =
                    Bool.random(using: &random) ? RandomItem.value(&random, depth: 1) : nil
                item[name] = value
                packed[name] = value
                expectSame(packed, item)
            }
        }
    }

    @Test func `many attributes are changed at once`() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<3_000 {
            let item = RandomItem.item(&random)
            var changes: [(name: Text, value: AttributeValue?)] = []
            let names = item.attributes.map(\.name) + (0..<4).map { _ in RandomItem.text(&random) }
            for name in Set(names) where Bool.random(using: &random) {
                let value =
                    Bool.random(using: &random) ? RandomItem.value(&random, depth: 1) : nil
                changes.append((name, value))
            }
            guard !changes.isEmpty else { continue }
            let changed = try packed(item).changing(changes)
            expectSame(changed, item.changing(changes))
            guard case .packed(let bytes) = changed.form else {
                Issue.record("a small change made values of an item")
                continue
            }
            let scan = try changed.encoded().withUnsafeBytes { try StoredScan(stored: $0) }
            #expect(scan.sizeBytes == bytes.sizeBytes)
        }
    }

    @Test(arguments: [100, 126, 127, 128, 200])
    func `an item of so many attributes is changed`(count: Int) throws {
        let item = Item(
            (0..<count).map { Item.Attribute(Text("a\($0)"), .number(DecimalNumber($0))) }
        )
        let changes: [(name: Text, value: AttributeValue?)] = [
            ("a0", nil), ("a50", .null), ("zz", .string("new")),
        ]
        expectSame(try packed(item).changing(changes), item.changing(changes))
    }

    @Test func `bytes that are no item are refused`() throws {
        let bytes = Item([.init("a", .string("x")), .init("b", .null)]).encoded()
        for count in 0..<bytes.count {
            #expect(throws: StoredFormError.self) { try Item(stored: Array(bytes.prefix(count))) }
        }
        #expect(throws: StoredFormError.malformed) { try Item(stored: bytes + [0]) }
    }
}
