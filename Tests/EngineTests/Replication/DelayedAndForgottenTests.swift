import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// What simulated runs found: a chunk that comes too late, and a write where a delete was forgotten.
struct DelayedAndForgottenTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let north: ReplicaFixture

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        north = try ReplicaFixture("ap-north-1", time)
    }

    @Test func `a chunk read before the first chunk of a copy does not continue it`() throws {
        let table = try east.create("abc")
        for number in 0..<20 { try east.put("k\(number)", "first", in: "abc") }
        try ReplicaFixture.settle([east, west], rounds: 1)
        try east.update("abc", .create(region: west.region))
        try west.pullChanges(from: east)

        let firstOld = try #require(try west.nextChunk(of: table, from: east, bytesMax: 200))
        let join = LinkPosition.Join(table: table, after: firstOld.rows.last?.key)
        let request = SnapshotRequest(target: west.region, join: join, bytesMax: 1 << 20)
        let secondOld = try east.feed().chunk(request)
        for number in 0..<20 { try east.put("k\(number)", "later", in: "abc") }
        let first = try #require(try west.nextChunk(of: table, from: east, bytesMax: 200))
        #expect(first.rows.last?.key == firstOld.rows.last?.key)

        #expect(try west.group { try $0.apply(first) }.outcome == .applied)
        #expect(try west.group { try $0.apply(secondOld) }.outcome == .outOfStep)
        try ReplicaFixture.settle([east, west])
        #expect(try west.items("abc").values.allSatisfy { $0 == "later" })
        #expect(try west.items("abc").count == 20)
    }

    @Test func `a write where a delete was forgotten has seen the delete`() throws {
        let table = try east.create("abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle([east, west])
        try east.put("k", "old", in: "abc")
        try east.delete("k", in: "abc")
        try ReplicaFixture.settle([east, west])
        let base = try #require(east.engine.catalog[id: table]).state.base
        #expect(base > .zero)

        // A new member has no entry yet, so the stable time is nothing.
        try east.update("abc", .create(region: north.region))
        try east.put("k", "new", in: "abc")
        let row = try #require(east.engine.catalog[id: table])
        let key = try ItemKey(schema: row.schema, item: ["p": text("k")]).bytes
        let stored = try #require(try east.store.snapshot().get(.items, row.row(key)))
        #expect(try Version(decoding: stored).ancestry.floor >= base)
    }

    /// The east starts from files older than the north's delete, which the west has forgotten since, and
    /// writes over it; the west, whose stable time is nothing while a new member has no entry, writes over
    /// that.
    @Test func `a write over one from older files has seen the delete that was forgotten here`()
        throws
    {
        let table = try ReplicaFixture.share("abc", among: [east, west, north])
        let copy = east.store.copy()
        try north.delete("k", in: "abc")
        // The west last, so that it has the last word of the east.
        for _ in 0..<3 {
            for target in [east, north, west] {
                for source in [east, north, west] where source !== target {
                    try target.pull(from: source)
                }
            }
        }
        try west.group { _ = try $0.doChores() }
        try #require(try version(table, in: west) == nil)
        try #require(try version(table, in: north)?.isTombstone == true)

        try east.restart(from: copy)
        try east.put("k", "older", in: "abc")
        for peer in [west, north] { try peer.ask(east) }
        // The last word of its incarnation before comes back, and not the north's delete.
        try east.pullChanges(from: west)
        try west.pullChanges(from: east)
        try #require(try west.items("abc") == ["k": "older"])
        try west.update("abc", .create(region: "sa-east-1"))
        try west.put("k", "new", in: "abc")

        try north.pullChanges(from: west)
        #expect(try north.items("abc") == ["k": "new"])
        #expect(north.conflicts == 0)
        for _ in 0..<3 {
            for target in [east, west, north] {
                for source in [east, west, north] where source !== target {
                    try target.pull(from: source)
                }
            }
        }
        let versions = try [east, west, north].map { try version(table, in: $0) }
        #expect(versions[0] == versions[1])
        #expect(versions[1] == versions[2])
    }

    private func version(_ table: TableID, in region: ReplicaFixture) throws -> Version? {
        let row = try #require(region.engine.catalog[id: table])
        let key = try ItemKey(schema: row.schema, item: ["p": text("k")]).bytes
        return try region.store.snapshot().get(.items, row.row(key)).map(Version.init(decoding:))
    }
}
