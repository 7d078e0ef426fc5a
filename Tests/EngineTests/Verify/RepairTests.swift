import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// Evidence for a repair, and mending an item with a version that exists.
struct RepairTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let table: TableID
    /// The item's first version, which another has replaced.
    private let old: [UInt8]

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west])
        try east.put("k", "first", in: "abc")
        try west.put("other", "0", in: "abc")
        try ReplicaFixture.settle([east, west])
        let place = try #require(east.engine.catalog[id: table])
        let key = try ItemKey(schema: place.schema, item: ["p": .string("k")]).bytes
        old = try #require(try east.store.snapshot().get(.items, place.row(key)))
        try east.put("k", "second", in: "abc")
        try ReplicaFixture.settle([east, west])
    }

    private var key: [UInt8] {
        get throws {
            let table = try #require(east.engine.catalog[id: table])
            return try ItemKey(schema: table.schema, item: ["p": .string("k")]).bytes
        }
    }

    private func row(in region: ReplicaFixture) throws -> [UInt8]? {
        let table = try #require(region.engine.catalog[id: table])
        return try region.store.snapshot().get(.items, table.row(try key))
    }

    private func set(_ row: [UInt8]?, in region: ReplicaFixture) throws {
        let place = try #require(region.engine.catalog[id: table]).row(try key)
        try region.store.write { transaction in
            if let row {
                try transaction.put(.items, place, row)
            } else {
                try transaction.delete(.items, place)
            }
        }
    }

    private func trace(
        _ region: ReplicaFixture,
        _ keys: [[UInt8]]? = nil,
        bytesMax: Int = VerifyReader.traceReplyBytesMax,
    ) throws -> TraceReply {
        let request = TraceRequest(table: table, keys: try keys ?? [key], since: .zero)
        let reader = VerifyReader(catalog: region.engine.catalog, store: region.store.snapshot())
        return try reader.trace(request, bytesMax: bytesMax)
    }

    private func repair(
        _ region: ReplicaFixture,
        _ version: [UInt8],
        _ manner: RepairRequest.Manner,
    ) throws -> WriteGroup.RepairOutcome {
        let request = RepairRequest(
            table: table,
            key: try key,
            version: version,
            manner: manner,
        )
        return try region.group { try $0.repair(RepairRequest(decoding: request.encoded())) }
    }

    @Test func `a trace has the row and the greatest change that the history holds`() throws {
        for region in [east, west] {
            let reply = try trace(region)
            #expect(try TraceReply(decoding: reply.encoded()) == reply)
            #expect(reply.items.count == 1)
            #expect(reply.items[0].stored == (try row(in: region)))
            let greatest = try Version(decoding: try #require(reply.items[0].greatest))
            let row = try Version(decoding: try #require(try row(in: region)))
            #expect(greatest.stamp == row.stamp)
            #expect(greatest.image == row.image)
            #expect(reply.vector == region.engine.vector(of: table))
        }
        #expect(try trace(east).wholeFrom == .zero)
    }

    @Test func `a trace answers the first keys, as many as fit`() throws {
        let place = try #require(east.engine.catalog[id: table])
        let other = try ItemKey(schema: place.schema, item: ["p": .string("other")]).bytes
        let keys = [try key, other, [1]]
        let whole = try trace(east, keys)
        #expect(whole.items.count == 3)
        let bytes = whole.items.reduce(0) {
            $0 + ($1.stored?.count ?? 0) + ($1.greatest?.count ?? 0)
        }
        #expect(try trace(east, keys, bytesMax: bytes) == whole)
        #expect(try trace(east, keys, bytesMax: bytes - 1).items == [whole.items[0]])
        #expect(try trace(east, keys, bytesMax: 1).items == [whole.items[0]])
    }

    @Test func `an item that was lost comes back by merging, with its stamp`() throws {
        let right = try #require(try row(in: east))
        try set(nil, in: west)
        #expect(try repair(west, right, .merge) == .stored)
        #expect(try row(in: west) == right)
        #expect(try west.items("abc")["k"] == "second")
        #expect(west.conflicts == 0)
    }

    @Test func `an older version is replaced, and a newer one kept`() throws {
        let right = try #require(try row(in: east))
        try set(old, in: west)
        #expect(try west.items("abc")["k"] == "first")
        #expect(try repair(west, right, .merge) == .stored)
        #expect(try west.items("abc")["k"] == "second")
        #expect(try repair(west, old, .merge) == .kept)
        #expect(try west.items("abc")["k"] == "second")
    }

    @Test func `a delete that was forgotten is not undone by merging, and can be carried out`()
        throws
    {
        let right = try #require(try row(in: east))
        try east.delete("k", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 8)
        #expect(try row(in: west) == nil)
        // The west shows the item again, as if it had missed the delete.
        try set(right, in: west)
        #expect(try repair(east, right, .merge) == .kept)
        #expect(try row(in: east) == nil)
        let delete = try #require(try trace(east).items[0].greatest)
        #expect(try Version(decoding: delete).isTombstone)
        #expect(try repair(west, delete, .merge) == .stored)
        #expect(try west.items("abc")["k"] == nil)
    }

    @Test func `an altered image is restored under its stamp, if it is still there`() throws {
        let right = try #require(try row(in: east))
        var version = try Version(decoding: right)
        let image = try #require(version.image)
        version.image = image.map { $0 == UInt8(ascii: "s") ? UInt8(ascii: "x") : $0 }
        let altered = version.encoded()
        try set(altered, in: west)
        #expect(throws: PeerRefusal.self) { try repair(west, right, .merge) }
        #expect(throws: PeerRefusal.self) { try repair(west, right, .restore(over: right)) }
        #expect(try row(in: west) == altered)
        #expect(try repair(west, right, .restore(over: altered)) == .stored)
        #expect(try row(in: west) == right)
    }

    @Test func `an item that was lost below the base is restored, and nothing else is`() throws {
        try east.put("gone", "1", in: "abc")
        try ReplicaFixture.settle([east, west])
        try east.delete("gone", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 8)
        let right = try #require(try row(in: east))
        let base = try #require(west.engine.catalog[id: table]).state.base
        #expect(try Version(decoding: right).stamp.time <= base)
        try set(nil, in: west)
        #expect(try repair(west, right, .merge) == .kept)
        #expect(try row(in: west) == nil)
        #expect(try repair(west, right, .restore(over: nil)) == .stored)
        #expect(try west.items("abc")["k"] == "second")
        // It is there now.
        #expect(throws: PeerRefusal.self) { try repair(west, right, .restore(over: nil)) }
        #expect(throws: PeerRefusal.self) { try repair(west, old, .restore(over: row(in: west))) }
    }

    @Test func `a version that is on its way is not merged ahead of the region's vector`() throws {
        try east.put("k", "third", in: "abc")
        let ahead = try #require(try row(in: east))
        #expect(throws: PeerRefusal.self) { try repair(west, ahead, .merge) }
        #expect(try west.items("abc")["k"] == "second")
        try ReplicaFixture.settle([east, west])
        #expect(try repair(west, ahead, .merge) == .stored)
        #expect(try west.items("abc")["k"] == "third")
    }

    @Test func `what cannot be the item is refused`() throws {
        var version = try Version(decoding: try #require(try row(in: east)))
        version.sizeBytes += 1
        #expect(throws: PeerRefusal.self) { try repair(west, version.encoded(), .merge) }
        version.sizeBytes -= 1
        version.stamp = Stamp(
            time: HybridTime(milliseconds: time.milliseconds + 3_600_000),
            origin: version.stamp.origin,
        )
        version.ancestry.include(version.stamp)
        #expect(throws: PeerRefusal.self) { try repair(west, version.encoded(), .merge) }
    }

    @Test func `a repaired item travels no further and makes no change`() throws {
        let right = try #require(try row(in: east))
        try set(nil, in: west)
        let before = west.engine.changes
        _ = try repair(west, right, .merge)
        #expect(west.engine.changes == before)
        try ReplicaFixture.settle([east, west])
        #expect(try row(in: east) == right)
    }
}
