import Testing

@testable import Items

/// Whether an item belongs under a key, told from its bytes.
struct StoredScanKeyTests {
    private static let types: [TableSchema.KeyType] = [.string, .number, .binary]

    private func isItem(_ item: Item, at key: [UInt8], _ schema: TableSchema, _ bytes: Int) -> Bool
    {
        item.encoded().withUnsafeBytes { stored in
            key.withUnsafeBytes {
                StoredScan.isItem(stored, at: $0, of: schema, sizeBytes: bytes)
            }
        }
    }

    /// An item that has, as a rule, the key attributes of a schema.
    private func item(_ schema: TableSchema, _ random: inout SplitMix64) -> Item {
        var attributes = RandomItem.item(&random, depth: 1).attributes
        for key in [schema.partition, schema.sort].compactMap(\.self) {
            attributes.removeAll { $0.name == key.name }
            switch (Int.random(in: 0..<12, using: &random), key.type) {
            case (0, _): break
            case (1, _):
                attributes.append(Item.Attribute(key.name, RandomItem.value(&random, depth: 0)))
            case (_, .string):
                attributes.append(Item.Attribute(key.name, .string(RandomItem.text(&random))))
            case (_, .number):
                attributes.append(Item.Attribute(key.name, .number(RandomItem.number(&random))))
            case (_, .binary):
                attributes.append(Item.Attribute(key.name, .binary(RandomItem.binary(&random))))
            }
        }
        return Item(attributes)
    }

    private func schema(_ random: inout SplitMix64) -> TableSchema {
        let types = StoredScanKeyTests.types
        let partition = types.randomElement(using: &random) ?? .string
        let sort = types.randomElement(using: &random) ?? .string
        return TableSchema(
            partition: .init(name: "p", type: partition),
            sort: Bool.random(using: &random) ? .init(name: "s", type: sort) : nil,
        )
    }

    /// Keys whose values hold a byte 0, which is escaped, are left to a closer look.
    private func holdsZero(_ item: Item, _ schema: TableSchema) -> Bool {
        [schema.partition, schema.sort].compactMap { $0.flatMap { item[$0.name] } }.contains {
            switch $0 {
            case .string(let text): text.string.utf8.contains(0)
            case .binary(let bytes): bytes.contains(0)
            default: false
            }
        }
    }

    @Test func `an item is told to belong under its own key, with its own size`() {
        var random = SplitMix64(seed: 44)
        var told = 0
        for _ in 0..<6_000 {
            let schema = schema(&random)
            let item = item(schema, &random)
            let key = try? ItemKey(schema: schema, item: item).bytes
            let isTold = isItem(item, at: key ?? [1, 2, 3], schema, item.sizeBytes)
            #expect(isTold == (key != nil && !holdsZero(item, schema)))
            told += isTold ? 1 : 0
        }
        #expect(told > 1_000)
    }

    @Test func `it belongs under no other key, and with no other size`() throws {
        var random = SplitMix64(seed: 45)
        for _ in 0..<6_000 {
            let schema = schema(&random)
            let item = item(schema, &random)
            guard let key = try? ItemKey(schema: schema, item: item).bytes else { continue }
            #expect(!isItem(item, at: key, schema, item.sizeBytes + 1))
            #expect(!isItem(item, at: key + [0], schema, item.sizeBytes))
            #expect(!isItem(item, at: Array(key.dropLast()), schema, item.sizeBytes))
            var other = key
            other[Int.random(in: 0..<key.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
            #expect(!isItem(item, at: other, schema, item.sizeBytes))
        }
    }

    @Test func `bytes that are no item belong nowhere`() {
        var random = SplitMix64(seed: 46)
        let schema = TableSchema(partition: .init(name: "p", type: .string))
        for _ in 0..<20_000 {
            var bytes = item(schema, &random).encoded()
            bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                UInt8.random(in: 0...255, using: &random)
            let item = try? Item(decoding: bytes)
            let key = item.flatMap { try? ItemKey(schema: schema, item: $0).bytes }
            let isTold = bytes.withUnsafeBytes { stored in
                (key ?? [0, 0, 0]).withUnsafeBytes {
                    StoredScan.isItem(
                        stored,
                        at: $0,
                        of: schema,
                        sizeBytes: item?.sizeBytes ?? bytes.count,
                    )
                }
            }
            if isTold { #expect(key != nil) }
        }
    }
}
