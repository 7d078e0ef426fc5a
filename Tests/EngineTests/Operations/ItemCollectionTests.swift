import Engine
import Items
import Testing
import Wire

/// The bound on item collections, which the service sets at 10 GB, here at 100,000 bytes.
struct ItemCollectionTests {
    private let region: OperationFixture

    init() throws {
        region = try OperationFixture(settings: EngineSettings(collectionBytesMax: 100_000))
        let partition = TableSchema.KeyAttribute(name: "p", type: .string)
        func index(_ name: String, _ sort: Text, _ projection: ProjectionType) -> SecondaryIndex {
            SecondaryIndex(
                name: name,
                schema: IndexSchema(
                    partition: [partition],
                    sort: [.init(name: sort, type: .number)]
                ),
                projection: IndexProjection(type: projection),
            )
        }
        let create = CreateTableRequest(
            tableName: "t",
            attributeDefinitions: [],
            schema: TableSchema(partition: partition, sort: .init(name: "c", type: .number)),
            localIndexes: [index("whole", "a", .all), index("keys", "b", .keysOnly)],
        )
        _ = try region.write { try create.perform(in: &$0) }
    }

    private func item(_ c: Int, bytes: Int, _ more: Item = [:]) -> Item {
        var item: Item = ["p": text("p"), "c": number(c), "f": filler(bytes)]
        for attribute in more.attributes { item[attribute.name] = attribute.value }
        return item
    }

    private func expectTooLarge(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws -> Void,
    ) {
        #expect(throws: ServiceError.collectionTooLarge, sourceLocation: sourceLocation) {
            try body()
        }
    }

    @Test func `a collection has room for so many bytes of items`() throws {
        try region.put(item(1, bytes: 60_000))
        expectTooLarge { try region.put(item(2, bytes: 40_000)) }
        try region.put(item(2, bytes: 39_000))
        // Another partition is another collection.
        try region.put(["p": text("q"), "c": number(1), "f": filler(90_000)])
        try region.delete(DeleteItemRequest(tableName: "t", key: ["p": text("p"), "c": number(1)]))
        try region.put(item(3, bytes: 60_000))
    }

    @Test func `what local indexes hold counts as well`() throws {
        expectTooLarge { try region.put(item(1, bytes: 60_000, ["a": number(1)])) }
        try region.put(item(1, bytes: 49_000, ["a": number(1)]))
        expectTooLarge { try region.put(item(2, bytes: 3_000)) }
        // The index of keys alone holds little of the item.
        try region.put(["p": text("q"), "c": number(1), "f": filler(60_000), "b": number(1)])
    }

    @Test func `an update that brings an item into an index is held to the bound`() throws {
        try region.put(item(1, bytes: 60_000))
        func update(_ expression: String, _ value: AttributeValue) throws {
            try region.update(
                UpdateItemRequest(
                    tableName: "t",
                    key: ["p": text("p"), "c": number(1)],
                    update: expression,
                    values: [(":v", value)],
                )
            )
        }
        expectTooLarge { try update("SET a = :v", number(1)) }
        try update("SET b = :v", number(1))
        try update("SET f = :v", filler(40_000))
        try update("SET a = :v", number(1))
    }

    @Test func `batches and transactions are held to it`() throws {
        try region.put(item(1, bytes: 40_000, ["a": number(1)]))
        let large = item(2, bytes: 15_000, ["a": number(2)])
        expectTooLarge {
            try region.batchWrite(
                BatchWriteItemRequest(
                    tables: [TableWrites(tableName: "t", writes: [.put(item: large)])]
                )
            )
        }
        let error = #expect(throws: ServiceError.self) {
            try region.transact(
                TransactWriteItemsRequest(actions: [
                    TransactWrite(tableName: "t", kind: .put(item: large))
                ])
            )
        }
        #expect(error?.cancellationReasons.map(\.code) == ["ItemCollectionSizeLimitExceeded"])
        try region.put(item(2, bytes: 9_000, ["a": number(2)]))
    }
}
