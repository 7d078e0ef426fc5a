import JSON
import Testing

@testable import Items

/// The quick path of stored items to JSON, against the one that goes by way of the item.
struct PlainAttributesTests {
    private func expectSame(_ item: Item) throws {
        var (direct, tree) = (JSONWriter(), JSONWriter())
        item.write(to: &tree)
        try item.encoded().withUnsafeBytes { try Item.write(stored: $0, to: &direct) }
        #expect(direct.bytes == tree.bytes)
    }

    /// How many attributes the quick path takes of an item, from the first on.
    private func taken(_ item: Item) throws -> Int {
        try item.encoded().withUnsafeBytes { bytes in
            var (reader, writer) = (StoredReader(bytes), JSONWriter())
            try reader.format()
            return PlainAttributes.write(&reader, count: try reader.elementCount(), to: &writer)
        }
    }

    @Test func `strings and names of every length, with a special character at every place`() throws
    {
        for count in 0...40 {
            let plain = String(repeating: "é", count: count / 2) + (count % 2 == 1 ? "x" : "")
            for special in ["\"", "\\", "\n", "\u{1f}", "\u{7f}", " "] {
                for place in 0..<max(1, count) {
                    var text = Array(plain.unicodeScalars)
                    text.insert(
                        special.unicodeScalars[special.startIndex],
                        at: min(place, text.count)
                    )
                    var other = String.UnicodeScalarView()
                    other.append(contentsOf: text)
                    let odd = Text(String(other))
                    try expectSame(
                        Item([.init("a", .string(odd)), .init("b", .string(Text(plain)))])
                    )
                    try expectSame(Item([.init(odd, .null), .init(Text(plain), .string(odd))]))
                }
            }
        }
    }

    @Test(arguments: [126, 127, 128, 129, 16_382, 16_383, 16_384, 100_000])
    func `strings whose length takes one, two and three bytes`(count: Int) throws {
        let text = Text(String(repeating: "s", count: count))
        let item = Item([
            .init("a", .bool(true)), .init("s", .string(text)), .init("t", .bool(false)),
        ])
        try expectSame(item)
        #expect(try taken(item) == (count < 16_384 ? 3 : 1))
    }

    @Test func `plain kinds are taken, and what is behind another kind is taken after it`() throws {
        let plain: [Item.Attribute] = [
            .init("a", .string("text")), .init("b", .number(DecimalNumber(-120))),
            .init("c", .bool(true)), .init("d", .bool(false)), .init("e", .null),
            .init("f", .number(.zero)), .init("g", .string("")),
        ]
        #expect(try taken(Item(plain + [.init("h", .null)])) == plain.count + 1)
        for other in [
            .binary([1]), .list([.null, .string("x")]), .map(Item(plain)), .stringSet(["a"]),
            .numberSet([.zero]), .string("\u{1}"),
        ] as [AttributeValue] {
            let item = Item(plain + [.init("d1", other), .init("h", .null)])
            #expect(try taken(item) == 4)
            try expectSame(item)
            try expectSame(Item([.init("m", .map(item)), .init("l", .list([.map(item)]))]))
        }
    }

    @Test func `items of so many small attributes that the room is made anew`() throws {
        let attributes = (0..<3_000).map { index in
            Item.Attribute(Text("n\(index)"), index % 2 == 0 ? .null : .number(DecimalNumber(7)))
        }
        try expectSame(Item(attributes))
    }

    /// What the quick path writes for these bytes; nil where it leaves them.
    private func quick(_ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: OrderedDigits.bytesMax) {
                room in
                guard let start = room.baseAddress,
                    let count = OrderedDigits.write(bytes, to: UnsafeMutableRawPointer(start))
                else { return nil }
                #expect(count <= OrderedDigits.bytesMax)
                return String(decoding: room[..<count], as: UTF8.self)
            }
        }
    }

    @Test func `numbers have the same digits, and usual ones are taken`() throws {
        var random = SplitMix64(seed: 7)
        var count = 0
        for _ in 0..<50_000 {
            let number = RandomItem.number(&random)
            var bytes: [UInt8] = []
            number.appendOrdered(to: &bytes)
            guard let text = quick(bytes) else { continue }
            #expect(text == number.description)
            count += 1
        }
        #expect(count > 25_000)
        for text in [
            "0", "1", "-1", "10", "100", "0.1", "-0.5", "12.25", "1764153600123000042", "1e39",
            "1e-20", "99999999999999999999999999999999999999",
            "-0.12345678901234567890123456789012345678",
        ] {
            let number = try DecimalNumber(parsing: text)
            var bytes: [UInt8] = []
            number.appendOrdered(to: &bytes)
            #expect(quick(bytes) == number.description)
        }
    }

    @Test func `damaged numbers are left to the path that refuses them`() {
        var random = SplitMix64(seed: 8)
        for _ in 0..<50_000 {
            var bytes: [UInt8] = []
            RandomItem.number(&random).appendOrdered(to: &bytes)
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] ^= 0xff
            case 2: bytes.removeSubrange(index...)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            }
            guard let text = quick(bytes) else { continue }
            let decoded = bytes.withUnsafeBytes { DecimalNumber.decodeOrdered($0) }
            #expect(decoded?.count == bytes.count)
            #expect(decoded?.number.description == text)
        }
    }
}
