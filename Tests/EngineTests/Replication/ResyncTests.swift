import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// Regions that are too far behind for what history the others have kept.
struct ResyncTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let north: ReplicaFixture
    private let table: TableID
    private var all: [ReplicaFixture] { [east, west, north] }

    /// Three members of one table, all up to date, that keep hardly any history.
    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        north = try ReplicaFixture("ap-north-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west, north])
        try #require(north.status(of: table, in: "ap-north-1") == .active)
        try ResyncTests.keepLittle([east, west, north])
        for region in [east, west, north] { try region.put(region.region, in: "abc") }
        try ReplicaFixture.settleAll([east, west, north])
        for region in [east, west, north] { try #require(try region.items("abc").count == 3) }
    }

    /// From here on the regions keep hardly any history.
    private static func keepLittle(_ regions: [ReplicaFixture]) throws {
        for region in regions {
            region.settings.retentionMilliseconds = 1
            region.settings.historyBytesMax = 200
            try region.restart()
        }
        try ReplicaFixture.settleAll(regions)
    }

    private func resync(_ region: ReplicaFixture) -> TableState.Resync? {
        region.engine.catalog[id: table]?.state.resync
    }

    private func chores(_ regions: ReplicaFixture...) throws {
        for _ in 0..<4 {
            for region in regions { try region.group { _ = try $0.doChores() } }
        }
    }

    /// The west writes and deletes more than is kept, while nobody hears it.
    private func fallBehind() throws {
        for number in 0..<12 { try west.put("w\(number)", "west", in: "abc") }
        try west.delete("w3", in: "abc")
        try west.delete("us-east-1", in: "abc")
        try chores(west)
    }

    private func expectAlike(_ regions: [ReplicaFixture]? = nil) throws {
        let expected = try west.items("abc")
        for region in regions ?? all {
            #expect(try region.items("abc") == expected, "\(region.region)")
            #expect(resync(region) == nil, "\(region.region)")
        }
    }

    // MARK: The history's bound

    @Test func `the bytes of the history are counted exactly, and through restarts`() throws {
        try fallBehind()
        for region in all {
            let counted = try RegionEngine.bytesOfHistory(in: region.store.snapshot())
            #expect(region.engine.historyBytes == counted)
            try region.restart()
            #expect(region.engine.historyBytes == counted)
            #expect(try ClockRow.read(from: region.store.snapshot())?.historyBytes == counted)
        }
    }

    @Test func `a store that never counted its history is counted when it is opened`() throws {
        try fallBehind()
        let clock = try #require(try ClockRow.read(from: west.store.snapshot()))
        let old = ClockRow(last: clock.last, own: clock.own, changes: clock.changes)
        try west.store.write { try $0.put(.meta, MetaKey.clock, old.encoded()) }
        try west.restart()
        #expect(west.engine.historyBytes == clock.historyBytes)
    }

    @Test func `past the bound the oldest history goes, and no tombstone`() throws {
        for number in 0..<12 { try west.put("w\(number)", "west", in: "abc") }
        try west.delete("w3", in: "abc")
        #expect(west.engine.historyBytes > 200)
        try chores(west)
        #expect(west.engine.historyBytes <= 200)
        #expect(west.engine.catalog.trimmed[west.engine.origin] > .zero)
        let key = try #require(west.engine.catalog[id: table]).rowPrefix
        var tombstones = 0
        try west.store.snapshot().range(.tombstones, from: key, to: nil, reversed: false) { _, _ in
            tombstones += 1
            return true
        }
        #expect(tombstones == 1)
    }

    // MARK: Falling behind

    @Test func `a table that is too far behind is left out and named, and the others are fed`()
        throws
    {
        try fallBehind()
        let other = try west.create("def")
        let floor = west.engine.catalog.trimmed[west.engine.origin]
        let system = try east.feedSystem(from: west)
        try west.group { $0.heartbeat() }
        let batch = try #require(try east.nextBatch(from: west))
        #expect(system)
        #expect(!batch.header.tables.contains(table))
        #expect(!batch.header.tables.contains(other))
        #expect(
            batch.header.lacks
                == [.init(table: table, origin: west.engine.origin, floor: floor)]
        )
        _ = try east.group { try $0.apply(batch) }
        #expect(resync(east)?.stage == .waiting)
        #expect(resync(east)?.needed[west.engine.origin] == floor)
        #expect(east.position(from: west).joins == [.init(table: table, after: nil)])
        #expect(east.position(from: north).joins == [.init(table: table, after: nil)])
    }

    @Test func `a copy brings items and deletes, and keeps what was written meanwhile`() throws {
        try east.put("mine", "east", in: "abc")
        try fallBehind()
        try ReplicaFixture.settleAll(all)
        #expect(try west.items("abc")["mine"] == "east")
        #expect(try west.items("abc")["w3"] == nil)
        #expect(try west.items("abc")["us-east-1"] == nil)
        try expectAlike()
    }

    @Test func `a concurrent write loses to a row, or wins over it, on record`() throws {
        try east.put("w1", "east", in: "abc")
        try fallBehind()
        try east.put("w2", "east", in: "abc")
        let before = east.conflicts
        try ReplicaFixture.settleAll(all)
        try expectAlike()
        #expect(try east.items("abc")["w1"] == "west")
        #expect(try east.items("abc")["w2"] == "east")
        #expect(east.conflicts == before + 2)
    }

    @Test func `two regions that are too far behind each other bring each other up`() throws {
        for region in [east, west] {
            for number in 0..<12 {
                try region.put("\(region.region)\(number)", in: "abc")
                try region.put("both\(number)", region.region, in: "abc")
            }
            try chores(region)
        }
        for (target, source) in [(east, west), (west, east)] {
            _ = try target.feedSystem(from: source)
            try target.pullChanges(from: source)
            #expect(resync(target)?.stage == .waiting)
        }
        // In turns, so that each gives rows while it merges the other's.
        for _ in 0..<40 {
            for (target, source) in [(east, west), (west, east)] {
                guard let chunk = try target.nextChunk(of: table, from: source, bytesMax: 200)
                else { continue }
                #expect(try target.group { try $0.apply(chunk) }.outcome == .applied)
            }
        }
        try ReplicaFixture.settleAll(all)
        try expectAlike()
        #expect(try west.items("abc").count == 39)
    }

    /// None has all of what each of the others lacks, so copies that bring a part must do.
    @Test func `three regions that are too far behind each other bring each other up`() throws {
        for region in all {
            for number in 0..<12 { try region.put("\(region.region)-\(number)", in: "abc") }
            try chores(region)
        }
        for target in all {
            for source in all where source.region != target.region {
                _ = try target.feedSystem(from: source)
                try target.pullChanges(from: source)
            }
            #expect(resync(target)?.needed.entries.count == 2)
        }
        try ReplicaFixture.settleAll(all)
        try expectAlike()
        #expect(try west.items("abc").count == 39)
    }

    // MARK: In the middle of a copy

    @Test func `a copy goes on after its target was started anew`() throws {
        try fallBehind()
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        let first = try #require(try east.nextChunk(of: table, from: west, bytesMax: 300))
        try #require(!first.isLast)
        #expect(try east.group { try $0.apply(first) }.outcome == .applied)
        let merged = resync(east)
        #expect(merged?.stage == .copying)
        #expect(merged?.rowsMerged == UInt64(first.rows.count))
        try east.restart()
        #expect(resync(east) == merged)
        // The same rows again do not follow.
        #expect(try east.group { try $0.apply(first) }.outcome == .outOfStep)
        try ReplicaFixture.settleAll(all)
        try expectAlike()
    }

    @Test func `the table stays writable, and its writes stay`() throws {
        try fallBehind()
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        var chunks = 0
        while let chunk = try east.nextChunk(of: table, from: west, bytesMax: 200) {
            try east.put("e\(chunks)", in: "abc")
            try east.delete("w5", in: "abc")
            try west.put("w\(chunks)", "late", in: "abc")
            #expect(try east.group { try $0.apply(chunk) }.outcome == .applied)
            chunks += 1
        }
        #expect(chunks > 3)
        try ReplicaFixture.settleAll(all)
        try expectAlike()
        #expect(try west.items("abc")["e1"] == "")
    }

    @Test func `a source that falls silent is replaced by another`() throws {
        try fallBehind()
        try north.catchUp(with: west)
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        let first = try #require(try east.nextChunk(of: table, from: west, bytesMax: 300))
        try #require(!first.isLast)
        _ = try east.group { try $0.apply(first) }
        #expect(east.position(from: north).joins.isEmpty)
        time.milliseconds += RegionEngine.copySilenceMilliseconds + 1
        #expect(east.position(from: north).joins == [.init(table: table, after: nil)])
        while let chunk = try east.nextChunk(of: table, from: north, bytesMax: 300) {
            #expect(try east.group { try $0.apply(chunk) }.outcome == .applied)
        }
        #expect(try east.items("abc") == west.items("abc"))
    }

    /// What it has to remove at a time is bounded, so its first chunk may end before its last row.
    @Test func `a copy from another source begins at the first key, and a chunk may be cut`() throws
    {
        try fallBehind()
        try north.catchUp(with: west)
        east.settings.sweepBytesMax = 1
        try east.restart()
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        let first = try #require(try east.nextChunk(of: table, from: west, bytesMax: 300))
        try #require(!first.isLast)
        _ = try east.group { try $0.apply(first) }
        time.milliseconds += RegionEngine.copySilenceMilliseconds + 1
        // The east shows what all others have deleted and forgotten since.
        let planted = ["a", "b", "c", "d"]
        for name in planted { try plant(name, in: east) }
        let before = try #require(resync(east)?.after)
        let chunk = try #require(try east.nextChunk(of: table, from: north))
        try #require(chunk.isLast)
        #expect(try east.group { try $0.apply(chunk) }.outcome == .applied)
        #expect(resync(east)?.source == north.region)
        #expect(try planted.filter { try row($0, in: east) != nil }.count == planted.count - 1)
        // It goes on behind the first that it removed, wherever the earlier copy had come to.
        let after = try #require(resync(east)?.after)
        #expect(after != before)
        #expect(chunk.rows.allSatisfy { $0.key != after })
        #expect(east.position(from: north).joins == [.init(table: table, after: after)])
        try ReplicaFixture.settleAll(all)
        try expectAlike()
    }

    /// Puts a row into a region's files that another region's vector covers, and that it does not hold.
    private func plant(_ name: String, in region: ReplicaFixture) throws {
        let model = try #require(try row("eu-west-1", in: region))
        let place = try place(of: name, in: region)
        try region.store.write { try $0.put(.items, place, model) }
    }

    private func place(of name: String, in region: ReplicaFixture) throws -> [UInt8] {
        let place = try #require(region.engine.catalog[id: table])
        return place.row(try ItemKey(schema: place.schema, item: ["p": text(name)]).bytes)
    }

    private func row(_ name: String, in region: ReplicaFixture) throws -> [UInt8]? {
        try region.store.snapshot().get(.items, place(of: name, in: region))
    }

    /// The source is put back from older files: its vector is less than that of its earlier chunks.
    @Test func `a copy begins anew where its source has gone back`() throws {
        let before = west.engine.vector(of: table)
        try fallBehind()
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        let first = try #require(try east.nextChunk(of: table, from: west, bytesMax: 300))
        try #require(!first.isLast)
        _ = try east.group { try $0.apply(first) }
        var chunk = try #require(try east.nextChunk(of: table, from: west, bytesMax: 300))
        chunk.vector = before
        #expect(try east.group { try $0.apply(chunk) }.outcome == .outOfStep)
        #expect(resync(east)?.stage == .copying)
        #expect(east.position(from: west).joins == [.init(table: table, after: nil)])
        #expect(east.position(from: north).joins == [.init(table: table, after: nil)])
    }

    @Test func `nobody is copied from who is too far behind as well`() throws {
        try fallBehind()
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        let chunk = try #require(try east.nextChunk(of: table, from: north))
        #expect(try east.group { try $0.apply(chunk) }.outcome == .outOfStep)
        #expect(resync(east)?.stage == .waiting)
        #expect(east.position(from: north).joins.isEmpty)
        #expect(!east.position(from: west).joins.isEmpty)
    }

    @Test func `what is needed is relayed after all`() throws {
        let lack = ChangeBatch.Lack(
            table: table,
            origin: west.engine.origin,
            floor: HybridTime(milliseconds: time.milliseconds + 1_000),
        )
        try north.group { $0.heartbeat() }
        var batch = try #require(try east.nextBatch(from: north))
        batch.header.lacks = [lack]
        _ = try east.group { try $0.apply(batch) }
        #expect(resync(east)?.stage == .waiting)
        #expect(resync(east)?.isCertain == false)
        #expect(east.position(from: north).joins.isEmpty)
        time.milliseconds += 2_000
        try east.pullChanges(from: west)
        #expect(resync(east) == nil)
    }

    /// The north has kept what is needed, but not all that the copy holds.
    @Test func `a copy that is begun goes on to its end, also if what is needed is relayed`() throws
    {
        north.settings.historyBytesMax = 64 << 30
        north.settings.retentionMilliseconds = 86_400_000
        try north.restart()
        try ReplicaFixture.settleAll(all)
        for number in 0..<12 { try west.put("w\(number)", "west", in: "abc") }
        try north.catchUp(with: west)
        try chores(west)
        try west.put("late", "west", in: "abc")
        _ = try east.feedSystem(from: west)
        try east.pullChanges(from: west)
        let first = try #require(try east.nextChunk(of: table, from: west, bytesMax: 300))
        try #require(!first.isLast)
        _ = try east.group { try $0.apply(first) }
        time.milliseconds += EngineSettings().relayAfterMilliseconds + 1
        try east.pullChanges(from: north)
        #expect(resync(east)?.needed.isEmpty == true)
        #expect(resync(east)?.stage == .copying)
        while let chunk = try east.nextChunk(of: table, from: west, bytesMax: 300) {
            #expect(try east.group { try $0.apply(chunk) }.outcome == .applied)
        }
        try ReplicaFixture.settleAll(all)
        try expectAlike()
    }

    /// The east was put back from files of before the north's last write; the north has left since, and
    /// the west has let go of the history.
    @Test func `a copy brings what a region wrote that has left`() throws {
        let copy = east.store.copy()
        try north.put("last", "north", in: "abc")
        try ReplicaFixture.settleAll(all)
        try west.update("abc", .delete(region: north.region))
        try ReplicaFixture.settleAll(all)
        try #require(west.status(of: table, in: north.region) == nil)
        try fallBehind()
        try #require(west.engine.catalog.trimmed[north.engine.origin] > .zero)
        try east.restart(from: copy)
        for _ in 0..<3 {
            try ReplicaFixture.settleAll([east, west])
            time.milliseconds += RegionEngine.copySilenceMilliseconds + 1
        }
        #expect(try east.items("abc")["last"] == "north")
        try expectAlike([east, west])
    }

    /// The north has been brought up by the west, which wrote meanwhile; then the north brings the east
    /// up.
    @Test(arguments: [Set<PlantedBug>(), [.resyncShownForgotten]])
    func `who is copied from says what the copy may show`(bugs: Set<PlantedBug>) throws {
        try fallBehind()
        for region in [north, east] {
            _ = try region.feedSystem(from: west)
            try region.pullChanges(from: west)
            try #require(resync(region)?.stage == .waiting)
        }
        var number = 0
        while let chunk = try north.nextChunk(of: table, from: west, bytesMax: 200) {
            try north.group { _ = try $0.apply(chunk) }
            for key in 0..<12 where key != number { try west.put("w\(key)", "late", in: "abc") }
            number += 1
        }
        #expect(resync(north)?.stage == .settling)

        while let join = east.position(from: north).joins.first(where: { $0.table == table }) {
            let feed = try Feed(
                catalog: north.engine.catalog,
                store: north.store.snapshot(),
                wallMilliseconds: time.milliseconds,
                bugs: bugs,
            )
            let request = SnapshotRequest(target: east.region, join: join, bytesMax: 1 << 20)
            let chunk = try feed.chunk(request)
            try #require(try east.group { try $0.apply(chunk) }.outcome == .applied)
        }
        let isAhead = try showsMoreThanItsVector(east)
        #expect(isAhead)
        #expect((resync(east) == nil) == !bugs.isEmpty)
        try ReplicaFixture.settleAll(all)
        try expectAlike()
        #expect(try !showsMoreThanItsVector(east))
    }

    private func showsMoreThanItsVector(_ region: ReplicaFixture) throws -> Bool {
        let place = try #require(region.engine.catalog[id: table])
        let vector = region.engine.vector(of: table)
        var isAhead = false
        try region.store.snapshot().range(
            .items,
            from: place.rowPrefix,
            to: place.rowEnd,
            reversed: false,
        ) { _, value in
            isAhead = try !vector.covers(Version(decoding: value).stamp) || isAhead
            return true
        }
        return isAhead
    }

    // MARK: Removal

    /// What it wrote alone is more than all history there may be.
    @Test(arguments: [20_000, 5])
    func `a removed region keeps aside also what its history had to release`(rows: Int) throws {
        north.settings.releasedRowsMax = rows
        try north.restart()
        for number in 0..<12 { try north.put("n\(number)", "north", in: "abc") }
        try north.put("n0", "again", in: "abc")
        try chores(north)
        try #require(north.engine.catalog.trimmed[north.engine.origin] > .zero)
        try east.group { try $0.removeByForce(north.region, from: table) }
        for _ in 0..<2 {
            try ReplicaFixture.settleAll([east, west])
            time.milliseconds += EngineSettings().relayAfterMilliseconds + 1
        }
        #expect(east.status(of: table, in: north.region) == nil)
        try ReplicaFixture.settleAll(all)
        #expect(north.engine.catalog[id: table] == nil)
        var kept: Set<[UInt8]> = []
        try north.store.snapshot().range(.unshipped, from: [], to: nil, reversed: false) {
            _,
            value in
            kept.insert(try UnshippedRecord(decoding: [UInt8](value)).decoded().key)
            return true
        }
        #expect(kept.count == 12)
    }

    // MARK: Deletes by absence

    /// The east is put back from older files after all have forgotten a delete.
    private func forgetDelete(
        _ bugs: Set<PlantedBug>,
        sweepBytesMax: Int = 8 << 20,
    ) throws -> ReplicaFixture {
        let others = try ["us-east-1", "eu-west-1"].map { try ReplicaFixture($0, time, bugs: bugs) }
        let (behind, source) = (others[0], others[1])
        _ = try ReplicaFixture.share("xyz", among: [source, behind])
        try ResyncTests.keepLittle(others)
        behind.settings.sweepBytesMax = sweepBytesMax
        let gone = ["gone", "gone2", "gone3"]
        for name in ["a", "z"] + gone { try source.put(name, in: "xyz") }
        try ReplicaFixture.settleAll(others)
        let copy = behind.store.copy()
        for name in gone { try source.delete(name, in: "xyz") }
        try ReplicaFixture.settleAll(others)
        var marks = 0
        try source.store.snapshot().range(.tombstones, from: [], to: nil, reversed: false) {
            key,
            _ in
            marks += key.starts(with: [0, 0, 0, 0]) ? 0 : 1
            return true
        }
        try #require(marks == 0)
        try behind.restart(from: copy)
        try behind.put("mine", in: "xyz")
        for number in 0..<12 { try source.put("s\(number)", in: "xyz") }
        try chores(source)
        try ReplicaFixture.settleAll(others)
        #expect(try source.items("xyz")["gone"] == nil)
        return behind
    }

    /// Also where a chunk has to remove more than it may at a time.
    @Test(arguments: [8 << 20, 1])
    func `an item whose delete is forgotten goes because it is absent`(bytesMax: Int) throws {
        let behind = try forgetDelete([], sweepBytesMax: bytesMax)
        #expect(try behind.items("xyz")["gone"] == nil)
        #expect(try behind.items("xyz")["mine"] == "")
        #expect(try behind.items("xyz").count == 15)
    }

    @Test func `without the sweep it would stay`() throws {
        #expect(try forgetDelete([.resyncWithoutSweep]).items("xyz")["gone"] == "")
    }

    @Test func `a sweep without the vector would take what nobody has seen`() throws {
        #expect(try forgetDelete([.sweepIgnoresVector]).items("xyz")["mine"] == nil)
    }
}

extension ReplicaFixture {
    /// Takes a copy of the system table, as a link does that is told `RESYNC` of it.
    ///
    /// - Returns: whether that was needed.
    func feedSystem(from source: ReplicaFixture) throws -> Bool {
        do {
            _ = try nextBatch(from: source)
            return false
        } catch let refusal as PeerRefusal where refusal.code == .resync {
            let join = LinkPosition.Join(table: .system, after: nil)
            let request = SnapshotRequest(target: region, join: join, bytesMax: 1 << 20)
            let chunk = try source.feed().chunk(request)
            try group { _ = try $0.apply(chunk) }
            return true
        }
    }

    /// Everything that a link brings, the system table first where that is too far behind.
    func catchUp(with source: ReplicaFixture) throws {
        for _ in 0..<3 {
            try ask(source)
            _ = try feedSystem(from: source)
            try pull(from: source)
        }
    }

    static func settleAll(_ regions: [ReplicaFixture], rounds: Int = 8) throws {
        for _ in 0..<rounds {
            for target in regions {
                for source in regions where source !== target { try target.catchUp(with: source) }
            }
            for region in regions { try region.group { _ = try $0.doChores() } }
        }
    }
}
