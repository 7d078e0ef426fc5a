import Items
import JSON
import Testing

struct ItemTests {
    @Test func `attributes in any order make the item that setting them one by one makes`() throws {
        var random = SplitMix64(seed: 60)
        for _ in 0..<2000 {
            let names: [Text] = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                let start = Bool.random(using: &random) ? "commonprefix" : ""
                return Text(start + RandomItem.text(&random).string)
            }
            var (attributes, members): ([Item.Attribute], [JSONValue.Member]) = ([], [])
            var expected = Item()
            for (index, name) in names.enumerated() {
                let value = AttributeValue.number(DecimalNumber(index))
                attributes.append(Item.Attribute(name, value))
                let json = JSONValue.object([JSONValue.Member("N", .string(String(index)))])
                members.append(JSONValue.Member(name.string, json))
                expected[name] = value
            }
            #expect(Item(attributes) == expected)
            #expect(try Item(json: .object(members)) == expected)
        }
    }

    @Test func `changing many attributes at once is changing one after the other`() {
        var random = SplitMix64(seed: 61)
        func name() -> Text { Text("a\(Int.random(in: 0..<40, using: &random))") }
        for round in 0..<2000 {
            var item = Item()
            for _ in 0..<Int.random(in: 0...20, using: &random) { item[name()] = .null }
            let names = Set((0..<Int.random(in: 0...20, using: &random)).map { _ in name() })
            let changes = names.sorted().shuffled(using: &random).map { name in
                let value = AttributeValue.number(DecimalNumber(round))
                return (name: name, value: Bool.random(using: &random) ? value : nil)
            }
            var expected = item
            for change in changes { expected[change.name] = change.value }
            #expect(item.changing(changes) == expected)
        }
    }
}
