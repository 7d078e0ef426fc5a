import Engine
import Items
import Testing
import Wire

struct QueryTests {
    private let region: OperationFixture

    /// Ten items of partition `a` with sort keys 0 to 9, and neighbours on both sides.
    init() throws {
        region = try OperationFixture(partition: .string, sort: .number)
        for c in 0..<10 { try region.put(item(c)) }
        for p in ["a\u{0}", "b"] { try region.put(["p": text(p), "c": number(3)]) }
    }

    private func item(_ c: Int) -> Item {
        ["p": text("a"), "c": number(c), "even": .bool(c % 2 == 0)]
    }

    private func request(
        _ sort: String? = nil,
        _ values: [(String, AttributeValue)] = [],
    ) -> QueryRequest {
        QueryRequest(
            tableName: "t",
            keyCondition: sort.map { "p = :p AND \($0)" } ?? "p = :p",
            values: [(":p", text("a"))] + values,
        )
    }

    private func sortKeys(_ response: QueryResponse) throws -> [Int] {
        try response.items.read().map { item in
            guard case .number(let number) = item["c"] else { return -1 }
            return number.intValue ?? -1
        }
    }

    @Test func `a query finds its partition in order, as stored bytes`() throws {
        let response = try region.query(request())
        #expect(try sortKeys(response) == Array(0..<10))
        #expect(response.items?.first == .stored(item(0).encoded()[...]))
        #expect((response.count, response.scannedCount) == (10, 10))
        #expect(response.lastEvaluatedKey == nil)
    }

    @Test(
        arguments: [
            ("c = :a", [4]), ("c = :x", []), ("c < :a", [0, 1, 2, 3]),
            ("c <= :a", [0, 1, 2, 3, 4]), ("c > :b", [8, 9]), ("c >= :b", [7, 8, 9]),
            ("c BETWEEN :a AND :b", [4, 5, 6, 7]), ("c < :x", [0, 1, 2, 3, 4]),
        ]
    )
    func `a sort condition bounds the range in both directions`(
        condition: String,
        expected: [Int],
    ) throws {
        let half = AttributeValue.number(try DecimalNumber(parsing: "4.5"))
        var query = request(
            condition,
            [(":a", number(4)), (":b", number(7)), (":x", half)].filter {
                condition.contains($0.0)
            },
        )
        #expect(try sortKeys(region.query(query)) == expected)
        query.scanIndexForward = false
        #expect(try sortKeys(region.query(query)) == expected.reversed())
    }

    @Test func `begins_with finds what begins so and nothing else`() throws {
        let region = try OperationFixture(partition: .string, sort: .string)
        for c in ["a", "ab", "ab\u{0}", "ab\u{10ffff}", "abc", "ac", "b"] {
            try region.put(["p": text("a"), "c": text(c)])
        }
        let found = try region.query(
            QueryRequest(
                tableName: "t",
                keyCondition: "p = :p AND begins_with(c, :c)",
                values: [(":p", text("a")), (":c", text("ab"))],
            )
        )
        #expect(
            try found.items.read().map { $0["c"] }
                == ["ab", "ab\u{0}", "abc", "ab\u{10ffff}"].map(text)
        )
    }

    @Test(arguments: [true, false], [1, 3, 5, 10])
    func `pages join up`(forward: Bool, limit: Int) throws {
        var query = request()
        query.limit = limit
        query.scanIndexForward = forward
        var found: [Int] = []
        var pages = 0
        repeat {
            let page = try region.query(query)
            found += try sortKeys(page)
            query.exclusiveStartKey = page.lastEvaluatedKey
            pages += 1
        } while query.exclusiveStartKey != nil && pages < 20
        #expect(found == (forward ? Array(0..<10) : (0..<10).reversed()))
        #expect(pages == 10 / limit + 1)
    }

    @Test func `a page that reaches its limit at the end has a last key`() throws {
        var query = request()
        query.limit = 10
        #expect(
            try region.query(query).lastEvaluatedKey == ["p": text("a"), "c": number(9)]
        )
        query.limit = 11
        #expect(try region.query(query).lastEvaluatedKey == nil)
    }

    @Test func `limit and counts are before the filter`() throws {
        var query = request(nil, [(":true", .bool(true))])
        query.filter = "even = :true"
        query.limit = 5
        let page = try region.query(query)
        #expect(try sortKeys(page) == [0, 2, 4])
        #expect((page.count, page.scannedCount) == (3, 5))
        #expect(page.lastEvaluatedKey == ["p": text("a"), "c": number(4)])
        query.select = .count
        let counted = try region.query(query)
        #expect(counted.items == nil)
        #expect((counted.count, counted.scannedCount) == (3, 5))
    }

    @Test func `a projection is made after the filter`() throws {
        var query = request("c < :two", [(":two", number(2)), (":true", .bool(true))])
        query.filter = "even = :true"
        query.projection = "c, absent"
        #expect(try region.query(query).items == [.item(["c": number(0)])])
    }

    @Test func `tombstones are neither found nor counted`() throws {
        try region.delete(
            DeleteItemRequest(tableName: "t", key: ["p": text("a"), "c": number(1)])
        )
        let response = try region.query(request("c < :c", [(":c", number(3))]))
        #expect(try sortKeys(response) == [0, 2])
        #expect(response.scannedCount == 2)
    }

    @Test func `a page ends with the item that exceeds a megabyte`() throws {
        let region = try OperationFixture(partition: .string, sort: .number)
        for c in 0..<6 {
            try region.put(["p": text("a"), "c": number(c), "f": filler(300_000)])
        }
        var query = request()
        query.returnConsumedCapacity = .total
        query.consistentRead = true
        let page = try region.query(query)
        #expect(page.count == 4)
        #expect(page.lastEvaluatedKey == ["p": text("a"), "c": number(3)])
        #expect(page.consumedCapacity?.total == CapacityUnits(halves: 2 * 293))
        query.exclusiveStartKey = page.lastEvaluatedKey
        query.select = .count
        let rest = try region.query(query)
        #expect((rest.count, rest.items, rest.lastEvaluatedKey) == (2, nil, nil))
    }

    @Test(arguments: [[:], ["p": text("a")], ["p": text("a"), "q": number(1)]])
    func `a start key needs the key's names`(start: Item) throws {
        var query = request()
        query.exclusiveStartKey = start
        expectInvalid("The provided starting key is invalid") { _ = try region.query(query) }
    }

    @Test func `a start key needs the key's types`() throws {
        var query = request()
        query.exclusiveStartKey = ["p": text("a"), "c": text("1")]
        expectInvalid("The provided key element does not match the schema") {
            _ = try region.query(query)
        }
    }

    @Test(
        arguments: [
            (nil, "b", 1, "is outside query boundaries based on provided conditions"),
            ("c > :c", "a", 5, "does not match the range key predicate"),
            ("c = :c", "a", 6, "does not match the range key predicate"),
        ] as [(String?, String, Int, String)]
    )
    func `a start key lies where the query reads`(
        sort: String?,
        p: String,
        c: Int,
        message: String,
    ) throws {
        var query = request(sort, sort == nil ? [] : [(":c", number(5))])
        query.exclusiveStartKey = ["p": text(p), "c": number(c)]
        expectInvalid("The provided starting key \(message)") { _ = try region.query(query) }
    }

    @Test func `a start key of another partition may match a range`() throws {
        var query = request("c > :c", [(":c", number(5))])
        query.exclusiveStartKey = ["p": text("b"), "c": number(6)]
        expectInvalid("The query can return at most one row and cannot be restarted") {
            _ = try region.query(query)
        }
    }

    @Test func `the partition of a start key is wrong before the condition, the rest after`() {
        var query = request()
        query.keyCondition = "q = :p"
        query.exclusiveStartKey = ["p": number(1), "c": number(1)]
        expectInvalid("The provided key element does not match the schema") {
            _ = try region.query(query)
        }
        let rest: [Item] = [["c": text("1")], ["q": number(1)]]
        for attributes in rest.map(\.attributes) {
            query.exclusiveStartKey = Item([.init("p", text("a"))] + attributes)
            expectInvalid("Query condition missed key schema element: p") {
                _ = try region.query(query)
            }
        }
    }

    @Test func `a start key may name no item`() throws {
        var query = request()
        query.exclusiveStartKey = [
            "p": text("a"), "c": .number(try DecimalNumber(parsing: "6.5")),
        ]
        #expect(try sortKeys(region.query(query)) == [7, 8, 9])
        query.scanIndexForward = false
        #expect(try sortKeys(region.query(query)) == [6, 5, 4, 3, 2, 1, 0])
    }

    @Test func `a filter looks at no key attribute`() throws {
        var query = request()
        query.filter = "attribute_exists(c)"
        expectInvalid(
            "Filter Expression can only contain non-primary key attributes: "
                + "Primary key attribute: c"
        ) { _ = try region.query(query) }
    }

    @Test func `there are no indexes`() throws {
        var query = request()
        query.indexName = "byName"
        expectInvalid("The table does not have the specified index: byName") {
            _ = try region.query(query)
        }
    }

    @Test func `expressions are wrong before the table is missing`() throws {
        var query = request()
        query.tableName = "none"
        #expect(throws: ServiceError.tableNotFound) { try region.query(query) }
        query.values = nil
        #expect(throws: ServiceError.self) { try region.query(query) }
        expectInvalid(
            "Invalid KeyConditionExpression: An expression attribute value used in expression is "
                + "not defined; attribute value: :p"
        ) { _ = try region.query(query) }
    }
}
