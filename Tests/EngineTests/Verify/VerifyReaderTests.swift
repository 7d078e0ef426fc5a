import Causality
import Changes
import Items
import Testing
import Wire

@testable import Engine

/// What a region answers to `globalctl verify`.
struct VerifyReaderTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let table: TableID

    /// Two members of one table with two thousand items, all up to date.
    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west])
        for number in 0..<600 { try east.put("k\(number)", "note \(number)", in: "abc") }
        try west.put("k7", "from the west", in: "abc")
        try ReplicaFixture.settle([east, west])
    }

    private func reader(_ region: ReplicaFixture) -> VerifyReader {
        VerifyReader(catalog: region.engine.catalog, store: region.store.snapshot())
    }

    private func cut(
        _ region: ReplicaFixture,
        from: [UInt8] = [],
        rowsMax: Int = 10_000,
    ) throws -> DigestReply {
        let request = DigestRequest(table: table, from: from, cut: .byRows, rowsMax: rowsMax)
        return try reader(region).digest(request)
    }

    /// The digests of the other region for the stretches of a cut.
    private func same(_ cut: DigestReply, _ region: ReplicaFixture) throws -> DigestReply {
        let ends = cut.stretches.compactMap(\.end)
        let request = DigestRequest(
            table: table,
            from: cut.from,
            cut: .at(ends, isToEnd: ends.count < cut.stretches.count),
            rowsMax: 10_000,
        )
        return try reader(region).digest(request)
    }

    /// Changes a row behind the engine's back.
    private func alter(
        _ key: String,
        in region: ReplicaFixture,
        _ body: (inout Version) -> Void,
    ) throws {
        let row = try row(key, in: region)
        try region.store.write { transaction in
            var version = try Version(decoding: try #require(try transaction.get(.items, row)))
            body(&version)
            try transaction.put(.items, row, version.encoded())
        }
    }

    private func row(_ key: String, in region: ReplicaFixture) throws -> [UInt8] {
        let table = try #require(region.engine.catalog[id: table])
        return table.row(try self.key(key, in: region))
    }

    private func key(_ key: String, in region: ReplicaFixture) throws -> [UInt8] {
        let table = try #require(region.engine.catalog[id: table])
        return try ItemKey(schema: table.schema, item: ["p": .string(Text(key))]).bytes
    }

    @Test func `regions that agree have the same digests`() throws {
        let ours = try cut(east)
        #expect(ours.stretches.count == 3)
        #expect(ours.stretches.map(\.items).reduce(0, +) == 600)
        #expect(ours.stretches.last?.end == nil)
        #expect(try same(ours, west).stretches == ours.stretches)
    }

    @Test func `deletes equal absence`() throws {
        for number in 0..<50 { try east.delete("k\(number)", in: "abc") }
        try ReplicaFixture.settle([east, west], rounds: 1)
        // The one has forgotten some of them by now, or none: it makes no difference.
        try west.group { _ = try $0.doChores() }
        let ours = try cut(east)
        #expect(ours.stretches.map(\.items).reduce(0, +) == 550)
        #expect(try same(ours, west).stretches == ours.stretches)
    }

    @Test func `pieces follow one another to the end`() throws {
        var from: [UInt8]? = []
        var digest = ContentDigest.zero
        var pieces = 0
        while let place = from {
            let piece = try cut(east, from: place, rowsMax: 70)
            #expect(piece.rows <= 70)
            #expect(try same(piece, west).stretches == piece.stretches)
            for stretch in piece.stretches { digest.add(stretch.digest) }
            from = piece.stretches.last?.end
            pieces += 1
        }
        #expect(pieces == 9)
        var whole = ContentDigest.zero
        for stretch in try cut(east).stretches { whole.add(stretch.digest) }
        #expect(digest == whole)
    }

    @Test func `an altered image, stamp or presence changes the digest of its stretch alone`()
        throws
    {
        let before = try cut(east)
        try alter("k7", in: west) { $0.image?[3] ^= 1 }
        let image = try same(before, west)
        #expect(zip(image.stretches, before.stretches).count { $0 != $1 } == 1)
        try alter("k7", in: west) { $0.image?[3] ^= 1 }
        #expect(try same(before, west) == same(before, east))
        try alter("k7", in: west) {
            $0.stamp = Stamp(time: $0.stamp.time.next, origin: $0.stamp.origin)
        }
        #expect(zip(try same(before, west).stretches, before.stretches).count { $0 != $1 } == 1)
    }

    @Test func `an item's vector is no part of its digest`() throws {
        let before = try cut(east)
        try alter("k7", in: west) { $0.ancestry.raiseFloor(to: HybridTime(rawValue: 1)) }
        #expect(try same(before, west).stretches == before.stretches)
    }

    @Test func `a row that cannot be read has a digest of its own, and is said to be so`() throws {
        let before = try cut(east)
        let row = try row("k7", in: west)
        try west.store.write { try $0.put(.items, row, [255, 1, 2]) }
        #expect(zip(try same(before, west).stretches, before.stretches).count { $0 != $1 } == 1)
        let seen = try reader(west).sight(SightRequest(table: table, keys: [key("k7", in: west)]))
        #expect(seen.sightings.map(\.content) == [.unreadable])
    }

    @Test func `a region with too many rows answers for a beginning`() throws {
        let ours = try cut(east)
        let ends = ours.stretches.compactMap(\.end)
        let request = DigestRequest(
            table: table,
            from: [],
            cut: .at(ends, isToEnd: true),
            rowsMax: 300,
        )
        let reply = try reader(west).digest(request)
        #expect(reply.stretches == Array(ours.stretches.prefix(1)))
        #expect(reply.rows == 300)
    }

    @Test func `stretches that do not follow one another are refused`() throws {
        for ends: [[UInt8]] in [[[2], [1]], [[1], [1]], [[]]] {
            let request = DigestRequest(
                table: table,
                from: [],
                cut: .at(ends, isToEnd: false),
                rowsMax: 10,
            )
            #expect(throws: PeerRefusal.self) { try reader(east).digest(request) }
        }
    }

    @Test func `a list pages through a stretch`() throws {
        let all = try reader(east).list(
            ListRequest(table: table, from: [], to: nil, rowsMax: 10_000)
        )
        #expect(all.entries.count == 600)
        #expect(all.next == nil)
        var from: [UInt8]? = []
        var entries: [ListReply.Entry] = []
        while let place = from {
            let page = try reader(west).list(
                ListRequest(table: table, from: place, to: nil, rowsMax: 130)
            )
            entries += page.entries
            from = page.next
        }
        #expect(entries == all.entries)
        let some = try reader(east).list(
            ListRequest(table: table, from: all.entries[5].key, to: all.entries[9].key, rowsMax: 99)
        )
        #expect(some.entries == Array(all.entries[5..<9]))
    }

    @Test func `an item is shown with its stamp under a vector that covers it`() throws {
        try east.put("new", "1", in: "abc")
        try east.delete("k3", in: "abc")
        let keys = try ["new", "k3", "none"].map { try key($0, in: east) }
        let seen = try reader(east).sight(SightRequest(table: table, keys: keys))
        guard case .version(let new) = seen.sightings[0].content,
            case .version(let deleted) = seen.sightings[1].content
        else {
            Issue.record("neither is there")
            return
        }
        #expect(!new.isTombstone)
        #expect(new.stamp.origin == east.engine.origin)
        #expect(seen.vector.covers(new.stamp))
        #expect(seen.vector == east.engine.vector(of: table))
        #expect(deleted.isTombstone)
        #expect(seen.sightings[2].content == .absent)
        #expect(seen.sightings[0].key == #"{"p":{"S":"new"}}"#)
        let there = try reader(west).sight(SightRequest(table: table, keys: keys))
        #expect(there.sightings[0].content == .absent)
        #expect(!there.vector.covers(new.stamp))
    }

    @Test func `a replica that is not active says so`() throws {
        try east.update("abc", .delete(region: "eu-west-1"))
        try ReplicaFixture.settle([east, west], rounds: 1)
        #expect(throws: PeerRefusal.self) { try cut(west) }
    }
}
