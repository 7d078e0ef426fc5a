import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// Planted bugs that need a longer course of events than seeds come upon.
///
/// Each test tells one story with the rule kept and with the rule broken: the story must end well
/// only with the rule, or the rule, or the story, is worth nothing.
struct ScriptedBugTests {
    private let time = TestTime()

    private func regions(_ bugs: Set<PlantedBug>) throws -> [ReplicaFixture] {
        try ["us-east-1", "eu-west-1", "ap-north-1"].map {
            try ReplicaFixture($0, time, bugs: bugs)
        }
    }

    /// Gives a table in the first region a replica in another one.
    private func share(_ name: String, of first: ReplicaFixture, with other: ReplicaFixture) throws
    {
        try first.update(name, .create(region: other.region))
        try ReplicaFixture.settle([first, other])
        try #require(other.engine.catalog.table(named: name)?.state.phase == .active)
    }

    private func live(_ table: TableID, in region: ReplicaFixture) throws -> Int64 {
        let row = try #require(region.engine.catalog[id: table])
        return try ReadContext(catalog: region.engine.catalog, store: region.store.snapshot())
            .counts(of: row).items
    }

    // MARK: Copies of a table with changes in quarantine

    /// A member that could not apply a change gives its rows to one that joins, whose vector then says
    /// that it holds the change.
    @Test(arguments: [Set<PlantedBug>(), [.snapshotDespiteQuarantine]])
    func `a copy lacks nothing that its source has in quarantine`(bugs: Set<PlantedBug>) throws {
        let all = try regions(bugs)
        let (east, west, north) = (all[0], all[1], all[2])
        _ = try east.create("abc")
        try ReplicaFixture.settle(all, rounds: 1)
        try share("abc", of: east, with: west)
        west.settings.unknownChanges = UnknownChanges(oneIn: 1)
        west.settings.quarantineAttempts = 1
        try west.restart()
        try east.put("k", "1", in: "abc")
        try ReplicaFixture.settle([east, west])
        try #require(!west.engine.quarantine.isEmpty)

        try east.update("abc", .create(region: north.region))
        for _ in 0..<4 {
            for target in [west, north, east] {
                for source in all where source !== target {
                    try target.ask(source)
                    try target.pullChanges(from: source)
                }
            }
        }
        for source in [west, east] {
            let feed = try Feed(
                catalog: source.engine.catalog,
                store: source.store.snapshot(),
                wallMilliseconds: time.milliseconds,
                bugs: bugs,
            )
            for join in north.position(from: source).joins {
                let request = SnapshotRequest(target: north.region, join: join, bytesMax: 1 << 20)
                guard let chunk = try? feed.chunk(request) else { continue }
                try north.group { _ = try $0.apply(chunk) }
            }
        }
        try ReplicaFixture.settle(all)
        let held = try north.items("abc")
        #expect(bugs.isEmpty ? held == ["k": "1"] : held.isEmpty)
    }

    // MARK: Clearing before a copy begins anew

    /// A first source falls silent amid a copy, and a second takes over.
    ///
    /// The first gave a tombstone; the second gives a live item in its place. What is left of the
    /// first copy still marks the item as one to forget, and counts rows twice.
    @Test(arguments: [Set<PlantedBug>(), [.copyWithoutClearing]])
    func `a copy that begins anew keeps nothing of the one before`(bugs: Set<PlantedBug>) throws {
        let all = try regions(bugs)
        let (east, west, north) = (all[0], all[1], all[2])
        let table = try east.create("abc")
        for number in 0..<20 { try east.put("k\(number)", in: "abc") }
        try ReplicaFixture.settle(all, rounds: 1)
        try share("abc", of: east, with: north)
        for number in 0..<20 { try east.delete("k\(number)", in: "abc") }
        try north.pull(from: east)
        try east.update("abc", .create(region: west.region))
        for _ in 0..<2 {
            for target in all {
                for source in all where source !== target { try target.pullChanges(from: source) }
            }
        }
        let first = try #require(try west.nextChunk(of: table, from: east, bytesMax: 500))
        try #require(!first.isLast)
        try west.group { _ = try $0.apply(first) }

        for number in 0..<20 { try north.put("k\(number)", "again", in: "abc") }
        time.milliseconds += RegionEngine.copySilenceMilliseconds + 1
        try west.pull(from: north)
        try ReplicaFixture.settle(all)

        let isSound = bugs.isEmpty
        #expect(try east.items("abc").count == 20)
        #expect(try north.items("abc").count == 20)
        #expect((try west.items("abc").count == 20) == isSound)
        let rows = Int64(try west.items("abc").count)
        if isSound { #expect(try live(table, in: west) == rows) }
    }

    // MARK: Copying once all members know

    /// A member that does not know of the joiner forgets a delete that the joiner has not seen.
    ///
    /// The north has a daemon that asks the east for the table alone, so it learns what the east
    /// holds of it before it hears of the west from the descriptions.
    @Test(arguments: [Set<PlantedBug>(), [.copyBeforeMembersKnow]])
    func `nobody forgets what a joiner has not seen`(bugs: Set<PlantedBug>) throws {
        let all = try regions(bugs)
        let (east, west, north) = (all[0], all[1], all[2])
        let table = try east.create("abc")
        try east.put("k", "first", in: "abc")
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: north.region))
        try north.pullChanges(from: east)
        try east.pullChanges(from: north)
        try north.pullChanges(from: east)
        try east.group { $0.heartbeat() }
        let chunk = try #require(try north.nextChunk(of: table, from: east))
        try north.group { _ = try $0.apply(chunk) }
        try #require(north.engine.catalog[id: table]?.state.phase == .active)
        try north.pullChanges(from: east)
        try east.pullChanges(from: north)

        try east.update("abc", .create(region: west.region))
        try north.delete("k", in: "abc")
        try west.pull(from: east)
        let joined = west.engine.catalog[id: table]?.state.phase == .active
        #expect(joined == !bugs.isEmpty)
        if joined { try west.put("k", "west", in: "abc") }

        try east.pullChanges(from: north)
        try east.group { $0.heartbeat() }
        let changes = try #require(try north.nextBatch(of: table, from: east))
        try north.group { _ = try $0.apply(changes) }
        try north.group { _ = try $0.doChores() }
        try ReplicaFixture.settle(all)
        if !joined {
            try west.put("k", "west", in: "abc")
            try ReplicaFixture.settle(all)
        }
        #expect(try east.items("abc") == ["k": "west"])
        #expect((try north.items("abc") == ["k": "west"]) == bugs.isEmpty)
    }

    // MARK: A new incarnation at each start

    /// A region starts from an old copy of its files, and its clock shows the same time again.
    @Test(arguments: [Set<PlantedBug>(), [.incarnationContinued]])
    func `a region restored from a copy uses no stamp again`(bugs: Set<PlantedBug>) throws {
        let all = try regions(bugs)
        let (east, west) = (all[0], all[1])
        let table = try east.create("abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        try share("abc", of: east, with: west)
        let backup = east.store.copy()
        let before = time.milliseconds

        time.milliseconds += 1
        try east.put("k", "first", in: "abc")
        let lost = try stamp(of: "k", table, in: east)
        try west.pull(from: east)
        time.milliseconds = before
        try east.restart(from: backup)
        try east.put("k", "second", in: "abc")
        let again = try stamp(of: "k", table, in: east)
        try ReplicaFixture.settle([east, west])

        #expect(lost.time == again.time)
        #expect((lost != again) == bugs.isEmpty)
        #expect(try east.items("abc") == ["k": "second"])
        #expect(try west.items("abc") == ["k": bugs.isEmpty ? "second" : "first"])
        #expect(west.conflicts == (bugs.isEmpty ? 1 : 0))
    }

    private func stamp(
        of key: String,
        _ table: TableID,
        in region: ReplicaFixture,
    ) throws -> Stamp {
        let row = try #require(region.engine.catalog[id: table])
        let bytes = try ItemKey(schema: row.schema, item: ["p": text(key)]).bytes
        let stored = try region.store.snapshot().get(.items, row.row(bytes))
        return try Version(decoding: try #require(stored)).stamp
    }
}
