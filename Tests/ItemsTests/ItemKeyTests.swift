import Items
import Testing

struct ItemKeyTests {
    private func schema(
        _ partition: TableSchema.KeyType,
        _ sort: TableSchema.KeyType?,
    ) -> TableSchema {
        TableSchema(
            partition: TableSchema.KeyAttribute(name: "p", type: partition),
            sort: sort.map { TableSchema.KeyAttribute(name: "s", type: $0) },
        )
    }

    private func value(_ type: TableSchema.KeyType, _ random: inout SplitMix64) -> AttributeValue {
        while true {
            switch type {
            case .number: return .number(RandomItem.number(&random))
            case .string:
                let text = RandomItem.text(&random)
                if text.utf8Count > 0 { return .string(text) }
            case .binary:
                let bytes = RandomItem.binary(&random)
                if !bytes.isEmpty { return .binary(bytes) }
            }
        }
    }

    /// Whether `left` sorts before `right` in the API's order.
    private func precedes(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a < b
        case (.string(let a), .string(let b)): a < b
        case (.binary(let a), .binary(let b)): a.lexicographicallyPrecedes(b)
        default: false
        }
    }

    @Test(arguments: [TableSchema.KeyType.string, .number, .binary])
    func `encoded sort values have the order of the values`(type: TableSchema.KeyType) throws {
        var random = SplitMix64(seed: 50)
        let schema = schema(.string, type)
        for _ in 0..<20000 {
            let (left, right) = (value(type, &random), value(type, &random))
            let a = try ItemKey.encodeSort(schema: schema, value: left)
            let b = try ItemKey.encodeSort(schema: schema, value: right)
            #expect(a.lexicographicallyPrecedes(b) == precedes(left, right))
            #expect((a == b) == (left == right))
            #expect(left == right || !b.starts(with: a))
        }
    }

    @Test(arguments: [TableSchema.KeyType.string, .number, .binary])
    func `key attributes come back from the key`(type: TableSchema.KeyType) throws {
        var random = SplitMix64(seed: 51)
        for sort in [nil, TableSchema.KeyType.string, .number, .binary] {
            let schema = schema(type, sort)
            for _ in 0..<500 {
                let partition = value(type, &random)
                var key = Item([Item.Attribute("p", partition)])
                if let sort { key["s"] = value(sort, &random) }
                let itemKey = try ItemKey(schema: schema, key: key)
                #expect(try itemKey.keyItem(schema: schema) == key)
                let prefix = try ItemKey.partitionPrefix(schema: schema, value: partition)
                #expect(try itemKey.partitionPrefix(schema: schema) == prefix)
                #expect(itemKey.bytes.starts(with: prefix))
                key["z"] = .null
                #expect(try ItemKey(schema: schema, item: key) == itemKey)
                #expect(throws: ItemKeyError.extraAttributes) {
                    try ItemKey(schema: schema, key: key)
                }
            }
        }
    }

    @Test func `a prefix matches the encodings of what begins with it and no others`() throws {
        var random = SplitMix64(seed: 52)
        let schema = schema(.string, .string)
        for _ in 0..<20000 {
            guard case .string(let text) = value(.string, &random) else { continue }
            let start = RandomItem.text(&random)
            let encoded = try ItemKey.encodeSort(schema: schema, value: .string(text))
            let prefix = try ItemKey.sortPrefix(schema: schema, beginsWith: .string(start))
            let begins = text.string.utf8.starts(with: start.string.utf8)
            #expect(encoded.starts(with: prefix) == begins)
            let isBelow =
                ItemKey.upperBound(ofPrefix: prefix)
                .map(encoded.lexicographicallyPrecedes) ?? true
            #expect((!encoded.lexicographicallyPrecedes(prefix) && isBelow) == begins)
        }
    }

    @Test(
        arguments: [
            ([], nil), ([0xff, 0xff], nil), ([1], [2]), ([1, 0xff], [2]),
            ([0, 0xff, 3], [0, 0xff, 4]),
        ] as [([UInt8], [UInt8]?)]
    )
    func `the bound of a prefix is the next bytes`(prefix: [UInt8], bound: [UInt8]?) {
        #expect(ItemKey.upperBound(ofPrefix: prefix) == bound)
    }

    @Test func `what has no place says why`() {
        let schema = schema(.string, .binary)
        func error(_ attributes: Item.Attribute...) -> ItemKeyError? {
            do throws(ItemKeyError) {
                _ = try ItemKey(schema: schema, item: Item(attributes))
                return nil
            } catch {
                return error
            }
        }
        let long = Text(String(repeating: "x", count: 2049))
        let p = Item.Attribute("p", .string("x"))
        #expect(error() == .missing(name: "p"))
        #expect(error(p) == .missing(name: "s"))
        #expect(
            error(Item.Attribute("p", .null))
                == .typeMismatch(name: "p", expected: .string, actual: "NULL")
        )
        #expect(error(Item.Attribute("p", .string(""))) == .empty(name: "p", type: .string))
        #expect(error(p, Item.Attribute("s", .binary([]))) == .empty(name: "s", type: .binary))
        #expect(
            error(Item.Attribute("p", .string(long)))
                == .tooLong(name: "p", isPartition: true, bytes: 2049, bytesMax: 2048)
        )
        #expect(
            error(p, Item.Attribute("s", .binary([UInt8](repeating: 0, count: 1025))))
                == .tooLong(name: "s", isPartition: false, bytes: 1025, bytesMax: 1024)
        )
        #expect(error(p, Item.Attribute("s", .binary([UInt8](repeating: 0, count: 1024)))) == nil)
    }

    @Test func `segments cover every hash once, in order`() {
        for total in [1, 2, 3, 7, 1000, 65535, 65536, 65537, 200_000, 1_000_000] {
            var previous: [UInt8]? = []
            for segment in 0..<total {
                let (from, to) = ItemKey.segmentRange(segment: segment, total: total)
                if from != previous { Issue.record("gap at \(segment) of \(total)") }
                if let to, to.lexicographicallyPrecedes(from) { Issue.record("reversed") }
                previous = to
                if to == nil, segment + 1 < total { Issue.record("ends at \(segment) of \(total)") }
            }
            #expect(previous == nil)
        }
    }

    @Test func `a stored key has these bytes for ever`() throws {
        let schema = schema(.string, .number)
        let key = Item([
            Item.Attribute("p", .string("a\u{0}b")),
            Item.Attribute("s", .number(DecimalNumber(15))),
        ])
        let itemKey = try ItemKey(schema: schema, key: key)
        #expect(itemKey.bytes.dropFirst(2) == [0x61, 0, 0xff, 0x62, 0, 1, 3, 131, 16, 0])
        #expect(itemKey.hash == 0xa080)
    }

    @Test func `hashes are spread evenly`() throws {
        let schema = schema(.string, nil)
        var counts = [Int](repeating: 0, count: 16)
        for index in 0..<16000 {
            let key = Item([Item.Attribute("p", .string(Text("user#\(index)")))])
            counts[try ItemKey(schema: schema, key: key).hash >> 12] += 1
        }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
    }

    @Test func `damaged keys never trap`() {
        var random = SplitMix64(seed: 53)
        let types: [TableSchema.KeyType] = [.string, .number, .binary]
        for _ in 0..<50000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                [0, 1, 2, 3, 0xff, UInt8.random(in: 0...255, using: &random)][
                    Int.random(in: 0..<6, using: &random)
                ]
            }
            let schema = schema(
                types.randomElement(using: &random)!,
                types.randomElement(using: &random)
            )
            let key = ItemKey(stored: bytes)
            _ = key.hash
            _ = try? key.partitionPrefix(schema: schema)
            guard let item = try? key.keyItem(schema: schema) else { continue }
            if let again = try? ItemKey(schema: schema, key: item) {
                #expect(again.bytes.dropFirst(2) == key.bytes.dropFirst(2))
            }
        }
    }
}
