import Engine
import Items
import Testing
import Wire

struct BatchGetItemTests {
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture(partition: .string)
        try region.create("u", partition: .number)
    }

    private func key(_ n: Int) -> Item { ["p": text("p\(n)")] }

    @Test func `a batch reads from several tables and leaves out what is not there`() throws {
        try region.put(["p": text("p1"), "x": number(1), "y": number(2)])
        try region.put(["p": number(7)], in: "u")
        let response = try region.batchGet(
            BatchGetItemRequest(
                tables: [
                    TableKeys(
                        tableName: "t",
                        keys: [key(0), key(1)],
                        consistentRead: true,
                        projection: "#y",
                        names: [("#y", "y")],
                    ),
                    TableKeys(tableName: "u", keys: [["p": number(7)]]),
                ],
                returnConsumedCapacity: .total,
            )
        )
        #expect(response.tables.map(\.tableName) == ["t", "u"])
        #expect(response.tables[0].items == [.item(["y": number(2)])])
        #expect(response.tables[1].items == [.stored((["p": number(7)] as Item).encoded()[...])])
        #expect(response.unprocessed.isEmpty)
        #expect(response.consumedCapacity.map(\.total.halves) == [4, 1])
    }

    @Test func `a response holds 16 MB and names the rest`() throws {
        for n in 0..<45 { try region.put(["p": text("p\(n)"), "f": filler(390_000)]) }
        let keys = TableKeys(
            tableName: "t",
            keys: (0..<45).map(key),
            consistentRead: true,
            projection: "p",
        )
        let more = TableKeys(tableName: "u", keys: [["p": number(1)]])
        let response = try region.batchGet(BatchGetItemRequest(tables: [keys, more]))
        #expect(response.tables[0].items.count == 43)
        #expect(response.tables[1].items.isEmpty)
        #expect(response.unprocessed.map(\.tableName) == ["t", "u"])
        #expect(response.unprocessed[0].keys == [key(43), key(44)])
        #expect(response.unprocessed[0].projection == "p")
        #expect(response.unprocessed[0].consistentRead)
        let rest = try region.batchGet(BatchGetItemRequest(tables: response.unprocessed))
        #expect(rest.tables[0].items.count == 2)
        #expect(rest.unprocessed.isEmpty)
    }

    @Test func `a key twice, a wrong key or a missing table fails the batch`() throws {
        func get(_ table: String, _ keys: [Item]) throws {
            _ = try region.batchGet(
                BatchGetItemRequest(tables: [
                    TableKeys(tableName: "t", keys: [key(0)]),
                    TableKeys(tableName: table, keys: keys),
                ])
            )
        }
        #expect(throws: ServiceError.duplicateKeys) {
            try get("u", [["p": number(1)], ["p": number(1)]])
        }
        #expect(throws: ServiceError.keyMismatch) { try get("u", [key(0)]) }
        #expect(throws: ServiceError.tableNotFound) { try get("none", [key(0)]) }
    }
}
