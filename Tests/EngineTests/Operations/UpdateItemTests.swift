import Causality
import Changes
import Engine
import Items
import Testing
import Wire

struct UpdateItemTests {
    private let region: OperationFixture
    private let key: Item = ["p": text("a")]

    init() throws {
        region = try OperationFixture(partition: .string)
    }

    private func request(
        _ update: String?,
        _ values: [(String, AttributeValue)]? = nil,
        returning: ReturnValues = .none,
    ) -> UpdateItemRequest {
        UpdateItemRequest(
            tableName: "t",
            key: key,
            update: update,
            values: values,
            returnValues: returning,
        )
    }

    @Test func `an update changes what it names and nothing else`() throws {
        try region.put(["p": text("a"), "x": number(1), "y": number(2)])
        try region.update(request("SET x = x + :one REMOVE y", [(":one", number(1))]))
        #expect(try region.get(key) == ["p": text("a"), "x": number(2)])
        let version = try #require(try region.version(at: key))
        #expect(version.sizeBytes == (try region.get(key))?.sizeBytes)
    }

    @Test(arguments: ["SET x = :v", "ADD x :v"])
    func `an update makes the item with its key`(update: String) throws {
        try region.update(request(update, [(":v", number(5))]))
        #expect(try region.get(key) == ["p": text("a"), "x": number(5)])
    }

    @Test func `an update without actions makes the item of its key alone`() throws {
        try region.update(request(nil))
        #expect(try region.get(key) == key)
    }

    @Test func `an update that only removes makes no item`() throws {
        try region.update(request("REMOVE x"))
        try region.update(request("DELETE x :v", [(":v", .stringSet(["a"]))]))
        let response = try region.update(request("REMOVE x", returning: .allNew))
        #expect(response.attributes == nil)
        #expect(try region.version(at: key) == nil)
    }

    @Test func `an update that only removes is still held to its condition`() throws {
        var update = request("REMOVE x")
        update.condition = "attribute_exists(p)"
        #expect(throws: ServiceError.conditionFailed()) { try region.update(update) }
        update.condition = "attribute_not_exists(p)"
        update.returnConsumedCapacity = .total
        #expect(try region.update(update).consumedCapacity?.total == CapacityUnits(halves: 2))
        #expect(try region.version(at: key) == nil)
    }

    @Test func `an update that changes nothing has a new stamp`() throws {
        try region.put(key)
        let before = try #require(try region.version(at: key))
        try region.update(request("REMOVE x"))
        #expect(try #require(try region.version(at: key)).stamp > before.stamp)
    }

    @Test(
        arguments: [
            (.none, nil),
            (.allOld, ["p": text("a"), "x": number(1), "y": number(2), "z": number(3)]),
            (.allNew, ["p": text("a"), "x": number(9), "z": number(3)]),
            (.updatedOld, ["x": number(1), "y": number(2)]),
            (.updatedNew, ["x": number(9)]),
        ] as [(ReturnValues, Item?)]
    )
    func `an update returns what was asked for`(wanted: ReturnValues, expected: Item?) throws {
        try region.put(["p": text("a"), "x": number(1), "y": number(2), "z": number(3)])
        let response = try region.update(
            request("SET x = :v REMOVE y", [(":v", number(9))], returning: wanted)
        )
        #expect(response.attributes == expected)
    }

    @Test(arguments: [ReturnValues.allOld, .updatedOld])
    func `an item that was made has no old values`(wanted: ReturnValues) throws {
        let response = try region.update(
            request("SET x = :v", [(":v", number(9))], returning: wanted)
        )
        #expect(response.attributes == nil)
    }

    @Test func `a condition looks at the item as it is here`() throws {
        var update = request("SET x = :v", [(":v", number(1))])
        update.condition = "attribute_exists(p)"
        #expect(throws: ServiceError.conditionFailed()) { try region.update(update) }
        #expect(try region.version(at: key) == nil)
        try region.put(key)
        try region.update(update)
        #expect(try region.get(key) == ["p": text("a"), "x": number(1)])
    }

    @Test func `the key is left alone`() throws {
        expectInvalid(
            "One or more parameter values were invalid: "
                + "Cannot update attribute p. This attribute is part of the key"
        ) { try region.update(request("SET p = :v", [(":v", text("b"))])) }
    }

    @Test func `an item does not grow beyond 400 KB`() throws {
        let rest = 100
        let room = 400 * 1024 - 3 - (1 + rest)
        try region.put(["p": text("a"), "r": filler(rest)])
        try region.update(request("SET f = :v", [(":v", filler(room))]))
        let before = try region.version(at: key)
        expectInvalid("Item size to update has exceeded the maximum allowed size") {
            try region.update(request("SET f = :v", [(":v", filler(room + 1))]))
        }
        #expect(try region.version(at: key) == before)
    }

    @Test(arguments: [13_000, 127, 128])
    func `an item of many attributes does not grow beyond 400 KB`(textBytes: Int) throws {
        let texts = (0..<25).map { Item.Attribute(Text("t\($0)"), filler(textBytes)) }
        let item = Item(texts + [Item.Attribute("p", text("a"))])
        let room = 400 * 1024 - item.sizeBytes - 1
        for (extra, isTooLarge) in [(-1, false), (0, false), (1, true)] {
            try region.put(item)
            let update = request("SET x = :v", [(":v", filler(room + extra))])
            guard isTooLarge else {
                try region.update(update)
                #expect(try region.get(key)?.sizeBytes == 400 * 1024 + extra)
                continue
            }
            expectInvalid("Item size to update has exceeded the maximum allowed size") {
                try region.update(update)
            }
            #expect(try region.get(key) == item)
        }
    }

    @Test(arguments: 124...130)
    func `an item takes more attributes than one byte counts`(count: Int) throws {
        let old = (0..<count - 1).map { Item.Attribute(Text("t\($0)"), number($0)) }
        try region.put(Item(old + [Item.Attribute("p", text("a"))]))
        try region.update(
            request("SET x = :v, a = :v, t1 = t2 REMOVE t0", [(":v", text("v"))])
        )
        var expected = old.dropFirst(2) + [Item.Attribute("p", text("a"))]
        for name in ["x", "a"] as [Text] { expected.append(Item.Attribute(name, text("v"))) }
        expected.append(Item.Attribute("t1", number(2)))
        #expect(try region.get(key) == Item(Array(expected)))
    }

    @Test func `placeholders that are empty are refused, whatever is known`() throws {
        try region.update(request("REMOVE x"))
        var update = request("REMOVE x", [])
        expectInvalid(
            "1 validation error detected: ExpressionAttributeValues must not be empty"
        ) {
            try region.update(update)
        }
        update.values = nil
        update.names = []
        expectInvalid(
            "1 validation error detected: ExpressionAttributeNames must not be empty"
        ) {
            try region.update(update)
        }
    }

    @Test func `an item does not nest deeper by an update than by a put`() throws {
        var value = text("x")
        for _ in 0..<31 { value = .list([value]) }
        try region.put(["p": text("a"), "l": .list([.null])])
        try region.update(request("SET x = :v", [(":v", value)]))
        expectInvalid("Nesting Levels have exceeded supported limits") {
            try region.update(request("SET l[0] = :v", [(":v", value)]))
        }
        #expect(try region.get(key)?["l"] == .list([.null]))
    }

    @Test func `an update costs the larger of both items`() throws {
        try region.put(["p": text("a"), "f": filler(5000)])
        var update = request("SET f = :v", [(":v", filler(1))])
        update.returnConsumedCapacity = .total
        #expect(
            try region.update(update).consumedCapacity?.total == CapacityUnits(halves: 10)
        )
        #expect(try region.update(update).consumedCapacity?.total == CapacityUnits(halves: 2))
    }
}
