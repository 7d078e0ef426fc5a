import Testing

@testable import Items

/// The quick look at a stored item, beside the one that tells what is wrong.
@Suite struct UsualScanTests {
    private static let usual: [Item] = [
        Item([Item.Attribute("p", .string("user-1"))]),
        Item([
            Item.Attribute("pk", .string("user-00000012")), Item.Attribute("sk", .string("item-2")),
            Item.Attribute("é", .string("Grüße aus Köln, und noch etwas mehr")),
            Item.Attribute("n", .number(DecimalNumber(-1_250))), Item.Attribute("t", .bool(true)),
            Item.Attribute("f", .bool(false)), Item.Attribute("z", .null),
            Item.Attribute("b", .binary([0, 1, 0xff])), Item.Attribute("e", .string("")),
            Item.Attribute("long", .string(Text(String(repeating: "x", count: 300)))),
        ]),
    ]

    private func quick(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { UsualScan.sizeBytes($0) }
    }

    private func slow(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { try? StoredScan(stored: $0).sizeBytes }
    }

    @Test(arguments: usual)
    func `usual items are measured as the slow way measures them`(item: Item) {
        let bytes = item.encoded()
        #expect(quick(bytes) == item.sizeBytes)
        #expect(slow(bytes) == item.sizeBytes)
    }

    @Test func `others are left to the slow way`() {
        let many = Item((0..<200).map { Item.Attribute(Text("a\($0)"), .null) })
        let wide = Item([
            Item.Attribute("a", .string(Text(String(repeating: "x", count: 1 << 15))))
        ])
        let named = Item([Item.Attribute(Text(String(repeating: "n", count: 200)), .null)])
        let nested = Item([Item.Attribute("l", .list([.null]))])
        for item in [many, wide, named, nested] {
            #expect(quick(item.encoded()) == nil)
            #expect(slow(item.encoded()) == item.sizeBytes)
        }
        #expect(quick([]) == nil)
    }

    /// Whatever the quick way takes, the slow one takes for the same.
    @Test(arguments: usual)
    func `the quick way never differs from the slow one`(item: Item) {
        let bytes = item.encoded()
        var taken = 0
        func check(_ bytes: [UInt8]) {
            guard let size = quick(bytes) else { return }
            taken += 1
            #expect(slow(bytes) == size, "\(bytes)")
        }
        for index in bytes.indices {
            for byte in [0, 1, 2, 3, 4, 5, 6, 0x20, 0x61, 0x7f, 0x80, 0x81, 0xc3, 0xff] as [UInt8] {
                var (changed, longer) = (bytes, bytes)
                changed[index] = byte
                longer.insert(byte, at: index)
                check(changed)
                check(longer)
            }
            var shorter = bytes
            shorter.remove(at: index)
            check(shorter)
            check(Array(bytes[..<index]))
            check(bytes + bytes[index...])
        }
        #expect(taken > 20)
    }
}
