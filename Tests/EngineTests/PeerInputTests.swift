import Causality
import Changes
import Items
import Testing

@testable import Engine

/// What a peer may send and what not: rows that no operation could have made are refused.
struct PeerInputTests {
    private let region: OperationFixture
    private let origin = Origin(region: "eu-west-1", startMilliseconds: 1, random: 1)
    private let time = HybridTime(milliseconds: 1_800_000_000_000, counter: 0)
    private let item: Item = ["table": text("t"), "part": text("x"), "note": text("n")]

    init() throws {
        region = try OperationFixture()
    }

    private func key(_ item: Item) throws -> [UInt8] {
        try ItemKey(schema: TableParts.systemSchema, item: item).bytes
    }

    private func version(_ image: [UInt8]?, sizeBytes: Int? = nil) -> Version {
        Version(
            stamp: Stamp(time: time, origin: origin),
            ancestry: Ancestry(),
            image: image,
            sizeBytes: sizeBytes ?? (image == nil ? 0 : item.sizeBytes),
        )
    }

    private func apply(_ version: Version, at key: [UInt8]) throws -> ApplyReply {
        var records = ByteWriter()
        ChangeCoding.append(
            Change(table: .system, key: key, ordinal: 0, version: version),
            to: &records,
        )
        let header = ChangeBatch.Header(
            source: origin,
            origin: origin,
            predecessor: nil,
            tables: [.system],
            after: .zero,
            through: time,
            changes: 1,
            isComplete: false,
            pending: 0,
            wallMilliseconds: time.milliseconds,
            claims: [],
        )
        return try region.group {
            try $0.apply(ChangeBatch(header: header, records: records.bytes))
        }
    }

    private func copy(_ version: Version, at key: [UInt8]) throws -> ApplyReply {
        let chunk = SnapshotChunk(
            source: origin,
            table: .system,
            after: nil,
            isLast: true,
            vector: VersionVector(),
            base: .zero,
            itemsExpected: 1,
            rows: [SnapshotChunk.Row(key: key, version: version.encoded())],
        )
        return try region.group { try $0.apply(chunk) }
    }

    private func expectRefused(_ version: Version, at key: [UInt8]) {
        // Coming again and again it would be set aside.
        region.engine.refusals = [:]
        #expect(throws: PeerRefusal.self) { try apply(version, at: key) }
        #expect(throws: PeerRefusal.self) { try copy(version, at: key) }
    }

    @Test func `an item and its tombstone are taken`() throws {
        #expect(try apply(version(item.encoded()), at: key(item)).outcome == .applied)
        #expect(try copy(version(nil), at: key(item)).outcome == .applied)
    }

    @Test func `a key that is no key of the table is refused`() throws {
        let good = try key(item)
        for bad in [[], [0], Array(good.dropLast()), good + [1], [UInt8](repeating: 255, count: 9)]
        {
            expectRefused(version(item.encoded()), at: bad)
            expectRefused(version(nil), at: bad)
        }
    }

    @Test func `a key under another hash is refused`() throws {
        var bad = try key(item)
        bad[0] ^= 1
        expectRefused(version(item.encoded()), at: bad)
        expectRefused(version(nil), at: bad)
    }

    @Test func `an image under another item's key is refused`() throws {
        let other: Item = ["table": text("t"), "part": text("y")]
        expectRefused(version(item.encoded()), at: try key(other))
    }

    @Test func `an image that is no item of its size is refused`() throws {
        let good = item.encoded()
        let key = try key(item)
        expectRefused(version(good, sizeBytes: item.sizeBytes + 1), at: key)
        expectRefused(version(Array(good.dropLast())), at: key)
        // Text that is not UTF-8, of the same size.
        var broken = good
        let last = try #require(broken.lastIndex(of: UInt8(ascii: "n")))
        broken[last] = 0xff
        expectRefused(version(broken), at: key)
    }
}

extension OperationFixture {
    /// One group of work of a peer.
    fileprivate func group<Result>(_ body: (WriteGroup) throws -> Result) throws -> Result {
        try store.write { transaction in
            let group = engine.group(in: transaction, wallMilliseconds: 1_800_000_000_500)
            let result = try body(group)
            try group.finish()
            return result
        }
    }
}
