import Changes
import Items
import Testing
import Wire

@testable import Engine

/// How a stream's records lie in rows.
struct StreamSegmentTests {
    private let time = TestTime()
    private let region: ReplicaFixture
    private let stream: StreamARN

    init() throws {
        let region = try ReplicaFixture("us-east-1", time)
        self.region = region
        _ = try region.create("abc")
        let request = UpdateTableRequest(
            tableName: "abc",
            streamSpecification: StreamSpecification(
                isEnabled: true,
                viewType: .newAndOldImages,
            ),
        )
        try region.group { group in _ = try group.perform { try request.perform(in: &$0) } }
        let table = try #require(region.engine.catalog.table(named: "abc"))
        stream = StreamARN(tableName: "abc", label: try #require(table.state.stream).label)
    }

    /// Puts items with notes of a size, all in one group.
    private func put(_ keys: [String], noteBytes: Int) throws {
        try region.group { group in
            for key in keys {
                let note = text(String(repeating: key, count: noteBytes))
                let item: Item = ["p": text(key), "note": note]
                let prepared = try PreparedPutItem(PutItemRequest(tableName: "abc", item: item))
                _ = try group.perform { try prepared.perform(in: &$0) }
            }
        }
    }

    private func rows() throws -> [(key: [UInt8], value: [UInt8])] {
        var rows: [(key: [UInt8], value: [UInt8])] = []
        try region.store.snapshot().range(.records, from: [], to: nil, reversed: false) {
            rows.append((Array($0), Array($1)))
            return true
        }
        return rows
    }

    /// All records from a sequence on, so many to a page.
    private func read(
        from start: String? = nil,
        since milliseconds: UInt64? = nil,
        limit: Int,
    ) throws -> [StreamRecord] {
        let context = ReadContext(
            catalog: region.engine.catalog,
            store: region.store.snapshot(),
        )
        let described = try DescribeStreamRequest(stream: stream, streamText: "?")
            .perform(in: context)
        var records: [StreamRecord] = []
        var next: String? = try GetShardIteratorRequest(
            stream: stream,
            streamText: "?",
            shardID: try #require(described.shards.first).id,
            type: milliseconds != nil
                ? .atTimestamp : start == nil ? .trimHorizon : .atSequenceNumber,
            sequenceNumber: start,
            milliseconds: milliseconds,
        )
        .perform(in: context, wallMilliseconds: region.now).shardIterator
        while let place = next {
            let page = try GetRecordsRequest(shardIterator: place, limit: limit)
                .perform(in: context, wallMilliseconds: region.now)
            #expect(page.records.count <= limit)
            records += page.records
            next = page.records.isEmpty ? nil : page.nextShardIterator
        }
        return records
    }

    private func keys(_ records: [StreamRecord]) -> [String] {
        records.map { record in
            guard case .string(let key) = record.keys["p"] else { return "?" }
            return key.string
        }
    }

    @Test func `what one group writes is one row, up to a bound`() throws {
        try put(["a", "b", "c"], noteBytes: 100)
        #expect(try rows().count == 1)
        try put(["d", "e"], noteBytes: 100)
        #expect(try rows().count == 2)
        try put(["f", "g", "h", "i", "j"], noteBytes: 40_000)
        #expect(try rows().count == 5)
    }

    @Test(arguments: [1, 2, 3, 100])
    func `records are read in pages, from any of them`(limit: Int) throws {
        let all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        try put(Array(all[..<4]), noteBytes: 10)
        try put(Array(all[4...]), noteBytes: 30_000)
        let records = try read(limit: limit)
        #expect(keys(records) == all)
        let sequences = records.map(\.sequenceNumber)
        #expect(sequences == sequences.sorted() && Set(sequences).count == all.count)
        for (place, sequence) in sequences.enumerated() {
            let rest = try read(from: sequence, limit: limit)
            #expect(keys(rest) == Array(all[place...]))
        }
    }

    @Test func `records are read from a time on`() throws {
        // A group takes the millisecond after the time.
        let start = time.milliseconds + 1
        let all = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
        // Groups of one to three records at 0, 10, 20, 30 and 40 ms.
        let groups = [all[..<1], all[1..<4], all[4..<6], all[6..<7], all[7...]]
        for (place, keys) in groups.enumerated() {
            time.milliseconds = start - 1 + UInt64(place) * 10
            try put(Array(keys), noteBytes: 10)
        }
        let firsts = [
            (0, 0), (1, 1), (10, 1), (11, 4), (20, 4), (29, 6), (30, 6), (31, 7), (40, 7),
        ]
        for (after, place) in firsts {
            let found = try read(since: start + UInt64(after), limit: 2)
            #expect(keys(found) == Array(all[place...]), "\(after) ms")
        }
        #expect(try keys(read(since: 0, limit: 100)) == all)
        time.milliseconds += 5
        #expect(try read(since: start + 45, limit: 100).isEmpty)
        #expect(throws: ServiceError.timestampInFuture) {
            _ = try read(since: start + 46, limit: 100)
        }
    }

    @Test func `what was trimmed is not read from a time before it`() throws {
        let start = time.milliseconds + 1
        try put(["a", "b"], noteBytes: 10)
        time.milliseconds = start - 1 + 80_000_000
        try put(["c", "d"], noteBytes: 10)
        time.milliseconds += 10_000_000
        try region.group { _ = try $0.doChores() }
        #expect(try rows().count == 1)
        #expect(try keys(read(since: start, limit: 100)) == ["c", "d"])
        // A shard that is over is read as it was: its child has what came since.
        try put(["e"], noteBytes: 10)
        #expect(try keys(read(since: start + 80_000_000, limit: 100)) == ["c", "d"])
        #expect(try read(since: start + 80_000_001, limit: 100).isEmpty)
    }

    @Test func `rows of an earlier version, of a record each, are read as before`() throws {
        try put(["a", "b", "c"], noteBytes: 10)
        try put(["b", "c"], noteBytes: 20)
        let before = try read(limit: 2).map { "\($0.sequenceNumber) \($0.sizeBytes) \($0.eventID)" }
        let rows = try rows()
        try region.store.write { transaction in
            for row in rows {
                try row.key.withUnsafeBytes { key in
                    try row.value.withUnsafeBytes { value in
                        _ = try StreamSegment.forEach(in: (key, value)) { sequence, entry in
                            let number = Array(key[..<4])
                            try put(entry, sequence, of: number, in: transaction)
                            return true
                        }
                    }
                }
            }
        }
        #expect(try self.rows().count == 5)
        let after = try read(limit: 2).map { "\($0.sequenceNumber) \($0.sizeBytes) \($0.eventID)" }
        #expect(after == before)
        // And they are trimmed like others.
        time.milliseconds += 86_400_001
        try region.group { _ = try $0.doChores() }
        #expect(try self.rows().isEmpty)
    }

    /// A row as the versions before segments wrote it.
    private func put(
        _ entry: StreamEntry,
        _ sequence: UInt64,
        of stream: [UInt8],
        in transaction: any StoreTransaction,
    ) throws {
        var writer = ByteWriter()
        writer.uint64(entry.createdMilliseconds)
        let event: UInt8 = entry.event == .insert ? 0 : entry.event == .modify ? 1 : 2
        writer.byte(event | (entry.old == nil ? 0 : 8) | (entry.new == nil ? 0 : 16))
        writer.count(entry.imageBytes)
        writer.block(entry.key)
        if let old = entry.old { writer.block(old) }
        if let new = entry.new { writer.block(new) }
        var key = ByteWriter()
        key.raw(stream)
        key.uint64(sequence)
        try transaction.put(.records, key.bytes, writer.bytes)
    }
}
