import Causality
import Changes
import Testing
import Wire

@testable import Engine

/// Removing a region that is gone, and its coming back.
struct RemovalTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let north: ReplicaFixture
    private let table: TableID

    /// Three members of one table, all up to date.
    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        north = try ReplicaFixture("ap-north-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west, north])
        try #require(north.status(of: table, in: "ap-north-1") == .active)
    }

    private var all: [ReplicaFixture] { [east, west, north] }

    /// Runs the links of some regions for so long that all others are silent.
    private func settle(_ regions: [ReplicaFixture]) throws {
        try ReplicaFixture.settle(regions, rounds: 2)
        time.milliseconds += EngineSettings().relayAfterMilliseconds + 1
        try ReplicaFixture.settle(regions)
    }

    private func remove(_ region: ReplicaFixture, at other: ReplicaFixture) throws {
        try other.group { try $0.removeByForce(region.region, from: table) }
    }

    private func unshipped(in region: ReplicaFixture) throws -> [UnshippedRecord] {
        var records: [UnshippedRecord] = []
        try region.store.snapshot().range(.unshipped, from: [], to: nil, reversed: false) {
            _,
            value in
            records.append(try UnshippedRecord(decoding: [UInt8](value)))
            return true
        }
        return records
    }

    /// The north writes alone, is removed, and comes back.
    private func removeWithUnshipped(restarted: Bool) throws {
        try north.put("held", "n", in: "abc")
        try settle(all)
        try north.put("kept", "1", in: "abc")
        try north.put("kept", "2", in: "abc")
        try north.delete("held", in: "abc")
        try remove(north, at: west)
        try settle([east, west])
        #expect(east.status(of: table, in: north.region) == nil)
        if restarted { try north.restart() }
        try settle(all)
    }

    // MARK: The others

    @Test func `the others come to hold the same and go on without it`() throws {
        try north.put("one", "n", in: "abc")
        try west.pull(from: north)
        try north.put("two", "n", in: "abc")
        try remove(north, at: east)
        try settle([east, west])
        for region in [east, west] {
            #expect(region.status(of: table, in: north.region) == nil)
            #expect(try region.items("abc") == ["one": "n"])
            #expect(try #require(region.engine.catalog[id: table]).status == .active)
        }
        // What waited for the north is forgotten.
        try east.delete("one", in: "abc")
        try settle([east, west])
        #expect(try #require(east.engine.catalog[id: table]).state.base > .zero)
    }

    @Test func `nothing is taken from it any more`() throws {
        try north.put("one", "n", in: "abc")
        try north.group { $0.heartbeat() }
        let batch = try #require(try east.nextBatch(from: north))
        try remove(north, at: east)
        #expect(throws: PeerRefusal.self) { try east.group { try $0.apply(batch) } }
        let asked = east.position(from: north).inStep.flatMap(\.tables)
        #expect(asked == [.system])
    }

    @Test func `it stays a member until all hold the same`() throws {
        try north.put("one", "n", in: "abc")
        try west.pull(from: north)
        try remove(north, at: east)
        // The west has not heard of the removal.
        for _ in 0..<3 { try east.group { _ = try $0.doChores() } }
        #expect(east.status(of: table, in: north.region) == .deleting)
        try settle([east, west])
        #expect(east.status(of: table, in: north.region) == nil)
        #expect(try east.items("abc") == ["one": "n"])
    }

    @Test func `two may be removed at once`() throws {
        try north.put("one", "n", in: "abc")
        try remove(north, at: east)
        try remove(west, at: east)
        try settle([east])
        for _ in 0..<3 { try east.group { _ = try $0.doChores() } }
        #expect(try #require(east.engine.catalog[id: table]).description.members == [east.region])
    }

    @Test func `what a region brought that is removed itself was shipped`() throws {
        try north.put("one", "n", in: "abc")
        try west.pull(from: north)
        // The east acknowledges nothing of it, and hears of it by a relay.
        try remove(north, at: east)
        time.milliseconds += EngineSettings().relayAfterMilliseconds + 1
        try east.pull(from: west)
        #expect(try east.items("abc") == ["one": "n"])
        try remove(west, at: east)
        try settle([east])
        for _ in 0..<3 { try east.group { _ = try $0.doChores() } }
        #expect(try #require(east.engine.catalog[id: table]).description.members == [east.region])
        try settle([east, north])
        #expect(north.engine.catalog[id: table] == nil)
        #expect(try unshipped(in: north).isEmpty)
    }

    @Test func `another may join while it is being removed`() throws {
        let south = try ReplicaFixture("ap-south-1", time)
        try ReplicaFixture.settle(all + [south], rounds: 1)
        try east.update("abc", .create(region: south.region))
        try remove(north, at: east)
        try settle([east, west, south])
        #expect(south.status(of: table, in: south.region) == .active)
        #expect(east.status(of: table, in: north.region) == nil)
    }

    @Test func `only another region's replica can be removed so`() throws {
        #expect(throws: PeerRefusal.self) { try remove(east, at: east) }
        #expect(throws: PeerRefusal.self) {
            try east.group { try $0.removeByForce("sa-east-1", from: table) }
        }
        try remove(north, at: east)
        try remove(north, at: east)
        #expect(throws: PeerRefusal.self) { try remove(north, at: north) }
    }

    /// Without the rule a member's horizon would pass a write that still comes by relay.
    @Test(arguments: [Set<PlantedBug>(), [.removedBeforeHeld]])
    func `a region is counted until all hold what any of them holds`(
        bugs: Set<PlantedBug>
    ) throws {
        // The one of the others that strikes it off.
        west.settings.plantedBugs = bugs
        try west.restart()
        try settle(all)
        try north.put("k", "new", in: "abc")
        try west.pull(from: north)
        try remove(north, at: east)
        try west.pullChanges(from: east)
        try west.group { _ = try $0.doChores() }
        #expect(try east.items("abc").isEmpty)
        #expect(west.status(of: table, in: north.region) == (bugs.isEmpty ? .deleting : nil))
    }

    /// Without the rule a member would come to hold more than it has acknowledged.
    @Test(arguments: [Set<PlantedBug>(), [.removedStillFed]])
    func `a member takes no more than it has acknowledged`(bugs: Set<PlantedBug>) throws {
        east.settings.plantedBugs = bugs
        try east.restart()
        try settle(all)
        try remove(north, at: east)
        try north.put("k", "late", in: "abc")
        try east.pullChanges(from: north)
        #expect(try east.items("abc") == (bugs.isEmpty ? [:] : ["k": "late"]))
    }

    // MARK: The one that comes back

    @Test(arguments: [true, false])
    func `it keeps aside what it shipped to nobody`(restarted: Bool) throws {
        try removeWithUnshipped(restarted: restarted)
        #expect(north.engine.catalog[id: table] == nil)
        #expect(throws: ServiceError.self) { try north.items("abc") }
        let kept = try unshipped(in: north).map { try $0.decoded().version.isTombstone }
        #expect(kept.count == 3)
        #expect(kept.count { $0 } == 1)
        for region in [east, west] { #expect(try region.items("abc") == ["held": "n"]) }
    }

    @Test(arguments: [true, false])
    func `it may join again and feeds nothing of what it kept aside`(restarted: Bool) throws {
        try removeWithUnshipped(restarted: restarted)
        try east.delete("kept", in: "abc")
        try settle([east, west])
        try east.update("abc", .create(region: north.region))
        try settle(all)
        for region in all {
            #expect(region.status(of: table, in: north.region) == .active)
            #expect(try region.items("abc") == ["held": "n"])
        }
        try north.put("new", "n", in: "abc")
        try settle(all)
        for region in all { #expect(try region.items("abc") == ["held": "n", "new": "n"]) }
        #expect(try unshipped(in: north).count == 3)
    }

    @Test func `an invitation that came before it returned is followed after`() throws {
        try settle(all)
        try north.put("kept", "1", in: "abc")
        try remove(north, at: east)
        try settle([east, west])
        try west.update("abc", .create(region: north.region))
        try settle([east, west])
        try north.restart()
        try settle(all)
        #expect(try unshipped(in: north).count == 1)
        for region in all {
            #expect(region.status(of: table, in: north.region) == .active)
            #expect(try region.items("abc").isEmpty)
        }
    }

    @Test func `it may be removed a second time`() throws {
        try removeWithUnshipped(restarted: true)
        try east.update("abc", .create(region: north.region))
        try settle(all)
        try north.put("second", "n", in: "abc")
        try remove(north, at: east)
        try settle([east, west])
        try settle(all)
        #expect(north.engine.catalog[id: table] == nil)
        #expect(try unshipped(in: north).count == 4)
    }

    @Test func `what it wrote elsewhere meanwhile is not touched`() throws {
        let other = try ReplicaFixture.share("other", among: all)
        try north.put("kept", "1", in: "abc")
        try north.put("shared", "n", in: "other")
        try remove(north, at: east)
        try settle([east, west])
        try settle(all)
        #expect(try east.items("other") == ["shared": "n"])
        #expect(north.engine.catalog[id: other] != nil)
        #expect(try unshipped(in: north).count == 1)
    }

    // MARK: Merging

    private func merge(_ records: [UnshippedRecord]) throws -> [WriteGroup.UnshippedOutcome] {
        try east.group { group in try records.map { try group.merge($0) } }
    }

    @Test func `what is merged is written anew and reaches all`() throws {
        try removeWithUnshipped(restarted: true)
        let kept = try unshipped(in: north)
        let latest = [
            try #require(kept.first { (try? $0.decoded().version.isTombstone) == true }),
            try #require(kept.last { (try? $0.decoded().version.isTombstone) == false }),
        ]
        #expect(try merge(latest) == [.written, .written])
        try settle([east, west])
        for region in [east, west] { #expect(try region.items("abc") == ["kept": "2"]) }
        // Once more changes nothing.
        #expect(try merge(latest) == [.lost, .lost])
        #expect(try east.items("abc") == ["kept": "2"])
    }

    @Test func `what meets a later version loses, on record`() throws {
        try removeWithUnshipped(restarted: true)
        try west.put("kept", "w", in: "abc")
        try settle([east, west])
        let before = east.conflicts
        let latest = try #require(
            try unshipped(in: north).last { (try? $0.decoded().version.isTombstone) == false }
        )
        #expect(try merge([latest]) == [.lost])
        #expect(east.conflicts == before + 1)
        #expect(try east.items("abc")["kept"] == "w")
    }

    @Test func `what was merged is noted`() throws {
        try removeWithUnshipped(restarted: true)
        let record = try #require(try unshipped(in: north).first)
        try north.group { try $0.noteMerged(record.key()) }
        #expect(
            try #require(try unshipped(in: north).first).mergedMilliseconds == time.milliseconds
        )
        #expect(throws: PeerRefusal.self) { try north.group { try $0.noteMerged([1]) } }
    }
}
