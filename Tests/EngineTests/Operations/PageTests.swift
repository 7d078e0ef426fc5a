import Items
import Testing
import Wire

@testable import Engine

struct PageTests {
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    private func page(
        in range: KeyRange,
        reversed: Bool,
        tombstonesMax: Int,
    ) throws -> (page: Page, last: Item?) {
        try region.read { context in
            let table = try context.table("t")
            let page = try Page(
                of: ReadSource(table),
                in: range,
                reversed: reversed,
                Page.Wish(
                    limit: 100,
                    filter: nil,
                    projection: nil,
                    showsItems: true,
                    tombstonesMax: tombstonesMax,
                ),
                from: context,
            )
            return (page, try page.startKey())
        }
    }

    @Test(arguments: [false, true])
    func `a page ends after so many deleted items, and the next finds the rest`(
        reversed: Bool
    ) throws {
        for n in 0..<40 { try region.put(["p": text("k\(n)")]) }
        for n in 0..<40 where n % 8 != 0 {
            try region.delete(DeleteItemRequest(tableName: "t", key: ["p": text("k\(n)")]))
        }
        var range = KeyRange.all
        var found = 0
        var pages = 0
        while pages < 100 {
            let (page, last) = try page(in: range, reversed: reversed, tombstonesMax: 4)
            pages += 1
            found += page.count
            guard let cut = page.cutKey else { break }
            #expect(last?.attributes.map(\.name) == ["p"])
            range = range.after(cut, reversed: reversed)
        }
        #expect(found == 5)
        #expect((35 / 4...40).contains(pages))
    }

    @Test func `deleted items are counted on each page anew`() throws {
        for n in 0..<3 {
            try region.put(["p": text("k\(n)")])
            try region.delete(DeleteItemRequest(tableName: "t", key: ["p": text("k\(n)")]))
        }
        let (page, last) = try page(in: .all, reversed: false, tombstonesMax: 4)
        #expect(page.count == 0)
        #expect(page.cutKey == nil)
        #expect(last == nil)
    }
}
