import Changes
import Items
import Testing
import Wire

@testable import Engine

/// When a feed that had nothing to give is looked for again, and from where on.
@Suite struct FeedGoesOnTests {
    private let time = TestTime()

    /// Two regions that share a table, and a table of the source's own.
    private func regions() throws -> (source: ReplicaFixture, target: ReplicaFixture) {
        let source = try ReplicaFixture("a", time)
        let target = try ReplicaFixture("b", time)
        _ = try ReplicaFixture.share("shared", among: [source, target])
        _ = try source.create("own")
        try ReplicaFixture.settle([source, target])
        return (source, target)
    }

    @Test(arguments: 1...20)
    func `what is given is the same, whatever was given before`(seed: UInt64) throws {
        let (source, target) = try regions()
        var random = RandomBits(seed: seed)
        var positions: [LinkPosition] = []
        var earlier: [ChangeBatch.Header] = []
        for step in 0..<60 {
            let table = random.next() % 4 == 0 ? "shared" : "own"
            try source.put("k\(random.next() % 5)", "\(step)", in: table)
            if random.next() % 16 == 0 { try source.group { $0.heartbeat() } }
            positions.append(target.position(from: source))
            // Of now or of some moment before, of all tables or of one.
            var position = positions[positions.count - 1 - Int(random.next() % 4) % positions.count]
            if random.next() % 2 == 0 {
                position.inStep = [try #require(position.inStep.randomTable(&random))]
            }
            let feed = try source.feed()
            let plain = try feed.batch(after: position, bytesMax: 1 << 20)
            for header in earlier.suffix(12) + (plain.map { [$0.header] } ?? []) {
                let batch = try feed.batch(
                    after: position,
                    bytesMax: 1 << 20,
                    goingOnFrom: header,
                )
                #expect(batch?.encoded() == plain?.encoded())
            }
            if let plain { earlier.append(plain.header) }
            guard random.next() % 3 == 0 else { continue }
            try target.pullChanges(from: source)
        }
        #expect(earlier.contains { $0.isComplete && $0.changes == 0 })
    }

    /// Whether a group of writes is one that feeds wait for.
    private func isForFeeds(
        _ region: ReplicaFixture,
        _ body: (WriteGroup) throws -> Void
    ) throws -> Bool {
        try region.group(body)
        return region.isForFeeds
    }

    private func put(_ table: String) throws -> (WriteGroup) throws -> Void {
        let item: Item = ["p": text("k")]
        let prepared = try PreparedPutItem(PutItemRequest(tableName: table, item: item))
        return { group in _ = try group.perform { try prepared.perform(in: &$0) } }
    }

    @Test func `feeds wait for what another region may have a part in`() throws {
        let (source, _) = try regions()
        let (own, shared) = (try put("own"), try put("shared"))
        #expect(try isForFeeds(source, shared))
        #expect(try !isForFeeds(source, own))
        #expect(
            try isForFeeds(source) { group in
                try own(group)
                try shared(group)
                try own(group)
            }
        )
        #expect(try !isForFeeds(source) { _ in })
        _ = try source.create("gone")
        let (gone, delete) = (try put("gone"), DeleteTableRequest(tableName: "gone"))
        #expect(
            try isForFeeds(source) { group in
                try gone(group)
                _ = try group.perform { try delete.perform(in: &$0) }
            }
        )
        // A change to the system table, and from then on the table's own.
        let invite = UpdateTableRequest(tableName: "own", replicaUpdates: [.create(region: "b")])
        #expect(
            try isForFeeds(source) { group in
                _ = try group.perform { try invite.perform(in: &$0) }
            }
        )
        #expect(try isForFeeds(source, own))
    }

    @Test func `changes to other tables are looked through once`() throws {
        let (source, target) = try regions()
        for step in 0..<50 { try source.put("k", "\(step)", in: "own") }
        let position = target.position(from: source)
        let first = CountedReader(source.store.snapshot())
        let empty = try #require(try source.feed(first).batch(after: position, bytesMax: 1 << 20))
        #expect(empty.header.isComplete && empty.header.changes == 0)
        #expect(first.rows >= 50)
        try source.put("k", "last", in: "own")
        try source.put("k", "news", in: "shared")
        let second = CountedReader(source.store.snapshot())
        let batch = try source.feed(second)
            .batch(after: position, bytesMax: 1 << 20, goingOnFrom: empty.header)
        #expect(batch?.header.changes == 1)
        #expect(batch?.header.after == empty.header.after)
        #expect(second.rows == 2)
    }
}

extension [LinkPosition.InStep] {
    /// One of the tables alone.
    fileprivate func randomTable(_ random: inout RandomBits) -> LinkPosition.InStep? {
        let all = flatMap { group in group.tables.map { (table: $0, vector: group.vector) } }
        guard !all.isEmpty else { return nil }
        let one = all[Int(random.next() % UInt64(all.count))]
        return LinkPosition.InStep(tables: [one.table], vector: one.vector)
    }
}

extension ReplicaFixture {
    fileprivate func feed(_ reader: CountedReader) throws -> Feed {
        try Feed(catalog: engine.catalog, store: reader, wallMilliseconds: now)
    }
}

/// Counts the rows of the history that are read.
private final class CountedReader: StoreReader {
    private let reader: any StoreReader
    private(set) var rows = 0

    init(_ reader: any StoreReader) {
        self.reader = reader
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StoreError) -> [UInt8]? {
        try reader.get(keyspace, key)
    }

    func look(
        _ keyspace: Keyspace,
        _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws -> Void,
    ) throws {
        try reader.look(keyspace, key, body)
    }

    func range(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool,
    ) throws {
        try reader.range(keyspace, from: from, to: to, reversed: reversed) { key, value in
            if keyspace == .history { rows += 1 }
            return try body(key, value)
        }
    }

    func sizes(
        _ keyspace: Keyspace,
        from: [UInt8],
        to: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ valueBytes: Int) throws -> Bool,
    ) throws {
        try reader.sizes(keyspace, from: from, to: to, body)
    }
}
