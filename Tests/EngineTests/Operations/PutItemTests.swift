import Causality
import Changes
import Engine
import Items
import Testing
import Wire

struct PutItemTests {
    private let region: OperationFixture
    private let key: Item = ["p": text("a")]

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    @Test func `an item that was put is there, whole`() throws {
        let item: Item = ["p": text("a"), "n": number(1), "m": .map(["l": .list([.null])])]
        let response = try region.put(item)
        #expect(response.attributes == nil)
        #expect(response.consumedCapacity == nil)
        #expect(try region.get(key) == item)
    }

    @Test func `a put replaces the whole item and can return it`() throws {
        try region.put(["p": text("a"), "x": number(1)])
        let response = try region.put(
            PutItemRequest(
                tableName: "t",
                item: ["p": text("a"), "y": number(2)],
                returnValues: .allOld,
            )
        )
        #expect(response.attributes == ["p": text("a"), "x": number(1)])
        #expect(try region.get(key) == ["p": text("a"), "y": number(2)])
    }

    @Test func `a put that changes nothing has a new stamp`() throws {
        try region.put(key)
        let before = try #require(try region.version(at: key))
        try region.put(key)
        let after = try #require(try region.version(at: key))
        #expect(after.stamp > before.stamp)
        #expect(after.image == before.image)
        #expect(after.sizeBytes == key.sizeBytes)
    }

    @Test func `a failed condition changes nothing`() throws {
        let item: Item = ["p": text("a"), "x": number(1)]
        try region.put(item)
        let before = try region.version(at: key)
        var request = PutItemRequest(
            tableName: "t",
            item: key,
            condition: "attribute_not_exists(p)",
        )
        // The refused write counts by what is there.
        let bytes = item.sizeBytes
        #expect(throws: ServiceError.conditionFailed(itemBytes: bytes)) { try region.put(request) }
        request.returnValuesOnConditionCheckFailure = .allOld
        #expect(throws: ServiceError.conditionFailed(item: item, itemBytes: bytes)) {
            try region.put(request)
        }
        #expect(try region.version(at: key) == before)
    }

    @Test func `a tombstone is no item to a condition`() throws {
        try region.put(key)
        try region.delete(DeleteItemRequest(tableName: "t", key: key))
        try region.put(
            PutItemRequest(tableName: "t", item: key, condition: "attribute_not_exists(p)")
        )
        #expect(try region.get(key) == key)
    }

    @Test func `an item of 400 KB fits and one byte more does not`() throws {
        let room = 400 * 1024 - 3
        try region.put(["p": text("a"), "f": filler(room)])
        expectInvalid("Item size has exceeded the maximum allowed size") {
            try region.put(["p": text("a"), "f": filler(room + 1)])
        }
    }

    @Test func `expressions are wrong before the table is missing, and keys after`() throws {
        expectInvalid(
            "1 validation error detected: Invalid ConditionExpression: "
                + "An expression attribute value used in expression is not defined; "
                + "attribute value: :v"
        ) {
            try region.put(PutItemRequest(tableName: "none", item: [:], condition: "a = :v"))
        }
        #expect(throws: ServiceError.tableNotFound) { try region.put([:], in: "none") }
        expectInvalid("One or more parameter values were invalid: Missing the key p in the item") {
            try region.put(["q": text("a")])
        }
    }

    @Test func `placeholders need an expression`() throws {
        expectInvalid(
            "1 validation error detected: "
                + "ExpressionAttributeNames can only be specified when using expressions"
        ) {
            try region.put(PutItemRequest(tableName: "t", item: key, names: [("#a", "a")]))
        }
    }

    @Test func `a key of another type is refused`() throws {
        expectInvalid(
            "One or more parameter values were invalid: "
                + "Type mismatch for key p expected: S actual: N"
        ) { try region.put(["p": number(1)]) }
    }

    @Test(arguments: [(100, 1), (1024, 1), (1025, 2), (10 * 1024 + 1, 11)])
    func `a put costs a unit for each KB begun of the larger item`(size: Int, units: Int) throws {
        let large: Item = ["p": text("a"), "f": filler(size - 3)]
        var request = PutItemRequest(tableName: "t", item: large, returnConsumedCapacity: .total)
        let first = try #require(try region.put(request).consumedCapacity)
        #expect(first.tableName == "t")
        #expect(first.total == CapacityUnits(halves: units * 2))
        #expect(first.table == nil)
        request.item = key
        request.returnConsumedCapacity = .indexes
        let second = try #require(try region.put(request).consumedCapacity)
        #expect(second.table == CapacityUnits(halves: units * 2))
    }
}
