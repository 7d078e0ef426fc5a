import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// Time to live: what is deleted when, and what two regions make of each other's expiries.
struct ExpiryTests {
    private let time = TestTime()

    private func regions(_ bugs: Set<PlantedBug> = []) throws -> [ReplicaFixture] {
        try ["us-east-1", "eu-west-1"].map { try ReplicaFixture($0, time, bugs: bugs) }
    }

    /// The present in seconds, and some more.
    private func seconds(_ more: Int) -> AttributeValue {
        .number(DecimalNumber(Int(time.milliseconds / 1_000) + more))
    }

    @Test func `what has expired goes, and nothing else`() throws {
        let east = try regions()[0]
        _ = try east.create("abc")
        try east.expire("abc", by: "x")
        let five = 5 * 365 * 86_400
        try east.put("past", seconds(-10), in: "abc")
        let fraction = try DecimalNumber(parsing: "1799999990.5")
        try east.put("fraction", .number(fraction), in: "abc")
        try east.put("future", seconds(3_600), in: "abc")
        try east.put("present", seconds(0), in: "abc")
        try east.put("ancient", seconds(-five - 10), in: "abc")
        try east.put("negative", .number(DecimalNumber(-5)), in: "abc")
        try east.put("text", .string("1799999990"), in: "abc")
        try east.put("none", nil, in: "abc")
        try east.sweep()
        #expect(
            try east.keys("abc") == ["ancient", "future", "negative", "none", "present", "text"]
        )
        time.milliseconds += 3_602_000
        try east.sweep()
        #expect(try east.keys("abc") == ["ancient", "negative", "none", "text"])
    }

    @Test func `one that cannot be read keeps no other from going, and is told of`() throws {
        let east = try regions()[0]
        let id = try east.create("abc")
        try east.expire("abc", by: "x")
        for key in ["a", "b", "c"] { try east.put(key, seconds(-10), in: "abc") }
        try east.damageStamp(of: "b", in: id)
        try east.sweep()
        #expect(east.engine.alarms.count == 1)
        #expect(try east.entries == 1)
    }

    @Test func `items that were there before expire too, and changed ones when they now say`()
        throws
    {
        let east = try regions()[0]
        _ = try east.create("abc")
        for number in 0..<20 { try east.put("k\(number)", seconds(-10), in: "abc") }
        try east.put("kept", seconds(-10), in: "abc")
        try east.expire("abc", by: "x")
        try east.put("kept", seconds(100), in: "abc")
        try east.group { _ = try $0.doChores() }
        try east.sweep()
        #expect(try east.keys("abc") == ["kept"])
        try east.put("kept", nil, in: "abc")
        time.milliseconds += 200_000
        try east.sweep()
        #expect(try east.keys("abc") == ["kept"])
    }

    @Test func `what does not expire any more stays, and goes by another attribute`() throws {
        let east = try regions()[0]
        _ = try east.create("abc")
        try east.expire("abc", by: "x")
        try east.put("k", seconds(1), in: "abc")
        try east.setExpiry("abc", "x", isEnabled: false)
        time.milliseconds += 10_000
        try east.sweep()
        #expect(try east.keys("abc") == ["k"])
        try east.expire("abc", by: "y")
        try east.sweep()
        #expect(try east.keys("abc") == ["k"])
        #expect(try east.entries == 0)
    }

    @Test func `a sweep goes on where its piece ended`() throws {
        let east = try regions()[0]
        _ = try east.create("abc")
        try east.expire("abc", by: "x")
        for number in 0..<1_200 { try east.put("k\(number)", seconds(-9), in: "abc") }
        try east.put("left", nil, in: "abc")
        #expect(try east.sweep() == 3)
        #expect(try east.keys("abc") == ["left"])
    }

    private func share(_ all: [ReplicaFixture]) throws -> TableID {
        let table = try all[0].create("abc")
        try all[0].expire("abc", by: "x")
        try ReplicaFixture.settle(all, rounds: 1)
        try all[0].update("abc", .create(region: all[1].region))
        try ReplicaFixture.settle(all)
        return table
    }

    @Test func `an item is left to the region that wrote it, for a while`() throws {
        let all = try regions()
        let (east, west) = (all[0], all[1])
        _ = try share(all)
        try east.put("k", seconds(1), in: "abc")
        try ReplicaFixture.settle(all)
        time.milliseconds += 5_000
        try west.sweep()
        #expect(try west.keys("abc") == ["k"])
        time.milliseconds += 300_000
        try west.sweep()
        #expect(try west.keys("abc").isEmpty)
    }

    @Test func `two expiries of one item are no conflict, and each is told once`() throws {
        let all = try regions()
        _ = try share(all)
        try all[0].put("k", seconds(1), in: "abc")
        try ReplicaFixture.settle(all)
        time.milliseconds += 400_000
        for region in all { try region.sweep() }
        try ReplicaFixture.settle(all)
        for region in all {
            #expect(region.conflicts == 0)
            #expect(try region.keys("abc").isEmpty)
            #expect(try region.told("abc") == ["INSERT", "REMOVE by time to live"])
        }
    }

    @Test func `an expiry is told as one where it was made alone`() throws {
        let all = try regions()
        _ = try share(all)
        try all[0].put("k", seconds(1), in: "abc")
        try ReplicaFixture.settle(all)
        time.milliseconds += 5_000
        try all[0].sweep()
        try ReplicaFixture.settle(all)
        #expect(try all[0].told("abc") == ["INSERT", "REMOVE by time to live"])
        #expect(try all[1].told("abc") == ["INSERT", "REMOVE"])
    }

    /// One region puts off an item's expiry; the other, which has not heard of it, deletes the item
    /// afterwards.
    ///
    /// The item must stay, in both. By the stamps alone the delete would win.
    @Test(arguments: [Set<PlantedBug>(), [.expiryByOwnStamp]])
    func `putting off an expiry wins over an expiry made later`(bugs: Set<PlantedBug>) throws {
        let all = try regions(bugs)
        let (east, west) = (all[0], all[1])
        _ = try share(all)
        try west.put("k", seconds(1), in: "abc")
        try ReplicaFixture.settle(all)
        try east.put("k", seconds(10_000), in: "abc")
        time.milliseconds += 5_000
        try west.sweep()
        #expect(try west.keys("abc").isEmpty)
        try ReplicaFixture.settle(all)
        for region in all {
            #expect(try region.keys("abc") == (bugs.isEmpty ? ["k"] : []))
            #expect(region.conflicts == 1)
        }
    }

    @Test func `the setting is refused as the service refuses it`() throws {
        let east = try regions()[0]
        _ = try east.create("abc")
        #expect(throws: ServiceError.timeToLiveDisabledAlready) {
            try east.setExpiry("abc", "x", isEnabled: false)
        }
        try east.expire("abc", by: "x")
        #expect(throws: ServiceError.timeToLiveEnabledAlready) { try east.expire("abc", by: "x") }
        for isEnabled in [true, false] {
            #expect(throws: ServiceError.timeToLiveOfOtherAttribute("x")) {
                try east.setExpiry("abc", "y", isEnabled: isEnabled)
            }
        }
        #expect(throws: ServiceError.tableNotFound("other")) { try east.expire("other", by: "x") }
    }
}

extension ReplicaFixture {
    fileprivate func expire(_ table: String, by attribute: Text) throws {
        try setExpiry(table, attribute, isEnabled: true)
    }

    fileprivate func setExpiry(_ table: String, _ attribute: Text, isEnabled: Bool) throws {
        let request = UpdateTimeToLiveRequest(
            tableName: table,
            specification: TimeToLiveSpecification(
                isEnabled: isEnabled,
                attributeName: attribute,
            ),
        )
        try group { group in _ = try group.perform { try request.perform(in: &$0) } }
        try group { _ = try $0.doChores() }
    }

    fileprivate func put(_ key: String, _ expiry: AttributeValue?, in table: String) throws {
        var item: Item = ["p": .string(Text(key))]
        item["x"] = expiry
        let prepared = try PreparedPutItem(PutItemRequest(tableName: table, item: item))
        try group { group in _ = try group.perform { try prepared.perform(in: &$0) } }
    }

    /// - Returns: how many pieces the sweep had.
    @discardableResult
    fileprivate func sweep() throws -> Int {
        var pieces = 0
        var place: ExpiryPlace?
        repeat {
            pieces += 1
            place = try group { try $0.sweepExpired(after: place) }
        } while place != nil
        return pieces
    }

    fileprivate func keys(_ table: String) throws -> [String] {
        let context = ReadContext(catalog: engine.catalog, store: store.snapshot())
        let response = try ScanRequest(tableName: table).perform(in: context)
        return try response.items.read().compactMap { item in
            guard case .string(let key) = item["p"] else { return nil }
            return key.string
        }
        .sorted()
    }

    fileprivate var entries: Int {
        get throws {
            var count = 0
            try store.snapshot().range(.expiries, from: [], to: nil, reversed: false) { _, _ in
                count += 1
                return true
            }
            return count
        }
    }

    fileprivate func told(_ name: String) throws -> [String] {
        var told: [String] = []
        try store.snapshot().range(.records, from: [], to: nil, reversed: false) { key, value in
            try StreamSegment.forEach(in: (key, value)) { _, entry in
                told.append(entry.event.rawValue + (entry.isExpiry ? " by time to live" : ""))
                return true
            }
        }
        return told
    }
}
