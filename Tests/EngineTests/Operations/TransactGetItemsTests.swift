import Items
import Testing
import Wire

@testable import Engine

struct TransactGetItemsTests {
    private let region: OperationFixture
    private let a: Item = ["p": text("a")]
    private let b: Item = ["p": text("b")]

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    private func get(
        _ key: Item,
        from table: String = "t",
        _ projection: String? = nil,
    ) -> TransactGet {
        TransactGet(tableName: table, key: key, projection: projection)
    }

    private func transact(
        _ gets: TransactGet...,
        capacity: ReturnConsumedCapacity = .none,
    ) throws -> TransactGetItemsResponse {
        let request = TransactGetItemsRequest(gets: gets, returnConsumedCapacity: capacity)
        return try region.read { try request.perform(in: $0) }
    }

    @Test func `items come in the order of the request, missing ones as nothing`() throws {
        let item: Item = ["p": text("a"), "x": number(1), "y": number(2)]
        try region.put(item)
        try region.create("u")
        try region.put(b, in: "u")
        let response = try transact(get(b), get(a), get(b, from: "u"))
        #expect(try response.items.map { try $0?.read() } == [nil, item, b])
    }

    @Test func `each item has its own projection`() throws {
        try region.put(["p": text("a"), "x": number(1), "y": number(2)])
        try region.put(["p": text("b"), "x": number(3)])
        var named = get(b, "#x")
        named.names = [("#x", "x")]
        let response = try transact(get(a, "y"), named)
        #expect(try response.items.map { try $0?.read() } == [["y": number(2)], ["x": number(3)]])
        #expect(try transact(get(a, "nothing")).items.map { try $0?.read() } == [nil])
    }

    @Test func `a read costs double, also of nothing`() throws {
        try region.put(["p": text("a"), "x": filler(5000)])
        let response = try transact(get(a), get(b), capacity: .indexes)
        #expect(response.consumedCapacity.map(\.total.halves) == [2 * (4 + 2)])
        #expect(response.consumedCapacity.map(\.kind) == [.read])
        #expect(response.consumedCapacity.map(\.table?.halves) == [12])
    }

    @Test func `a key that does not fit the schema cancels`() throws {
        let error = #expect(throws: ServiceError.self) {
            try transact(get(a), get(["p": number(1)]), get(["q": text("a")]))
        }
        #expect(
            error?.cancellationReasons.map(\.code) == [
                "None", "ValidationError", "None",
            ]
        )
        #expect(error?.cancellationReasons[1].message == ServiceError.keyMismatch.message)
    }

    @Test func `an item twice is refused, and a table that is not there`() {
        expectInvalid("Transaction request cannot include multiple operations on one item") {
            _ = try transact(get(a), get(b), get(a, "p"))
        }
        #expect(throws: ServiceError.tableNotFound) { try transact(get(a, from: "none")) }
    }

    @Test func `items together have a bound`() throws {
        let keys = (0..<11).map { ["p": text("\($0)")] as Item }
        for key in keys {
            var item = key
            item["x"] = filler(ItemLimits.itemBytesMax - 100)
            try region.put(item)
        }
        let request = TransactGetItemsRequest(gets: keys.map { get($0) })
        #expect(throws: ServiceError.transactionTooLarge) {
            try region.read { try request.perform(in: $0) }
        }
        let fewer = TransactGetItemsRequest(gets: keys.dropLast().map { get($0) })
        #expect(try region.read { try fewer.perform(in: $0) }.items.count == 10)
    }
}
