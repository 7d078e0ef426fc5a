import Engine
import Items
import Testing
import Wire

struct GetItemTests {
    private let region: OperationFixture
    private let key: Item = ["p": text("a"), "c": number(1)]

    init() throws {
        region = try OperationFixture(partition: .string, sort: .number)
    }

    private func get(_ request: GetItemRequest) throws -> GetItemResponse {
        try region.read { try request.perform(in: $0) }
    }

    @Test func `a whole item goes out as its stored bytes`() throws {
        let item: Item = ["p": text("a"), "c": number(1), "x": number(1)]
        try region.put(item)
        let response = try get(GetItemRequest(tableName: "t", key: key))
        #expect(response.item == .stored(item.encoded()[...]))
        #expect(response.consumedCapacity == nil)
    }

    @Test func `nothing is no item`() throws {
        let response = try get(
            GetItemRequest(tableName: "t", key: key, returnConsumedCapacity: .total)
        )
        #expect(response.item == nil)
        #expect(response.consumedCapacity?.total == CapacityUnits(halves: 1))
    }

    @Test func `a projection shows its parts, perhaps none`() throws {
        try region.put(["p": text("a"), "c": number(1), "m": .map(["x": number(1), "y": .null])])
        var request = GetItemRequest(
            tableName: "t",
            key: key,
            projection: "#m.x, p",
            names: [("#m", "m")],
        )
        #expect(try get(request).item == .item(["p": text("a"), "m": .map(["x": number(1)])]))
        request.names = nil
        request.projection = "z"
        #expect(try get(request).item == .item([:]))
    }

    @Test func `a projection into a key is refused`() throws {
        expectInvalid(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' "
                + "are not allowed: Key: c"
        ) { _ = try get(GetItemRequest(tableName: "t", key: key, projection: "c.x")) }
    }

    @Test(arguments: [(true, 4096, 2), (true, 4097, 4), (false, 4096, 1), (false, 4097, 2)])
    func `a get costs a unit for each 4 KB begun, or half of it`(
        consistent: Bool,
        size: Int,
        halves: Int,
    ) throws {
        let keyBytes = key.sizeBytes + 1
        try region.put(["p": text("a"), "c": number(1), "f": filler(size - keyBytes)])
        let response = try get(
            GetItemRequest(
                tableName: "t",
                key: key,
                consistentRead: consistent,
                projection: "p",
                returnConsumedCapacity: .total,
            )
        )
        #expect(response.consumedCapacity?.total == CapacityUnits(halves: halves))
    }

    @Test(arguments: [[:], ["p": text("a")], ["p": text("a"), "c": text("1")]])
    func `a key that is not the table's is refused`(wrong: Item) throws {
        expectInvalid("The provided key element does not match the schema") {
            _ = try get(GetItemRequest(tableName: "t", key: wrong))
        }
    }
}
