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
}
