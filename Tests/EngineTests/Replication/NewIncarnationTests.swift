import Causality
import Changes
import Testing
import Wire

@testable import Engine

/// How a region that has started shows what it writes, and what it gets back.
struct NewIncarnationTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let table: TableID

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west])
        try #require(west.status(of: table, in: "eu-west-1") == .active)
    }

    @Test func `a first start shows its writes at once`() throws {
        let alone = try ReplicaFixture("sa-east-1", time)
        #expect(alone.engine.catalog.servesPresent)
        try alone.restart()
        #expect(alone.engine.catalog.servesPresent)
    }

    @Test func `a new incarnation takes writes at once and shows them once its peer has asked`()
        throws
    {
        try east.restart()
        try east.put("one", in: "abc")
        #expect(try east.items("abc").keys.contains("one"))
        try west.pullChanges(from: east)
        #expect(try west.items("abc").isEmpty)
        try west.ask(east)
        try west.pullChanges(from: east)
        #expect(try west.items("abc").keys.contains("one"))
    }

    @Test func `what a peer holds more comes back first and is counted`() throws {
        let copy = east.store.copy()
        try east.put("lost", "1", in: "abc")
        try west.pullChanges(from: east)
        try east.restart(from: copy)
        try east.put("new", "2", in: "abc")
        try west.ask(east)
        #expect(!east.engine.catalog.servesPresent)
        try east.pullChanges(from: west)

        #expect(east.engine.catalog.servesPresent)
        #expect(try east.items("abc") == ["lost": "1", "new": "2"])
        #expect(try RecoveredRow.read(from: east.store.snapshot())?.changes == 1)
        #expect(east.engine.notices.count == 1)
        try west.pullChanges(from: east)
        #expect(try west.items("abc") == ["lost": "1", "new": "2"])
    }

    @Test func `a peer that does not ask holds nothing back for ever`() throws {
        try east.restart()
        time.milliseconds += EngineSettings().hearingMilliseconds - 10
        try east.group { $0.heartbeat() }
        #expect(!east.engine.catalog.servesPresent)
        time.milliseconds += 10
        try east.group { $0.heartbeat() }
        #expect(east.engine.catalog.servesPresent)
    }

    @Test func `no floor rises before the peers have given their descriptions`() throws {
        func stable() throws -> HybridTime {
            let row = try #require(east.engine.catalog[id: table])
            return east.engine.stableTime(of: row)
        }
        try #require(try stable() > .zero)
        try east.restart()
        #expect(try stable() == .zero)
        try east.pullChanges(from: west)
        try east.group { $0.heartbeat() }
        #expect(try stable() > .zero)
    }

    @Test func `a region that waits to hear gives no rows`() throws {
        try east.restart()
        let join = LinkPosition.Join(table: table, after: nil)
        let request = SnapshotRequest(target: "eu-west-1", join: join, bytesMax: 1 << 20)
        #expect(throws: PeerRefusal.self) { try east.feed().chunk(request) }
    }

    /// The invitation's stamp is the later one: without a word more it would stand for ever.
    @Test func `a member that older files invite anew says again that it serves`() throws {
        let north = try ReplicaFixture("ap-north-1", time)
        let all = [east, west, north]
        try ReplicaFixture.settle(all, rounds: 1)
        let copy = east.store.copy()
        try east.update("abc", .create(region: north.region))
        try ReplicaFixture.settle(all)
        try #require(north.status(of: table, in: north.region) == .active)

        try east.restart(from: copy)
        try east.update("abc", .create(region: north.region))
        try ReplicaFixture.settle(all)
        for region in all { #expect(region.status(of: table, in: north.region) == .active) }
        try north.put("k", "north", in: "abc")
        try ReplicaFixture.settle(all)
        for region in all { #expect(try region.items("abc") == ["k": "north"]) }
    }
}
