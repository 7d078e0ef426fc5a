import Causality
import Changes
import Engine
import Items
import Testing
import Wire

struct BatchWriteItemTests {
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture(partition: .string)
        try region.create("u", sort: .number)
    }

    private func key(_ n: Int) -> Item { ["p": text("p\(n)")] }

    private func batch(_ writes: [BatchWrite], _ table: String = "t") -> BatchWriteItemRequest {
        BatchWriteItemRequest(tables: [TableWrites(tableName: table, writes: writes)])
    }

    @Test func `a batch puts and deletes, each write at its own time`() throws {
        try region.put(key(2))
        try region.batchWrite(
            BatchWriteItemRequest(tables: [
                TableWrites(
                    tableName: "t",
                    writes: [
                        .put(item: ["p": text("p1"), "x": number(1)]), .delete(key: key(2)),
                        .delete(key: key(3)),
                    ],
                ),
                TableWrites(
                    tableName: "u",
                    writes: [.put(item: ["p": text("p1"), "c": number(1)])],
                ),
            ])
        )
        #expect(try region.get(key(1)) == ["p": text("p1"), "x": number(1)])
        #expect(try region.get(key(2)) == nil)
        #expect(try region.version(at: key(3))?.isTombstone == true)
        #expect(try region.get(["p": text("p1"), "c": number(1)], from: "u") != nil)
        let times = try (1...3).map { try #require(try region.version(at: key($0))).stamp.time }
        #expect(times == times.sorted())
        #expect(Set(times).count == 3)
    }

    @Test(
        arguments: [
            (.put(item: [:]), .keyMismatch),
            (.delete(key: ["q": text("a")]), .keyMismatch),
            (.put(item: ["p": text("p0"), "x": .null]), .duplicateKeys),
            (.delete(key: ["p": text("p0")]), .duplicateKeys),
        ] as [(BatchWrite, ServiceError)]
    )
    func `one wrong write refuses them all`(wrong: BatchWrite, error: ServiceError) throws {
        #expect(throws: error) {
            try region.batchWrite(batch([.put(item: key(0)), wrong, .put(item: key(1))]))
        }
        #expect(try region.version(at: key(0)) == nil)
        #expect(try region.version(at: key(1)) == nil)
    }

    @Test func `an item that is too large refuses them all`() throws {
        let large: Item = ["p": text("a"), "f": filler(400 * 1024)]
        #expect(throws: ServiceError.itemTooLarge) {
            try region.batchWrite(batch([.put(item: key(0)), .put(item: large)]))
        }
        #expect(try region.version(at: key(0)) == nil)
    }

    @Test func `a missing table refuses them all`() throws {
        var request = batch([.put(item: key(0))])
        request.tables.append(TableWrites(tableName: "none", writes: [.put(item: key(0))]))
        #expect(throws: ServiceError.tableNotFound) { try region.batchWrite(request) }
        #expect(try region.version(at: key(0)) == nil)
    }

    @Test func `each table's cost is told`() throws {
        try region.put(["p": text("p0"), "f": filler(3000)])
        var request = batch([.delete(key: key(0)), .put(item: key(1))])
        request.tables.append(
            TableWrites(
                tableName: "u",
                writes: [.put(item: ["p": text("a"), "c": number(1), "f": filler(1024)])],
            )
        )
        #expect(try region.batchWrite(request).consumedCapacity.isEmpty)
        try region.put(["p": text("p0"), "f": filler(3000)])
        request.returnConsumedCapacity = .total
        let told = try region.batchWrite(request).consumedCapacity
        #expect(told.map(\.tableName) == ["t", "u"])
        #expect(told.map(\.total.halves) == [8, 4])
    }
}
