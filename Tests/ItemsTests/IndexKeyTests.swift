import Items
import Testing

struct IndexKeyTests {
    private let schema = IndexSchema(
        partition: [.init(name: "h1", type: .string), .init(name: "h2", type: .number)],
        sort: [
            .init(name: "r1", type: .number), .init(name: "r2", type: .string),
            .init(name: "r3", type: .binary),
        ],
    )

    /// Items of few values, so that many agree in some attributes.
    private func item(_ random: inout SplitMix64, partition: Int = 1) -> Item {
        Item([
            .init("h1", .string(Text("h\(Int.random(in: 0..<partition, using: &random))"))),
            .init("h2", .number(DecimalNumber(Int.random(in: 0..<partition, using: &random)))),
            .init("r1", .number(DecimalNumber(Int.random(in: -11...11, using: &random)))),
            .init("r2", .string(["a", "ab", "b", "a\0"].randomElement(using: &random) ?? "a")),
            .init(
                "r3",
                .binary([[0], [0, 0], [0, 1], [255]].randomElement(using: &random) ?? [0])
            ),
            .init("other", .null),
        ])
    }

    /// Whether `left` comes before `right` by the sort attributes, one after the other.
    private func precedes(_ left: Item, _ right: Item) -> Bool {
        for attribute in schema.sort where left[attribute.name] != right[attribute.name] {
            switch (left[attribute.name], right[attribute.name]) {
            case (.number(let a), .number(let b)): return a < b
            case (.string(let a), .string(let b)): return a < b
            case (.binary(let a), .binary(let b)): return a.lexicographicallyPrecedes(b)
            default: return false
            }
        }
        return false
    }

    @Test func `keys lie in the order of the sort attributes, the first first`() throws {
        var random = SplitMix64(seed: 60)
        for _ in 0..<5_000 {
            let (left, right) = (item(&random), item(&random))
            let a = try IndexKey.bytes(of: left, schema)
            let b = try IndexKey.bytes(of: right, schema)
            #expect(a.lexicographicallyPrecedes(b) == precedes(left, right))
            // Other bytes may follow: no key begins another.
            #expect(a == b || !b.starts(with: a))
        }
    }

    @Test func `a partition's prefix begins its keys and no others`() throws {
        var random = SplitMix64(seed: 61)
        for _ in 0..<2_000 {
            let (left, right) = (item(&random, partition: 4), item(&random, partition: 4))
            let values = schema.partition.compactMap { left[$0.name] }
            let prefix = try IndexKey.partitionPrefix(values, schema)
            let isSame = schema.partition.allSatisfy { left[$0.name] == right[$0.name] }
            #expect(try IndexKey.bytes(of: left, schema).starts(with: prefix))
            #expect(try IndexKey.bytes(of: right, schema).starts(with: prefix) == isSame)
        }
    }

    @Test func `the key attributes come back, and what follows is left`() throws {
        var random = SplitMix64(seed: 62)
        for _ in 0..<1_000 {
            let item = item(&random, partition: 9)
            let key = try IndexKey.bytes(of: item, schema)
            let decoded = try #require(
                (key + [1, 2, 3]).withUnsafeBytes { IndexKey.decode($0, schema) }
            )
            #expect(decoded.count == key.count)
            #expect(decoded.item == Item(item.attributes.filter { schema.contains($0.name) }))
            #expect(key.dropLast().withUnsafeBytes { IndexKey.decode($0, schema) } == nil)
        }
    }

    @Test func `the key of a table's schema is the item's key`() throws {
        let table = TableSchema(
            partition: .init(name: "p", type: .string),
            sort: .init(name: "s", type: .number),
        )
        let item = Item([
            .init("p", .string("x")), .init("s", .number(DecimalNumber(7))), .init("z", .null),
        ])
        let bytes = try IndexKey.bytes(of: item, IndexSchema(table))
        #expect(bytes == (try ItemKey(schema: table, item: item).bytes))
    }

    @Test func `an item without a key value of the right kind has no key`() throws {
        var random = SplitMix64(seed: 63)
        let whole = item(&random)
        for attribute in schema.keyAttributes {
            var item = whole
            item[attribute.name] = nil
            #expect(throws: ItemKeyError.missing(name: attribute.name)) {
                try IndexKey.bytes(of: item, schema)
            }
            item[attribute.name] = .bool(true)
            #expect(throws: ItemKeyError.self) { try IndexKey.bytes(of: item, schema) }
        }
        var item = whole
        item["r2"] = .string("")
        #expect(throws: ItemKeyError.empty(name: "r2", type: .string)) {
            try IndexKey.bytes(of: item, schema)
        }
    }

    @Test func `values of several attributes have one bound together`() throws {
        func long(_ bytes: Int) -> AttributeValue {
            .string(Text(String(repeating: "x", count: bytes)))
        }
        let schema = IndexSchema(
            partition: [.init(name: "a", type: .string), .init(name: "b", type: .string)],
            sort: [.init(name: "c", type: .string), .init(name: "d", type: .string)],
        )
        func key(_ partition: (Int, Int), _ sort: (Int, Int)) throws(ItemKeyError) -> [UInt8] {
            let item = Item([
                .init("a", long(partition.0)), .init("b", long(partition.1)),
                .init("c", long(sort.0)), .init("d", long(sort.1)),
            ])
            return try IndexKey.bytes(of: item, schema)
        }
        #expect(try key((2_000, 48), (1_000, 24)).isEmpty == false)
        #expect(
            throws: ItemKeyError.tooLong(
                name: "b",
                isPartition: true,
                bytes: 2_049,
                bytesMax: 2_048
            )
        ) { try key((2_000, 49), (1, 1)) }
        #expect(
            throws: ItemKeyError.tooLong(
                name: "d",
                isPartition: false,
                bytes: 1_025,
                bytesMax: 1_024,
            )
        ) { try key((1, 1), (1_000, 25)) }
    }
}
