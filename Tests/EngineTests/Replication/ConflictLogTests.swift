import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// What the conflict log holds, for how long, and how a loser comes back.
struct ConflictLogTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let table: TableID

    init() throws {
        var settings = EngineSettings()
        settings.conflictsRetentionMilliseconds = 60_000
        settings.conflictsBytesMax = 4_000
        east = try ReplicaFixture("us-east-1", time, settings: settings)
        west = try ReplicaFixture("eu-west-1", time, settings: settings)
        table = try ReplicaFixture.share("abc", among: [east, west])
        try #require(west.status(of: table, in: "eu-west-1") == .active)
    }

    private func transact(_ keys: [String], _ note: String, in region: ReplicaFixture) throws {
        try region.group { try Self.transact(keys, note, in: $0) }
    }

    private static func transact(_ keys: [String], _ note: String, in group: WriteGroup) throws {
        let actions = keys.map { key in
            TransactWrite(
                tableName: "abc",
                kind: .put(item: ["p": text(key), "note": text(note)]),
            )
        }
        let request = TransactWriteItemsRequest(actions: actions)
        let prepared = try PreparedTransactWriteItems(request)
        _ = try group.perform { try prepared.perform(in: &$0) }
    }

    private func records(
        in region: ReplicaFixture,
        _ query: ConflictQuery = ConflictQuery(),
    ) throws -> [(id: [UInt8], record: ConflictRecord)] {
        var found: [(id: [UInt8], record: ConflictRecord)] = []
        let catalog = region.engine.catalog
        let next = try query.walk(catalog, region.store.snapshot(), examinedMax: 1_000) {
            found.append(($0, $1))
            return true
        }
        #expect(next == nil)
        return found
    }

    private func totals(in region: ReplicaFixture) throws -> ConflictTotals {
        let number = try #require(region.engine.catalog[id: table]).number
        return try ConflictTotals.read(of: number, from: region.store.snapshot())
    }

    private func place(_ key: String) throws -> ConflictRecord.Place {
        let schema = try #require(east.engine.catalog[id: table]).schema
        return ConflictRecord.Place(
            table: table,
            key: try ItemKey(schema: schema, key: ["p": text(key)]).bytes,
        )
    }

    /// Both write an item without seeing the other's; the west later, so that it wins.
    private func conflict(on key: String) throws {
        try east.put(key, "east", in: "abc")
        try west.put(key, "west", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
    }

    // MARK: Torn transactions

    @Test func `a transaction that loses an item is on record in both regions with all its items`()
        throws
    {
        try transact(["a", "b", "c"], "east", in: east)
        try west.put("b", "west", in: "abc")
        try ReplicaFixture.settle([east, west])
        #expect(try east.items("abc") == ["a": "east", "b": "west", "c": "east"])
        #expect(try west.items("abc") == ["a": "east", "b": "west", "c": "east"])
        for region in [east, west] {
            let found = try records(in: region)
            #expect(found.count == 1)
            let record = try #require(found.first?.record)
            #expect(record.isTorn)
            #expect(record.loser.transactionItems == 3)
            #expect(record.transaction == [try place("a"), try place("b"), try place("c")])
            #expect(try totals(in: region).torn == 1)
            #expect(region.engine.notices.contains { $0.contains("is torn") })
        }
    }

    @Test func `a transaction of the very group that loses it is on record whole`() throws {
        try west.put("b", "west", in: "abc")
        let batch = try #require(try east.nextBatch(from: west))
        // Before the west's write, so that it loses.
        time.milliseconds -= 2
        try east.group { group in
            try Self.transact(["a", "b"], "east", in: group)
            _ = try group.apply(batch)
        }
        #expect(try east.items("abc") == ["a": "east", "b": "west"])
        let record = try #require(try records(in: east).last?.record)
        #expect(record.transaction == [try place("a"), try place("b")])
    }

    @Test func `a write of its own tears nothing`() throws {
        try conflict(on: "a")
        let record = try #require(try records(in: west).first?.record)
        #expect(!record.isTorn)
        #expect(record.transaction.isEmpty)
        #expect(try totals(in: west).torn == 0)
        var query = ConflictQuery()
        query.isTornOnly = true
        #expect(try records(in: west, query).isEmpty)
    }

    @Test func `a transaction of one item tears nothing`() throws {
        try transact(["a"], "east", in: east)
        try west.put("a", "west", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        #expect(try records(in: west).map(\.record.isTorn) == [false])
    }

    // MARK: Asking

    @Test func `records are found by item, time and the loser's region`() throws {
        try conflict(on: "a")
        let between = time.milliseconds + 1
        try conflict(on: "b")
        var query = ConflictQuery()
        query.table = east.engine.catalog[id: table]
        #expect(try records(in: east, query).count == 2)
        query.item = try place("b").key
        #expect(try records(in: east, query).map(\.record.key) == [try place("b").key])
        query.item = nil
        query.since = between
        #expect(try records(in: east, query).map(\.record.key) == [try place("b").key])
        query.since = 0
        query.until = between
        #expect(try records(in: east, query).map(\.record.key) == [try place("a").key])
        query.until = .max
        query.origin = "us-east-1"
        #expect(try records(in: east, query).count == 2)
        query.origin = "eu-west-1"
        #expect(try records(in: east, query).isEmpty)
    }

    @Test func `a walk that is cut goes on where it ended`() throws {
        for key in ["a", "b", "c"] { try conflict(on: key) }
        var query = ConflictQuery()
        var keys: [[UInt8]] = []
        for _ in 0..<3 {
            let next = try query.walk(east.engine.catalog, east.store.snapshot(), examinedMax: 1) {
                keys.append($1.key)
                return true
            }
            guard let next else { break }
            query.seen[try ConflictKey(decoding: next).table] = next
        }
        #expect(keys == [try place("a").key, try place("b").key, try place("c").key])
    }

    // MARK: Retention

    @Test func `records go when they are older than the retention, and are counted`() throws {
        try conflict(on: "old")
        time.milliseconds += 40_000
        try conflict(on: "new")
        time.milliseconds += 30_000
        for region in [east, west] {
            try region.group { _ = try $0.doChores() }
            #expect(try records(in: region).map(\.record.key) == [try place("new").key])
            let totals = try totals(in: region)
            #expect(totals.held == 1)
            #expect(totals.dropped == 1)
            #expect(totals.logged == 2)
        }
    }

    @Test func `a log that is too large loses its oldest records, with an alarm`() throws {
        for number in 0..<40 { try conflict(on: "k\(number)") }
        try east.group { _ = try $0.doChores() }
        let totals = try totals(in: east)
        #expect(totals.heldBytes <= 4_000)
        #expect(totals.dropped > 0)
        #expect(totals.held + totals.dropped == 40)
        let found = try records(in: east)
        #expect(UInt64(found.count) == totals.held)
        #expect(found.last?.record.key == (try place("k39").key))
        #expect(east.engine.alarms.contains { $0.contains("conflicts.bytesMax") })
    }

    @Test func `a clock that goes back does not put a record before the others`() throws {
        try conflict(on: "a")
        time.milliseconds -= 30_000
        try conflict(on: "b")
        #expect(
            try records(in: east).map(\.record.key) == [try place("a").key, try place("b").key]
        )
    }

    // MARK: Restoring

    @Test func `a loser comes back as a new write that all regions take`() throws {
        try conflict(on: "a")
        let id = try #require(try records(in: west).first).id
        let tried = try west.group { try $0.restoreConflict(id, isDryRun: true) }
        #expect(tried.restored == nil)
        #expect(try west.items("abc") == ["a": "west"])
        let done = try west.group { try $0.restoreConflict(id, isDryRun: false) }
        #expect(done.restored?.origin == west.engine.origin)
        try ReplicaFixture.settle([east, west])
        #expect(try east.items("abc") == ["a": "east"])
        #expect(try west.items("abc") == ["a": "east"])
        #expect(try records(in: west).count == 1)
    }

    @Test func `a loser does not come back over anything but its winner`() throws {
        try conflict(on: "a")
        let id = try #require(try records(in: west).first).id
        try west.put("a", "later", in: "abc")
        #expect { try west.group { try $0.restoreConflict(id, isDryRun: false) } } throws: {
            ($0 as? PeerRefusal)?.code == .notCurrent
        }
        #expect(try west.items("abc") == ["a": "later"])
        #expect {
            try west.group { try $0.restoreConflict([0, 0, 0, 1], isDryRun: false) }
        } throws: {
            ($0 as? PeerRefusal)?.code == .notFound
        }
    }

    @Test func `a loser comes back over a delete whose tombstone has gone`() throws {
        try east.put("a", "east", in: "abc")
        try west.delete("a", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 6)
        let row = try #require(west.engine.catalog[id: table]).row(try place("a").key)
        try #require(try west.store.snapshot().get(.items, row) == nil)
        let id = try #require(try records(in: west).first).id
        try west.group { _ = try $0.restoreConflict(id, isDryRun: false) }
        try ReplicaFixture.settle([east, west])
        #expect(try east.items("abc") == ["a": "east"])
    }

    @Test func `a delete that lost can be carried out after all`() throws {
        try east.put("a", "first", in: "abc")
        try ReplicaFixture.settle([east, west])
        try east.delete("a", in: "abc")
        try west.put("a", "west", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        let found = try #require(try records(in: east).first)
        #expect(found.record.loser.isTombstone)
        try east.group { _ = try $0.restoreConflict(found.id, isDryRun: false) }
        try ReplicaFixture.settle([east, west])
        #expect(try west.items("abc").isEmpty)
    }
}
