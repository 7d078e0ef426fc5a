import Causality
import Changes
import Testing

struct CodingTests {
    static let origin = Origin(region: "us-east-1", startMilliseconds: 77, random: 5)
    static let other = Origin(region: "eu-west-1", startMilliseconds: 78, random: 6)

    static func version(_ milliseconds: UInt64, image: [UInt8]?) -> Version {
        var vector = VersionVector()
        vector.raise(other, to: HybridTime(milliseconds: 3, counter: 2))
        return Version(
            stamp: Stamp(time: HybridTime(milliseconds: milliseconds), origin: origin),
            ancestry: Ancestry(floor: HybridTime(milliseconds: 2), vector: vector),
            image: image,
            sizeBytes: image == nil ? 0 : 11,
        )
    }

    static let batch = ChangeBatch(
        header: ChangeBatch.Header(
            source: origin,
            origin: origin,
            predecessor: VersionVector.Entry(origin: other, time: HybridTime(milliseconds: 1)),
            tables: [.system, TableID(high: 5, low: 6)],
            after: HybridTime(milliseconds: 1),
            through: HybridTime(milliseconds: 9),
            changes: 2,
            isComplete: true,
            pending: 7,
            wallMilliseconds: 8,
            claims: [ChangeBatch.Claim(tables: [.system], vector: VersionVector())],
        ),
        records: records([version(4, image: [1, 2, 3]), version(5, image: nil)]),
    )

    static func records(_ versions: [Version]) -> [UInt8] {
        var writer = ByteWriter()
        for version in versions {
            let change = Change(table: .system, key: [9, 0, 9], ordinal: 1, version: version)
            ChangeCoding.append(change, to: &writer)
        }
        return writer.bytes
    }

    @Test func `a batch and its changes are read back`() throws {
        let decoded = try ChangeBatch(decoding: Self.batch.encoded())
        #expect(decoded == Self.batch)
        #expect(try ChangeBatch.header(of: Self.batch.encoded()) == Self.batch.header)
        let changes = try ChangeCoding.decodeAll(decoded.records, origin: Self.origin)
        #expect(
            changes.map(\.version) == [
                Self.version(4, image: [1, 2, 3]), Self.version(5, image: nil),
            ]
        )
        #expect(changes.allSatisfy { $0.key == [9, 0, 9] && $0.ordinal == 1 })
    }

    @Test func `a batch that names what its source lacks is read back and has a form of its own`()
        throws
    {
        var lacking = Self.batch
        let floor = HybridTime(milliseconds: 6)
        lacking.header.lacks = [
            .init(table: TableID(high: 5, low: 6), origin: Self.origin, floor: floor),
            .init(table: TableID(high: 5, low: 6), origin: Self.other, floor: floor),
        ]
        let bytes = lacking.encoded()
        #expect(try ChangeBatch(decoding: bytes) == lacking)
        #expect(try ChangeBatch.header(of: bytes) == lacking.header)
        #expect(bytes[3] == 2)
        #expect(Self.batch.encoded()[3] == 1)
        #expect(throws: MalformedBytes.self) {
            try ChangeBatch(decoding: bytes[..<3] + [3] + bytes[4...])
        }
    }

    @Test func `a batch that names a table twice is none`() throws {
        var repeating = Self.batch
        repeating.header.tables.append(.system)
        let bytes = repeating.encoded()
        #expect(throws: MalformedBytes.self) { try ChangeBatch(decoding: bytes) }
    }

    @Test func `a chunk says what its rows may show where that is more than its vector`() throws {
        var chunk = SnapshotChunk(
            source: Self.origin,
            table: TableID(high: 5, low: 6),
            after: [1],
            isLast: false,
            vector: VersionVector([.init(origin: Self.other, time: HybridTime(milliseconds: 3))]),
            base: .zero,
            itemsExpected: 4,
            rows: [.init(key: [2], version: Self.version(4, image: [1]).encoded())],
        )
        #expect(chunk.encoded()[3] == 1)
        #expect(try SnapshotChunk(decoding: chunk.encoded()) == chunk)
        chunk.shown.raise(Self.origin, to: HybridTime(milliseconds: 9))
        #expect(chunk.encoded()[3] == 2)
        #expect(try SnapshotChunk(decoding: chunk.encoded()) == chunk)
    }

    @Test func `a transaction's version is read back with the number of its items`() throws {
        var version = Self.version(5, image: [1, 2, 3])
        version.transactionItems = 7
        let bytes = version.encoded()
        #expect(try Version(decoding: bytes) == version)
        let image = try bytes.withUnsafeBytes { try Version.image(of: $0).map { Array($0.image) } }
        #expect(image == [1, 2, 3])
        let changes = try ChangeCoding.decodeAll(Self.records([version]), origin: Self.origin)
        #expect(changes.map(\.version) == [version])
    }

    @Test func `a conflict of a transaction is read back, and one of an earlier version`() throws {
        var record = ConflictRecord(
            table: .system,
            key: [1],
            winner: Self.version(9, image: [1]),
            loser: Self.version(8, image: nil),
            detectedMilliseconds: 5,
        )
        // An earlier version ended where the number of items stands.
        #expect(try ConflictRecord(decoding: Array(record.encoded().dropLast())) == record)
        record.transaction = [
            ConflictRecord.Place(table: .system, key: [1]),
            ConflictRecord.Place(table: TableID(high: 1, low: 2), key: [3, 4]),
        ]
        #expect(try ConflictRecord(decoding: record.encoded()) == record)
    }

    @Test func `an expiry is read back with what it expired`() throws {
        var version = Self.version(5, image: nil)
        version.expired = Stamp(time: HybridTime(milliseconds: 3), origin: Self.other)
        #expect(try Version(decoding: version.encoded()) == version)
        let changes = try ChangeCoding.decodeAll(Self.records([version]), origin: Self.origin)
        #expect(changes.map(\.version) == [version])
        let bytes = version.encoded()
        #expect(try bytes.withUnsafeBytes { try Version.image(of: $0) } == nil)
        // Flags of an expiry that is no delete.
        #expect(throws: MalformedBytes.self) { try Version(decoding: [2] + bytes.dropFirst()) }
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) { try Version(decoding: Array(bytes[..<count])) }
        }
    }

    @Test func `a version is read back, its image also without the rest`() throws {
        let version = Self.version(4, image: [1, 2, 3])
        #expect(try Version(decoding: version.encoded()) == version)
        let image = try version.encoded().withUnsafeBytes { try Version.image(of: $0)?.image.count }
        #expect(image == 3)
        let tombstone = Self.version(4, image: nil)
        #expect(try Version(decoding: tombstone.encoded()) == tombstone)
    }

    @Test func `no prefix of a batch is a batch, and none traps`() {
        let bytes = Self.batch.encoded()
        let headerBytes = bytes.count - Self.batch.records.count
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            let decoded = try? ChangeBatch(decoding: cut)
            if count < headerBytes {
                #expect(decoded == nil)
            } else if let decoded {
                let changes = try? ChangeCoding.decodeAll(decoded.records, origin: Self.origin)
                #expect(changes?.count != 2)
            }
        }
    }

    @Test(arguments: 0..<300)
    func `bytes changed at random never trap a decoder`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var bytes = Self.batch.encoded()
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            bytes[Int.random(in: bytes.indices, using: &random)] = .random(
                in: 0...255,
                using: &random
            )
        }
        if let batch = try? ChangeBatch(decoding: bytes) {
            _ = try? ChangeCoding.decodeAll(batch.records, origin: batch.header.origin)
        }
        _ = try? FeedRequest(decoding: bytes)
        _ = try? ApplyReply(decoding: bytes)
        _ = try? SnapshotChunk(decoding: bytes)
        _ = try? SnapshotRequest(decoding: bytes)
        _ = try? ConflictRecord(decoding: bytes)
        _ = try? Version(decoding: bytes)
    }

    @Test func `segments of one origin sort by their last time and stay inside its range`() {
        let times = [1, 256, 70_000].map { HybridTime(rawValue: $0) }
        let keys = times.map { SegmentKey.key(origin: Self.origin, last: $0, number: .max) }
        #expect(keys[0].lexicographicallyPrecedes(keys[1]))
        #expect(keys[1].lexicographicallyPrecedes(keys[2]))
        let from = SegmentKey.firstAfter(times[0], of: Self.origin)
        #expect(keys[0].lexicographicallyPrecedes(from))
        #expect(from.lexicographicallyPrecedes(keys[1]))
        #expect(keys[2].lexicographicallyPrecedes(SegmentKey.end(of: Self.origin)))
        let later = Origin(region: "us-east-1", startMilliseconds: 78, random: 0)
        let next = SegmentKey.firstAfter(.zero, of: later)
        #expect(SegmentKey.end(of: Self.origin).lexicographicallyPrecedes(next))
    }

    @Test func `a table's id is a UUID, read back from its text`() {
        let id = TableID(randomBits: 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210)
        #expect(id.description == "01234567-89ab-4def-bedc-ba9876543210")
        #expect(TableID(id.description) == id)
        #expect(TableID("01234567") == nil)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
