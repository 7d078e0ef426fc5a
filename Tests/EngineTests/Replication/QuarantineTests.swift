import Causality
import Changes
import Testing
import Wire

@testable import Engine

/// Changes that a region cannot apply.
struct QuarantineTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let table: TableID

    /// Two members of one table, all up to date, which holds the item `bad` as both know it.
    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west])
        try east.put("bad", "0", in: "abc")
        try ReplicaFixture.settle([east, west])
    }

    /// Starts the west with a program that understands no change of applications' tables, or all.
    private func restartWest(understanding: Bool) throws {
        west.settings.unknownChanges = understanding ? nil : UnknownChanges(oneIn: 1)
        try west.restart()
        try west.ask(east)
        try east.ask(west)
    }

    /// Takes a batch as often as it must be refused before its changes are set aside.
    private func setAside() throws {
        for _ in 1..<west.settings.quarantineAttempts {
            let batch = try #require(try west.nextBatch(from: east))
            #expect(throws: PeerRefusal.self) { try west.group { try $0.apply(batch) } }
        }
        try west.pullChanges(from: east)
    }

    /// Puts `bad` in quarantine at the west, which then has its present program again.
    private func quarantineBad() throws {
        try restartWest(understanding: false)
        try east.put("bad", "1", in: "abc")
        try setAside()
        try restartWest(understanding: true)
    }

    private var waiting: UInt64? { west.engine.quarantine[table]?.changes }

    private func rows(_ keyspace: Keyspace = .quarantine) throws -> [[UInt8]] {
        var rows: [[UInt8]] = []
        try west.store.snapshot().range(keyspace, from: [], to: nil, reversed: false) { key, _ in
            rows.append([UInt8](key))
            return true
        }
        return rows
    }

    private func retry() throws -> WriteGroup.Retried {
        try west.group { try $0.retryQuarantine(of: table) }
    }

    // MARK: Setting aside

    @Test func `a change is set aside when it comes unreadable again and again`() throws {
        try restartWest(understanding: false)
        try east.put("bad", "1", in: "abc")
        let batch = try #require(try west.nextBatch(from: east))
        for _ in 1..<west.settings.quarantineAttempts {
            let refusal = #expect(throws: PeerRefusal.self) {
                try west.group { try $0.apply(batch) }
            }
            #expect(refusal?.code == .corrupt)
            #expect(waiting == nil)
        }
        let reply = try west.group { try $0.apply(batch) }
        #expect(reply.outcome == .applied)
        #expect(reply.tally.received == 1)
        #expect(reply.tally.quarantined == 1)
        #expect(waiting == 1)
        #expect(west.engine.alarms.count == 1)
        #expect(try west.items("abc") == ["bad": "0"])
    }

    @Test func `others go on and later changes of the item wait`() throws {
        try quarantineBad()
        try east.put("good", "1", in: "abc")
        try east.put("bad", "2", in: "abc")
        try east.delete("bad", in: "abc")
        try west.pullChanges(from: east)
        #expect(try west.items("abc") == ["bad": "0", "good": "1"])
        #expect(waiting == 3)

        let retried = try retry()
        #expect(retried.tally.newer == 3)
        #expect(retried.held == 0)
        #expect(try west.items("abc") == ["good": "1"])
        #expect(waiting == nil)
        #expect(try rows().isEmpty)
    }

    @Test func `what is in quarantine outlives a restart`() throws {
        try quarantineBad()
        let floor = west.engine.quarantine
        try west.restart()
        #expect(west.engine.quarantine == floor)
        #expect(try retry().tally.newer == 1)
        #expect(try west.items("abc") == ["bad": "1"])
    }

    @Test func `a retry keeps what still cannot be applied, and its order`() throws {
        try quarantineBad()
        try east.put("bad", "2", in: "abc")
        try west.pullChanges(from: east)
        try restartWest(understanding: false)
        let retried = try retry()
        #expect(retried.tally.received == 0)
        #expect(retried.held == 2)
        #expect(waiting == 2)
    }

    @Test func `a change that was overwritten here already is stale, not set aside`() throws {
        let north = try ReplicaFixture("ap-north-1", time)
        try east.update("abc", .create(region: "ap-north-1"))
        try ReplicaFixture.settle([east, west, north])
        try east.put("bad", "1", in: "abc")
        try north.pullChanges(from: east)
        try north.put("bad", "2", in: "abc")
        try west.pullChanges(from: north)
        #expect(try west.items("abc") == ["bad": "2"])

        try restartWest(understanding: false)
        try setAside()
        #expect(waiting == nil)
        #expect(try west.items("abc") == ["bad": "2"])
    }

    // MARK: What the region says to have seen

    @Test func `a write over the item meets what is in quarantine as concurrent`() throws {
        try quarantineBad()
        try west.put("bad", "local", in: "abc")
        #expect(try retry().tally.conflicts == 1)
        #expect(west.conflicts == 1)
        #expect(try west.items("abc") == ["bad": "local"])
        // Elsewhere the two meet as concurrent too.
        try east.pullChanges(from: west)
        #expect(east.conflicts == 1)
        #expect(try east.items("abc") == ["bad": "local"])
    }

    @Test func `no delete is forgotten at a member while it waits`() throws {
        try restartWest(understanding: false)
        try east.delete("bad", in: "abc")
        try setAside()
        try ReplicaFixture.settle([east, west], rounds: 2)
        let base = try #require(east.engine.catalog[id: table]).state.base
        #expect(base < (try #require(west.engine.quarantine[table])).floor)

        try restartWest(understanding: true)
        _ = try retry()
        try ReplicaFixture.settle([east, west])
        #expect(try #require(east.engine.catalog[id: table]).state.base > base)
        #expect(try west.items("abc").isEmpty)
    }

    @Test func `nobody copies a table with changes in quarantine`() throws {
        try quarantineBad()
        let join = LinkPosition.Join(table: table, after: nil)
        let request = SnapshotRequest(target: "us-east-1", join: join, bytesMax: 1_000)
        let refusal = #expect(throws: PeerRefusal.self) { try west.feed().chunk(request) }
        #expect(refusal?.code == .partial)
        _ = try retry()
        #expect(try west.feed().chunk(request).rows.count == 1)
    }

    // MARK: The bound

    @Test func `a full quarantine holds the link, and room lets it go on`() throws {
        west.settings.quarantineChangesMax = 1
        try quarantineBad()
        try east.put("bad", "2", in: "abc")
        let batch = try #require(try west.nextBatch(from: east))
        let refusal = #expect(throws: PeerRefusal.self) { try west.group { try $0.apply(batch) } }
        #expect(refusal?.code == .quarantineFull)
        #expect(waiting == 1)

        _ = try retry()
        try west.pullChanges(from: east)
        #expect(try west.items("abc") == ["bad": "2"])
    }

    @Test func `a full quarantine lets through what need not be set aside`() throws {
        west.settings.quarantineChangesMax = 1
        try quarantineBad()
        try east.put("good", "1", in: "abc")
        try west.pullChanges(from: east)
        #expect(try west.items("abc") == ["bad": "0", "good": "1"])
    }

    // MARK: Discarding

    @Test func `what is discarded stays on record, and what waited behind it is merged`() throws {
        try quarantineBad()
        try east.put("bad", "2", in: "abc")
        try west.pullChanges(from: east)
        let row = try #require(try rows().first)
        let later = try #require(try rows().last)
        #expect(throws: PeerRefusal.self) { try west.group { try $0.discardQuarantined(later) } }

        let outcome = try west.group { try $0.discardQuarantined(row) }
        #expect(outcome.tally.newer == 1)
        #expect(try west.items("abc") == ["bad": "2"])
        #expect(waiting == nil)
        let kept = try #require(try rows(.discards).first)
        let bytes = try #require(try west.store.snapshot().get(.discards, kept))
        let record = try DiscardRecord(decoding: bytes).record
        #expect(record.source == "us-east-1")
        #expect(try record.decoded().version.isTombstone == false)
        #expect(throws: PeerRefusal.self) { try west.group { try $0.discardQuarantined(row) } }
    }
}
