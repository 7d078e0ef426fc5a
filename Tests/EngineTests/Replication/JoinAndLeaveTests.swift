import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// Tables that come to a region and go from it, by hand-driven links.
struct JoinAndLeaveTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let north: ReplicaFixture
    private var all: [ReplicaFixture] { [east, west, north] }

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        north = try ReplicaFixture("ap-north-1", time)
    }

    private func share(_ name: String) throws -> TableID {
        try ReplicaFixture.share(name, among: all)
    }

    private func expectEqual(_ name: String, _ expected: [String: String]) throws {
        for region in all { #expect(try region.items(name) == expected, "\(region.region)") }
    }

    @Test func `regions that join hold what was there and what came meanwhile`() throws {
        let table = try east.create("abc")
        for number in 0..<50 { try east.put("k\(number)", "first", in: "abc") }
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: west.region))
        try west.pullChanges(from: east)
        while let chunk = try west.nextChunk(of: table, from: east, bytesMax: 500) {
            try west.group { _ = try $0.apply(chunk) }
            try east.delete("k0", in: "abc")
            try east.put("k49", "last", in: "abc")
        }
        try ReplicaFixture.settle([east, west])
        #expect(try west.items("abc").count == 49)
        #expect(try west.items("abc") == east.items("abc"))
        #expect(west.status(of: table, in: west.region) == .active)
    }

    @Test func `whoever knows a table knows the region that made it, wherever a batch ends`() throws
    {
        let table = try east.create("abc")
        try east.group { $0.heartbeat() }
        var batches = 0
        var isKnown = false
        while let batch = try west.nextBatch(from: east, bytesMax: 1) {
            try west.group { _ = try $0.apply(batch) }
            batches += 1
            guard let parts = try west.engine.readParts(of: table, in: west.store.snapshot()) else {
                continue
            }
            isKnown = true
            #expect(parts.members == [east.region])
        }
        #expect(isKnown)
        #expect(batches > 1)
    }

    @Test func `a removal that comes with the end of a copy is not taken back`() throws {
        let table = try east.create("abc")
        for number in 0..<20 { try east.put("k\(number)", in: "abc") }
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: west.region))
        try west.pullChanges(from: east)
        while let chunk = try west.nextChunk(of: table, from: east, bytesMax: 200) {
            try west.group { _ = try $0.apply(chunk) }
            try east.put("later", in: "abc")
        }
        try #require(west.engine.catalog[id: table]?.status == .creating)
        try east.update("abc", .delete(region: west.region))
        try east.group { $0.heartbeat() }

        // One batch brings the removal and what the copy still waits for.
        let batch = try #require(try west.nextBatch(from: east))
        #expect(batch.header.tables == [.system, table])
        try west.group { _ = try $0.apply(batch) }
        try ReplicaFixture.settle([east, west])
        #expect(east.status(of: table, in: west.region) == nil)
        #expect(west.engine.catalog[id: table] == nil)
    }

    @Test func `a region that left can come back, restarted or not`() throws {
        let table = try share("abc")
        try north.put("a", "north", in: "abc")
        try ReplicaFixture.settle(all)
        for round in 0..<3 {
            try east.update("abc", .delete(region: north.region))
            try ReplicaFixture.settle(all)
            #expect(north.engine.catalog[id: table] == nil)
            if round > 0 { try north.restart() }
            if round > 1 { time.milliseconds += 100_000_000 }
            try east.put("b", "\(round)", in: "abc")
            try ReplicaFixture.settle(all)
            try west.update("abc", .create(region: north.region))
            try ReplicaFixture.settle(all)
            try north.put("c", "\(round)", in: "abc")
            try ReplicaFixture.settle(all)
            try expectEqual("abc", ["a": "north", "b": "\(round)", "c": "\(round)"])
        }
    }

    /// The others held it when the region left, and the only one that is left started from older files.
    @Test(arguments: [false, true])
    func `a region that joins again brings what the others have lost since`(
        restarted: Bool
    ) throws {
        let pair = [east, west]
        let table = try east.create("abc")
        try east.put("kept", "east", in: "abc")
        try ReplicaFixture.settle(pair, rounds: 1)
        let copy = east.store.copy()
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle(pair)
        for number in 0..<10 { try west.put("k\(number)", "west", in: "abc") }
        try ReplicaFixture.settle(pair)
        try east.update("abc", .delete(region: west.region))
        try ReplicaFixture.settle(pair)
        try #require(west.engine.catalog[id: table] == nil)
        if restarted { try west.restart() }

        try east.restart(from: copy)
        try ReplicaFixture.settle(pair)
        #expect(try east.items("abc").count == 1)
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle(pair)
        #expect(west.status(of: table, in: west.region) == .active)
        #expect(try west.items("abc") == east.items("abc"))
        #expect(try west.items("abc").count == 11)
        #expect(west.engine.returning.isEmpty)
    }

    @Test func `a region whose history was trimmed can still take up tables`() throws {
        _ = try share("abc")
        try north.put("a", in: "abc")
        try ReplicaFixture.settle(all)
        time.milliseconds += 2 * 86_400_000
        try ReplicaFixture.settle(all)
        try #require(!north.engine.catalog.trimmed.isEmpty)
        _ = try share("second")
        try north.put("b", "n", in: "second")
        try ReplicaFixture.settle(all)
        try expectEqual("second", ["b": "n"])
    }

    @Test func `restarts in every state of a copy lose nothing`() throws {
        let table = try east.create("abc")
        for number in 0..<30 { try east.put("k\(number)", in: "abc") }
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: west.region))
        try west.pullChanges(from: east)
        var count = 0
        while let chunk = try west.nextChunk(of: table, from: east, bytesMax: 200) {
            try west.group { _ = try $0.apply(chunk) }
            count += 1
            try east.put("during\(count)", in: "abc")
            try (count % 2 == 0 ? east : west).restart()
            if count % 3 == 0 { try east.restart() }
            for peer in [west, north] { try peer.ask(east) }
        }
        try west.restart()
        try east.restart()
        try east.put("after", in: "abc")
        try ReplicaFixture.settle(all)
        #expect(try west.items("abc") == east.items("abc"))
        #expect(try west.items("abc").count == 31 + count)
    }

    @Test func `a leaving region's last writes stay`() throws {
        _ = try share("abc")
        try north.put("last", "n", in: "abc")
        try east.update("abc", .delete(region: north.region))
        try north.put("later", "n", in: "abc")
        try north.restart()
        try ReplicaFixture.settle(all)
        #expect(try east.items("abc") == ["last": "n", "later": "n"])
        #expect(try west.items("abc") == ["last": "n", "later": "n"])
        #expect(throws: ServiceError.self) { try north.items("abc") }
    }

    @Test func `a table made again under its name takes nothing of the old one`() throws {
        _ = try share("abc")
        try north.put("old", in: "abc")
        for region in all { try region.deleteTable("abc") }
        try ReplicaFixture.settle(all)
        for region in all { #expect(region.engine.catalog.named.isEmpty, "\(region.region)") }
        try east.restart()
        _ = try share("abc")
        try west.put("new", "w", in: "abc")
        try ReplicaFixture.settle(all)
        try expectEqual("abc", ["new": "w"])
    }

    @Test func `two regions' tables of one name stay apart`() throws {
        let first = try east.create("abc")
        let second = try west.create("abc")
        #expect(first != second)
        try ReplicaFixture.settle(all, rounds: 1)
        try east.put("e", in: "abc")
        try west.put("w", in: "abc")
        try east.update("abc", .create(region: west.region))
        try west.update("abc", .create(region: east.region))
        try ReplicaFixture.settle(all)
        #expect(east.status(of: first, in: west.region) == .creationFailed)
        #expect(west.status(of: second, in: east.region) == .creationFailed)
        #expect(try east.items("abc") == ["e": ""])
        #expect(try west.items("abc") == ["w": ""])
    }

    @Test func `two regions may invite a third at once`() throws {
        let table = try east.create("abc")
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle(all)
        try east.update("abc", .create(region: north.region))
        try west.update("abc", .create(region: north.region))
        try east.put("e", "1", in: "abc")
        try west.put("w", "1", in: "abc")
        try ReplicaFixture.settle(all)
        for region in all { #expect(region.status(of: table, in: north.region) == .active) }
        try expectEqual("abc", ["e": "1", "w": "1"])
    }

    @Test func `rows of a table that was left since the catalog was read are not given`() throws {
        let table = try east.create("abc")
        for number in 0..<30 { try east.put("k\(number)", in: "abc") }
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: west.region))
        try west.pullChanges(from: east)
        let join = try #require(west.position(from: east).joins.first)
        let request = SnapshotRequest(target: west.region, join: join, bytesMax: 1 << 20)
        let old = east.engine.catalog
        let parts = try #require(old[id: table]?.description)
        try east.group { try $0.deleteParts(of: table, parts) }
        try east.group { _ = try $0.doChores() }
        #expect(throws: PeerRefusal.self) { try east.feed(catalog: old).chunk(request) }
    }

    @Test func `a history trimmed since the catalog was read is not given as whole`() throws {
        _ = try east.create("abc")
        let old = east.engine.catalog
        time.milliseconds += 2 * 86_400_000
        try east.group { $0.heartbeat() }
        try east.group { _ = try $0.doChores() }
        try #require(!east.engine.catalog.trimmed.isEmpty)
        let new = LinkPosition.InStep(tables: [.system], vector: VersionVector())
        let position = LinkPosition(target: west.engine.origin, inStep: [new], joins: [])
        #expect(throws: PeerRefusal.self) {
            try east.feed(catalog: old).batch(after: position, bytesMax: 1 << 20)
        }
    }

    @Test func `a peer's part of the system table leaves the system table alone`() throws {
        let item: Item = [
            "table": text(TableID.system.description), "part": text("replica#us-east-1"),
        ]
        let key = try ItemKey(schema: TableParts.systemSchema, item: item).bytes
        try west.group { group in
            _ = try group.perform { context in
                let system = try #require(group.engine.catalog[id: .system])
                try context.write(
                    item.encoded(),
                    sizeBytes: item.sizeBytes,
                    to: system,
                    at: key,
                    over: nil
                )
            }
        }
        try ReplicaFixture.settle([east, west], rounds: 1)
        #expect(east.engine.catalog[id: .system] != nil)
        #expect(west.engine.catalog[id: .system] != nil)
    }

    @Test func `what a region claimed is forgotten when it leaves`() throws {
        let table = try share("abc")
        #expect(!east.engine.peers.vector(of: north.region, for: table).isEmpty)
        try east.update("abc", .delete(region: north.region))
        try ReplicaFixture.settle(all)
        #expect(east.engine.peers.vector(of: north.region, for: table).isEmpty)
        try east.restart()
        #expect(east.engine.peers.vector(of: north.region, for: table).isEmpty)
        #expect(!east.engine.peers.vector(of: west.region, for: table).isEmpty)
    }

    @Test func `a row from far ahead does not carry the clock with it`() throws {
        let table = try east.create("abc")
        try east.put("k", in: "abc")
        try ReplicaFixture.settle(all, rounds: 1)
        try east.update("abc", .create(region: west.region))
        try west.pullChanges(from: east)
        var chunk = try #require(try west.nextChunk(of: table, from: east))
        let row = try #require(chunk.rows.first)
        var version = try Version(decoding: row.version)
        version.stamp = Stamp(time: .greatest, origin: east.engine.origin)
        chunk.rows = [SnapshotChunk.Row(key: row.key, version: version.encoded())]
        let before = west.engine.clock.last
        #expect(throws: PeerRefusal.self) { try west.group { _ = try $0.apply(chunk) } }
        #expect(west.engine.clock.last == before)
    }

    @Test func `a region removed unheard hands over what it accepted before it goes`() throws {
        let table = try east.create("abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        try east.update("abc", .create(region: west.region))
        for _ in 0..<3 { try west.pull(from: east) }
        try #require(west.engine.catalog[id: table]?.state.phase == .active)
        try west.put("w", "accepted", in: "abc")
        var parts = try #require(east.engine.catalog[id: table]?.description)
        parts.replicas.removeAll { $0.region == west.region }
        try east.group { try $0.writePart(.replica(region: west.region), of: table, parts) }
        try west.pull(from: east)
        try ReplicaFixture.settle([east, west])
        #expect(try east.items("abc") == ["w": "accepted"])
        #expect(east.status(of: table, in: west.region) == nil)
        #expect(west.engine.catalog[id: table] == nil)
    }
}
