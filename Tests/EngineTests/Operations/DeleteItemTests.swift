import Causality
import Changes
import Engine
import Items
import Testing
import Wire

struct DeleteItemTests {
    private let region: OperationFixture
    private let key: Item = ["p": text("a")]

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    @Test func `a deleted item is gone and leaves a tombstone`() throws {
        try region.put(["p": text("a"), "x": number(1)])
        let response = try region.delete(
            DeleteItemRequest(tableName: "t", key: key, returnValues: .allOld)
        )
        #expect(response.attributes == ["p": text("a"), "x": number(1)])
        #expect(try region.get(key) == nil)
        #expect(try region.version(at: key)?.isTombstone == true)
    }

    @Test func `a delete of nothing succeeds and leaves a tombstone too`() throws {
        let response = try region.delete(
            DeleteItemRequest(
                tableName: "t",
                key: key,
                returnValues: .allOld,
                returnConsumedCapacity: .total,
            )
        )
        #expect(response.attributes == nil)
        #expect(response.consumedCapacity?.total == CapacityUnits(halves: 2))
        #expect(try region.version(at: key)?.isTombstone == true)
    }

    @Test func `a failed condition deletes nothing`() throws {
        let item: Item = ["p": text("a"), "x": number(1)]
        try region.put(item)
        let request = DeleteItemRequest(
            tableName: "t",
            key: key,
            condition: "x = :v",
            values: [(":v", number(2))],
            returnValuesOnConditionCheckFailure: .allOld,
        )
        #expect(throws: ServiceError.conditionFailed(item: item, itemBytes: item.sizeBytes)) {
            try region.delete(request)
        }
        #expect(try region.get(key) != nil)
    }

    @Test func `a failed condition on nothing writes nothing`() throws {
        let request = DeleteItemRequest(
            tableName: "t",
            key: key,
            condition: "attribute_exists(p)",
            returnValuesOnConditionCheckFailure: .allOld,
        )
        #expect(throws: ServiceError.conditionFailed()) { try region.delete(request) }
        #expect(try region.version(at: key) == nil)
    }

    @Test(arguments: [[:], ["q": text("a")], ["p": number(1)], ["p": text("a"), "q": text("b")]])
    func `a key that is not the table's is refused`(wrong: Item) throws {
        expectInvalid("The provided key element does not match the schema") {
            try region.delete(DeleteItemRequest(tableName: "t", key: wrong))
        }
    }
}
