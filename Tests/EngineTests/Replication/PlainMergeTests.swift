import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// The fast path of merging against the plain one, and which changes it takes.
struct PlainMergeTests {
    // MARK: Both paths

    @Test(arguments: UInt64(1)...24)
    func `both paths leave the same store`(seed: UInt64) throws {
        var world = try World(seed: seed)
        for _ in 0..<120 { try world.step() }
        try world.compare()
        #expect(!(try world.rows(.conflicts).isEmpty))
        #expect(!(try world.rows(.records).isEmpty))
    }

    @Test(arguments: UInt64(1)...24)
    func `both leave the same indexes and order of expiry`(seed: UInt64) throws {
        var world = try World(seed: seed, derived: true)
        for _ in 0..<120 { try world.step() }
        try world.compare()
        #expect(!(try world.rows(.indexes).isEmpty))
        #expect(!(try world.rows(.expiries).isEmpty))
    }

    // MARK: What is plain

    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let table: TableID

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west])
        try east.put("known", "0", in: "abc")
        try east.put("gone", "0", in: "abc")
        try ReplicaFixture.settle([east, west])
        try west.delete("gone", in: "abc")
    }

    /// Whether the west merges the next change of the east plainly.
    private func isPlain() throws -> Bool { try isPlain(of: table, from: east, at: west) }

    private func isPlain(
        of table: TableID,
        from east: ReplicaFixture,
        at west: ReplicaFixture,
    ) throws -> Bool {
        let batch = try #require(try west.nextBatch(of: table, from: east))
        #expect(batch.header.changes == 1)
        return try west.group { group in
            let table = try #require(west.engine.catalog[id: table])
            guard group.mergesPlainly(table) else { return false }
            return try batch.records.withUnsafeBytes { bytes in
                try batch.header.origin.withBytes { origin in
                    var reader = ByteReader(bytes)
                    let framed = try #require(try ChangeCoding.next(&reader))
                    guard let change = PlainChange(framed.bytes, origin: origin) else {
                        return false
                    }
                    var run = try #require(group.beginRun(of: table.id))
                    return try group.mergePlainly(change, of: origin, in: &run)
                }
            }
        }
    }

    @Test func `what was looked at before holds for the schema that was known then alone`() throws {
        try east.put("new", "1", in: "abc")
        let batch = try #require(try west.nextBatch(of: table, from: east))
        let known = try #require(west.engine.catalog[id: table])
        let other = TableSchema(partition: TableSchema.KeyAttribute(name: "q", type: .string))
        let scanned = ScannedBatch(batch, in: west.engine.catalog)
        #expect(scanned.isItem(at: 0, of: table, known.schema) == true)
        #expect(scanned.isItem(at: 0, of: table, other) == nil)
        #expect(scanned.isItem(at: batch.header.changes, of: table, known.schema) == nil)
        #expect(scanned.isItem(at: 0, of: .system, known.schema) == nil)
        let unseen = ScannedBatch(batch)
        #expect(unseen.isItem(at: 0, of: table, known.schema) == nil)
    }

    @Test func `a new item is plain`() throws {
        try east.put("new", "1", in: "abc")
        #expect(try isPlain())
    }

    @Test func `a write over the version that is stored is plain`() throws {
        try east.put("known", "1", in: "abc")
        #expect(try isPlain())
    }

    @Test func `a write that has not seen what is stored is not plain`() throws {
        try west.put("known", "2", in: "abc")
        try east.put("known", "1", in: "abc")
        #expect(!(try isPlain()))
    }

    @Test func `a write over a tombstone is not plain`() throws {
        try east.put("gone", "1", in: "abc")
        #expect(!(try isPlain()))
    }

    @Test func `a delete is not plain`() throws {
        try east.delete("known", in: "abc")
        #expect(!(try isPlain()))
    }

    @Test func `a change that is stored already is not plain`() throws {
        try east.put("known", "1", in: "abc")
        let batch = try #require(try west.nextBatch(of: table, from: east))
        try west.pullChanges(from: east)
        try west.group { group in
            let table = try #require(west.engine.catalog[id: table])
            try batch.records.withUnsafeBytes { bytes in
                try batch.header.origin.withBytes { origin in
                    var reader = ByteReader(bytes)
                    let framed = try #require(try ChangeCoding.next(&reader))
                    let change = try #require(PlainChange(framed.bytes, origin: origin))
                    var run = try #require(group.beginRun(of: table.id))
                    #expect(!(try group.mergePlainly(change, of: origin, in: &run)))
                }
            }
        }
    }

    @Test func `a change to a table with indexes is plain, unless they cannot tell what was there`()
        throws
    {
        let (east, west) = (
            try ReplicaFixture("us-east-1", time), try ReplicaFixture("eu-west-1", time)
        )
        let table = try ReplicaFixture.share("abc", among: [east, west], derived: true)
        try east.put("known", "0", in: "abc")
        try east.put("bad", "0", in: "abc")
        try ReplicaFixture.settle([east, west])
        try east.put("known", "1", in: "abc")
        #expect(try isPlain(of: table, from: east, at: west))
        try west.pullChanges(from: east)

        try west.damageImage(of: "bad", in: table)
        try east.put("bad", "1", in: "abc")
        #expect(!(try isPlain(of: table, from: east, at: west)))
        let batch = try #require(try west.nextBatch(of: table, from: east))
        let reply = try west.group { try $0.apply(batch) }
        #expect(reply.tally.quarantined == 1)
        // An application is told that it cannot be read.
        #expect(throws: StoredFormError.self) { try west.put("bad", "2", in: "abc") }
    }

    /// The second time the table's own counts.
    @Test(arguments: [false, true])
    func `nothing is merged where counts cannot be read`(areTables: Bool) throws {
        let (east, west) = (
            try ReplicaFixture("us-east-1", time), try ReplicaFixture("eu-west-1", time)
        )
        let table = try ReplicaFixture.share("abc", among: [east, west], derived: true)
        try east.put("known", "0", in: "abc")
        try ReplicaFixture.settle([east, west])
        try west.group { group in
            let table = try #require(west.engine.catalog[id: table])
            let last = try #require(table.indexes.last)
            let index = MetaKey.counts(of: last.number)
            let key = areTables ? MetaKey.counts(of: table.number) : index
            try group.store.put(.meta, key, [1])
        }
        try west.restart()
        try west.ask(east)
        try east.put("known", "1", in: "abc")
        let batch = try #require(try west.nextBatch(of: table, from: east))
        let history = try west.rows(.history)
        try west.group { group in
            #expect(throws: MalformedBytes.self) { try group.apply(batch) }
        }
        #expect(try west.items("abc") == ["known": "0"])
        #expect(try west.rows(.history) == history)
        // Nor does an application write.
        #expect(throws: MalformedBytes.self) { try west.put("known", "2", in: "abc") }
        #expect(throws: MalformedBytes.self) { try west.delete("known", in: "abc") }
        #expect(try west.items("abc") == ["known": "0"])
        // An operator counts anew.
        try west.group { try $0.recount(table) }
        try west.pullChanges(from: east)
        #expect(try west.items("abc") == ["known": "1"])
    }

    @Test func `nothing of the system table is plain`() throws {
        try west.group { group in
            let system = try #require(west.engine.catalog[id: .system])
            #expect(!group.mergesPlainly(system))
        }
    }
}

/// Two regions that write, and a third one twice: once with the fast path, once without.
private struct World {
    private static let keys = ["a", "b", "c", "d", "e\u{0}f", "ä"]

    private var random: SplitMix64
    private let time = TestTime()
    private let writers: [ReplicaFixture]
    private let fast: ReplicaFixture
    private let plain: ReplicaFixture
    /// Each has a clock of its own, so that both do everything at the same times.
    private let fastTime = TestTime()
    private let plainTime = TestTime()
    private var takes = 0

    init(seed: UInt64, derived: Bool = false) throws {
        random = SplitMix64(seed: seed)
        writers = [
            try ReplicaFixture("us-east-1", time), try ReplicaFixture("ap-south-1", time),
        ]
        fast = try ReplicaFixture("eu-west-1", fastTime)
        // A region that may meet changes it does not know takes none plainly; this one knows all.
        plain = try ReplicaFixture(
            "eu-west-1",
            plainTime,
            settings: EngineSettings(unknownChanges: UnknownChanges(oneIn: .max)),
        )
        _ = try writers[0].create("abc", derived: derived)
        for _ in 0..<2 { try settle() }
        for region in ["ap-south-1", "eu-west-1"] {
            try writers[0].update("abc", .create(region: region))
            for _ in 0..<6 { try settle() }
        }
    }

    private mutating func settle() throws {
        for source in writers {
            for target in writers where source !== target { try target.pull(from: source) }
            try fast.ask(source)
            while try take(from: source, bytesMax: 1 << 20) {}
            for join in fast.position(from: source).joins {
                while let chunk = try? fast.nextChunk(of: join.table, from: source) {
                    try both { region in _ = try region.group { try $0.apply(chunk) } }
                }
            }
        }
        for target in writers { try give(to: target) }
        for writer in writers { try writer.group { _ = try $0.doChores() } }
        try both { region in try region.group { _ = try $0.doChores() } }
    }

    /// Has both do the same at the same time.
    private func both(_ body: (ReplicaFixture) throws -> Void) throws {
        time.milliseconds = max(time.milliseconds, fastTime.milliseconds) + 1
        let start = time.milliseconds
        for (region, clock) in [(plain, plainTime), (fast, fastTime)] {
            clock.milliseconds = start
            try body(region)
        }
    }

    mutating func step() throws {
        let key = World.keys.randomElement(using: &random) ?? "a"
        let item = item(key)
        let writer = writers[Int.random(in: 0..<2, using: &random)]
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: try writer.put(item, in: "abc")
        case 4: try writer.delete(key, in: "abc")
        case 5: try both { try $0.put(item, in: "abc") }
        case 6: try writers[0].pullChanges(from: writers[1])
        case 7: try give(to: writer)
        default: _ = try take(from: writer, bytesMax: Int.random(in: 1...2_000, using: &random))
        }
    }

    /// Some are in no index, or never expire.
    private mutating func item(_ key: String) -> Item {
        var item: Item = ["p": text(key), "x": text("x")]
        func some() -> Int? {
            let value = Int.random(in: 0..<5, using: &random)
            return value == 4 ? nil : value
        }
        item["note"] = some().map { text(String($0)) }
        item["n"] = some().map { .number(DecimalNumber($0)) }
        item["z"] = some().map { .list([text("\($0)")]) }
        return item
    }

    /// Gives a writer what the two have written, from one of them; both are asked.
    private func give(to target: ReplicaFixture) throws {
        let position = target.position(from: fast)
        try both { region in
            try region.group { $0.heard(position) }
            try region.group { $0.heartbeat() }
        }
        while let batch = try target.nextBatch(from: fast) {
            let reply = try target.group { try $0.apply(batch) }
            guard reply.outcome == .applied else { return }
        }
    }

    /// One batch for both.
    /// - Returns: false if there was none.
    private mutating func take(from source: ReplicaFixture, bytesMax: Int) throws -> Bool {
        try source.group { $0.heartbeat() }
        guard let batch = try fast.nextBatch(from: source, bytesMax: bytesMax) else { return false }
        var tallies: [Tally] = []
        // Every other one of the fast ones is looked at before; the other region looks at none.
        takes += 1
        let scanned =
            takes.isMultiple(of: 2)
            ? ScannedBatch(batch, in: fast.engine.catalog) : ScannedBatch(batch)
        try both { region in
            let reply = try region.group {
                try region === fast ? $0.apply(scanned) : $0.apply(batch)
            }
            #expect(reply.outcome == .applied)
            tallies.append(reply.tally)
        }
        #expect(tallies[0] == tallies[1])
        return batch.header.changes > 0
    }

    func compare() throws {
        for keyspace in Keyspace.allCases {
            #expect(try fast.rows(keyspace) == plain.rows(keyspace), "\(keyspace)")
        }
        #expect(fast.engine.clock.last == plain.engine.clock.last)
    }

    func rows(_ keyspace: Keyspace) throws -> [[UInt8]] { try fast.rows(keyspace) }
}
