import Causality
import Changes
import Expressions
import Items
import Testing
import Wire

@testable import Engine

/// The fast path of a region's own writes against the other one.
struct PlainWriteTests {
    @Test(arguments: UInt64(1)...24, [false, true])
    func `both paths leave the same store and answer the same`(
        seed: UInt64,
        derived: Bool
    ) throws {
        var world = try World(seed: seed, derived: derived)
        for _ in 0..<150 { try world.step() }
        try world.compare()
        // Over versions of another region, and of this one before.
        try world.part()
        for _ in 0..<100 { try world.write() }
        try world.compare()
    }

    // MARK: What is plain

    private let region: ReplicaFixture
    private let table: TableID

    init() throws {
        region = try ReplicaFixture("us-east-1", TestTime())
        table = try region.create("abc")
        try region.put("known", "0", in: "abc")
        try region.put("gone", "0", in: "abc")
        try region.delete("gone", in: "abc")
    }

    private func isPlain(_ key: String) throws -> Bool {
        try region.group { group in
            let table = try #require(region.engine.catalog[id: table])
            let bytes = try ItemKey(schema: table.schema, item: ["p": text(key)]).bytes
            return try group.withPresent(of: table, at: bytes) { $0.isPlain }
        }
    }

    @Test func `a write over nothing and over an item is plain, over a tombstone it is not`() throws
    {
        #expect(try isPlain("new"))
        #expect(try isPlain("known"))
        #expect(!(try isPlain("gone")))
    }

    @Test func `an image in a table with indexes and time to live is written plainly`() throws {
        let id = try region.create("derived", derived: true)
        try region.put("known", "0", in: "derived")
        try region.group { group in
            let table = try #require(region.engine.catalog[id: id])
            let target = try #require(PlainTarget(table))
            #expect(target.derived != nil)
            let item: Item = ["p": text("known"), "note": text("1")]
            let key = try ItemKey(schema: table.schema, item: item).bytes
            let effects = try group.withPresent(of: table, at: key) { present in
                try group.writePlainly(
                    item.encoded(),
                    sizeBytes: item.sizeBytes,
                    to: target,
                    over: present,
                    time: group.newTime(),
                    ordinal: 0,
                    transactionItems: 0,
                )
            }
            #expect(effects?.globalIndexes.map(\.indexName) == ["all"])
        }
    }

    @Test func `a stamp from beyond all that was seen is damage, and no reason to stop`() throws {
        let request = try PreparedPutItem(
            PutItemRequest(tableName: "abc", item: ["p": text("known")])
        )
        let removal = try PreparedDeleteItem(
            DeleteItemRequest(tableName: "abc", key: ["p": text("known")])
        )
        try region.damageStamp(of: "known", in: table)
        let damaged = try region.rows(.items)
        try region.group { group in
            #expect(throws: MalformedBytes.self) {
                try group.perform { try request.perform(in: &$0) }
            }
            #expect(throws: MalformedBytes.self) {
                try group.perform { try removal.perform(in: &$0) }
            }
        }
        #expect(try region.rows(.items) == damaged)
    }

    @Test func `of a transaction nothing is written where an item before it cannot be read`() throws
    {
        let id = try region.create("derived", derived: true)
        try region.put("bad", "0", in: "derived")
        let request = TransactWriteItemsRequest(
            actions: ["good", "bad"].map { key in
                TransactWrite(tableName: "derived", kind: .put(item: ["p": text(key)]))
            }
        )
        let prepared = try PreparedTransactWriteItems(request)
        try region.damageImage(of: "bad", in: id)
        let before = try region.rows(.items)
        try region.group { group in
            #expect(throws: StoredFormError.self) {
                try group.perform { try prepared.perform(in: &$0) }
            }
        }
        #expect(try region.rows(.items) == before)
    }

    @Test func `nothing of the system table is plain`() throws {
        try region.group { group in
            let system = try #require(region.engine.catalog[id: .system])
            #expect(PlainTarget(system) == nil)
        }
    }

    @Test func `nothing is plain with a bug planted`() throws {
        let other = try ReplicaFixture("us-east-1", TestTime(), bugs: [.wallClockTimes])
        _ = try other.create("abc")
        #expect(region.engine.plainTable("abc") != nil)
        #expect(other.engine.plainTable("abc") == nil)
    }
}

/// A region twice, once with the fast path and once without, beside another one that writes too.
private struct World {
    private static let keys = ["a", "b", "c", "d\u{0}e", "ä"]

    private var random: SplitMix64
    /// Whether the table has indexes and time to live.
    private let isDerived: Bool
    private let time = TestTime()
    private let other: ReplicaFixture
    private let fast: ReplicaFixture
    private let slow: ReplicaFixture
    /// Each has a clock of its own, so that both do everything at the same times.
    private let fastTime = TestTime()
    private let slowTime = TestTime()
    /// With it, the one with the fast path has no trees made of usual updates.
    private let known = ExpressionCache()

    init(seed: UInt64, derived: Bool) throws {
        random = SplitMix64(seed: seed)
        isDerived = derived
        other = try ReplicaFixture("us-east-1", time)
        fast = try ReplicaFixture("eu-west-1", fastTime)
        // One that may meet changes it does not know writes none plainly; this one knows all.
        slow = try ReplicaFixture(
            "eu-west-1",
            slowTime,
            settings: EngineSettings(unknownChanges: UnknownChanges(oneIn: .max)),
        )
        _ = try other.create("abc", derived: derived)
        for _ in 0..<2 { try settle() }
        try other.update("abc", .create(region: "eu-west-1"))
        for _ in 0..<6 { try settle() }
    }

    private func settle() throws {
        try fast.ask(other)
        while try take(bytesMax: 1 << 20) {}
        for join in fast.position(from: other).joins {
            while let chunk = try? fast.nextChunk(of: join.table, from: other) {
                try both { region in _ = try region.group { try $0.apply(chunk) } }
            }
        }
        try give()
        try other.group { _ = try $0.doChores() }
        try both { region in try region.group { _ = try $0.doChores() } }
    }

    /// Has both do the same at the same time, and answer the same.
    @discardableResult
    private func both<Answer: Equatable>(_ body: (ReplicaFixture) throws -> Answer) throws -> Answer
    {
        let start = max(time.milliseconds, fastTime.milliseconds) + 1
        time.milliseconds = start
        slowTime.milliseconds = start
        let answer = try body(slow)
        fastTime.milliseconds = start
        #expect(try body(fast) == answer)
        return answer
    }

    private func both(_ body: (ReplicaFixture) throws -> Void) throws {
        try both { region in
            try body(region)
            return true
        }
    }

    mutating func step() throws {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: try other.put(key(), note(), in: "abc")
        case 1: try other.delete(key(), in: "abc")
        case 2: try give()
        case 3, 4: _ = try take(bytesMax: Int.random(in: 1...2_000, using: &random))
        case 5: try both { region in try region.group { _ = try $0.doChores() } }
        default: try write()
        }
    }

    /// Removes the other region and the stream: then the region writes plainly.
    mutating func part() throws {
        try both { try $0.update("abc", .delete(region: "us-east-1")) }
        for _ in 0..<8 { try settle() }
        let request = UpdateTableRequest(
            tableName: "abc",
            streamSpecification: StreamSpecification(isEnabled: false, viewType: nil),
        )
        try both { region in
            try region.group { group in _ = try group.perform { try request.perform(in: &$0) } }
        }
    }

    /// A group of one to four writes of this region.
    mutating func write() throws {
        let writes = (0..<Int.random(in: 1...4, using: &random)).map { _ in write(&random) }
        try both { region in
            try region.group { group in
                try writes.map { write in
                    do {
                        return try group.perform { try write(&$0) }
                    } catch let error as ServiceError {
                        return error.message
                    }
                }
            }
        }
    }

    private typealias Write = (inout WriteContext) throws -> String

    private func write(_ random: inout SplitMix64) -> Write {
        let key = World.keys.randomElement(using: &random) ?? "a"
        let value = String(Int.random(in: 0..<4, using: &random))
        let item: Item = ["p": text(key), "note": text(value)]
        let capacity = ReturnConsumedCapacity.indexes
        let known = known
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3:
            let request = PutItemRequest(
                tableName: "abc",
                item: item,
                condition: Bool.random(using: &random) ? nil : "attribute_exists(p)",
                returnValues: Bool.random(using: &random) ? .allOld : .none,
                returnConsumedCapacity: capacity,
            )
            return { context in
                "\(try PreparedPutItem(request).perform(in: &context))"
            }
        case 3, 4:
            let request = UpdateItemRequest(
                tableName: "abc",
                key: ["p": text(key)],
                update: "SET note = :v, z = if_not_exists(z, :v) REMOVE y",
                condition: Bool.random(using: &random) ? nil : "attribute_not_exists(q)",
                values: [(":v", text(value))],
                returnValues: .allNew,
                returnConsumedCapacity: capacity,
            )
            return { context in
                "\(try PreparedUpdateItem(request, known: known).perform(in: &context))"
            }
        case 6, 7:
            // Some are faulty, or fail on what is there.
            let updates = [
                "SET p = :v", "SET note = :v", "REMOVE z", "SET a.b = :v", "SET y = y", "ADD q :n",
                "SET note = :v REMOVE z ADD n :n", "SET n = n + :n, z = :v", "ADD note :n",
                "SET n = if_not_exists(n, :n) - :n, y = note REMOVE q",
            ]
            let conditions = [
                "p.x = :v", "note = :v", "n > :n", "attribute_exists(p)",
                "attribute_exists(p) AND note <> :v", "attribute_not_exists(q)",
            ]
            let returned: [ReturnValues] = [.none, .allOld, .updatedOld, .allNew, .updatedNew]
            let update = updates.randomElement(using: &random) ?? ""
            let condition = conditions.randomElement(using: &random) ?? ""
            let values: [(String, AttributeValue)] =
                [(":v", text(value)), (":n", .number(DecimalNumber(1)))].filter {
                    (update + condition).contains($0.0)
                }
            let request = UpdateItemRequest(
                tableName: "abc",
                key: value == "0" ? ["p": text(key), "c": .null] : ["p": text(key)],
                update: update,
                condition: condition,
                values: values.isEmpty ? nil : values,
                returnValues: returned.randomElement(using: &random) ?? .none,
            )
            return { context in
                do {
                    return "\(try PreparedUpdateItem(request, known: known).perform(in: &context))"
                } catch let error as ServiceError {
                    return "\(error)"
                }
            }
        case 8:
            let request = PutItemRequest(
                tableName: "abc",
                item: Bool.random(using: &random) ? item : ["note": text(value)],
                condition: Bool.random(using: &random) ? "p[0] = note" : "note <> p",
            )
            return { context in "\(try PreparedPutItem(request).perform(in: &context))" }
        case 5:
            let request = DeleteItemRequest(tableName: "abc", key: ["p": text(key)])
            return { context in
                "\(try PreparedDeleteItem(request).perform(in: &context))"
            }
        default:
            let request = TransactWriteItemsRequest(
                actions: [
                    TransactWrite(tableName: "abc", kind: .put(item: item)),
                    TransactWrite(
                        tableName: "abc",
                        kind: .update(key: ["p": text("u")], expression: "ADD n :v"),
                        values: [(":v", .number(DecimalNumber(1)))],
                    ),
                    TransactWrite(tableName: "abc", kind: .delete(key: ["p": text("x" + key)])),
                ],
                returnConsumedCapacity: capacity,
            )
            return { context in
                "\(try PreparedTransactWriteItems(request).perform(in: &context))"
            }
        }
    }

    private mutating func key() -> String { World.keys.randomElement(using: &random) ?? "a" }

    private mutating func note() -> String { String(Int.random(in: 0..<4, using: &random)) }

    /// Gives the other region what the two have written, from one of them; both are asked.
    private func give() throws {
        let position = other.position(from: fast)
        try both { region in
            try region.group { $0.heard(position) }
            try region.group { $0.heartbeat() }
        }
        while let batch = try other.nextBatch(from: fast) {
            let reply = try other.group { try $0.apply(batch) }
            guard reply.outcome == .applied else { return }
        }
    }

    /// One batch for both.
    /// - Returns: false if there was none.
    private func take(bytesMax: Int) throws -> Bool {
        try other.group { $0.heartbeat() }
        guard let batch = try fast.nextBatch(from: other, bytesMax: bytesMax) else { return false }
        try both { region in
            let reply = try region.group { try $0.apply(batch) }
            #expect(reply.outcome == .applied)
        }
        return batch.header.changes > 0
    }

    func compare() throws {
        // Two that go the same way say nothing.
        try #require(fast.engine.writesPlainly && !slow.engine.writesPlainly)
        try #require((fast.engine.plainTable("abc") != nil) == !isDerived)
        for keyspace in Keyspace.allCases {
            #expect(try fast.rows(keyspace) == slow.rows(keyspace), "\(keyspace)")
        }
        #expect(!(try fast.rows(.history).isEmpty))
        #expect(try fast.rows(.indexes).isEmpty == !isDerived)
        #expect(fast.engine.clock.last == slow.engine.clock.last)
    }
}
