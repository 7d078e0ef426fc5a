import Engine
import Items
import Testing
import Wire

struct ScanTests {
    private static let count = 200
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture(partition: .string)
        try region.create("other")
        for n in 0..<Self.count {
            try region.put(["p": text("p\(n)"), "n": number(n)])
        }
        try region.put(["p": text("p1")], in: "other")
    }

    private func numbers(_ items: [Item]) -> [Int] {
        items.map { item in
            guard case .number(let number) = item["n"] else { return -1 }
            return number.intValue ?? -1
        }
    }

    @Test func `a scan finds every item of its table once`() throws {
        let response = try region.scan(ScanRequest(tableName: "t"))
        #expect(try numbers(response.items.read()).sorted() == Array(0..<Self.count))
        #expect((response.count, response.scannedCount) == (Self.count, Self.count))
        #expect(response.lastEvaluatedKey == nil)
    }

    @Test(arguments: [1, 2, 3, 7, 100_000])
    func `segments cover the table and do not overlap, in pages too`(total: Int) throws {
        var found: [Int] = []
        // Of very many segments only those of some hashes have items; all others are empty.
        let indexes = total < 100 ? Array(0..<total) : []
        for index in indexes {
            var scan = ScanRequest(
                tableName: "t",
                limit: 9,
                segment: ScanSegment(index: index, total: total),
            )
            repeat {
                let page = try region.scan(scan)
                found += try numbers(page.items.read())
                scan.exclusiveStartKey = page.lastEvaluatedKey
            } while scan.exclusiveStartKey != nil
        }
        if total < 100 { #expect(found.sorted() == Array(0..<Self.count)) }
        let last = ScanSegment(index: total - 1, total: total)
        _ = try region.scan(ScanRequest(tableName: "t", segment: last))
    }

    @Test func `a start key belongs to the segment`() throws {
        let page = try region.scan(
            ScanRequest(tableName: "t", limit: 1, segment: ScanSegment(index: 0, total: 2))
        )
        let scan = ScanRequest(
            tableName: "t",
            segment: ScanSegment(index: 1, total: 2),
            exclusiveStartKey: page.lastEvaluatedKey,
        )
        expectInvalid(
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                + "ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: 1"
        ) { _ = try region.scan(scan) }
    }

    @Test func `a start key is a key of the table`() throws {
        let scan = ScanRequest(tableName: "t", exclusiveStartKey: ["q": text("a")])
        expectInvalid(
            "The provided starting key is invalid: "
                + "The provided key element does not match the schema"
        ) { _ = try region.scan(scan) }
    }

    @Test func `a filter may look at the key, and the limit counts before it`() throws {
        let scan = ScanRequest(
            tableName: "t",
            filter: "p = :p",
            values: [(":p", text("p5"))],
        )
        let response = try region.scan(scan)
        #expect(try numbers(response.items.read()) == [5])
        #expect((response.count, response.scannedCount) == (1, Self.count))
        var limited = scan
        limited.limit = 4
        let page = try region.scan(limited)
        #expect(page.scannedCount == 4)
        #expect(page.lastEvaluatedKey != nil)
    }

    @Test func `a count answers no items`() throws {
        let response = try region.scan(ScanRequest(tableName: "t", select: .count))
        #expect(response.items == nil)
        #expect(response.count == Self.count)
    }

    @Test func `sizes add up before they round`() throws {
        let response = try region.scan(
            ScanRequest(tableName: "t", limit: 5, returnConsumedCapacity: .indexes)
        )
        #expect(response.consumedCapacity?.total == CapacityUnits(halves: 1))
        #expect(response.consumedCapacity?.table == CapacityUnits(halves: 1))
    }

    @Test func `there are no indexes`() throws {
        expectInvalid("The table does not have the specified index: byName") {
            _ = try region.scan(ScanRequest(tableName: "t", indexName: "byName"))
        }
    }
}
