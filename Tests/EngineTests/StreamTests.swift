import Changes
import Items
import JSON
import Testing
import Wire

@testable import Engine

/// Streams: what regions record of their own changes and of others', and for how long.
struct StreamTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture

    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
    }

    private func share(_ name: String) throws {
        _ = try east.create(name)
        try ReplicaFixture.settle([east, west], rounds: 1)
        try east.update(name, .create(region: west.region))
        try ReplicaFixture.settle([east, west])
    }

    private func setStream(_ view: StreamViewType?, of name: String) throws {
        let request = UpdateTableRequest(
            tableName: name,
            streamSpecification: StreamSpecification(isEnabled: view != nil, viewType: view),
        )
        try east.group { group in _ = try group.perform { try request.perform(in: &$0) } }
    }

    /// What happened to each item in turn, as the stream of a table in a region tells it.
    private func told(_ name: String, in region: ReplicaFixture) throws -> [String] {
        try region.records(of: region.stream(of: name)).map { record in
            guard case .string(let key) = record.keys["p"] else { return "?" }
            let image = try record.newImage.map { try $0.read() }
            guard case .string(let note) = image?["note"] else {
                return "\(record.event.rawValue) \(key)"
            }
            return "\(record.event.rawValue) \(key) \(note)"
        }
    }

    @Test func `every region tells its own changes and those that come`() throws {
        try share("abc")
        try east.put("k", "one", in: "abc")
        try ReplicaFixture.settle([east, west])
        try west.put("k", "two", in: "abc")
        try ReplicaFixture.settle([east, west])
        try east.delete("k", in: "abc")
        try ReplicaFixture.settle([east, west])
        let expected = ["INSERT k one", "MODIFY k two", "REMOVE k"]
        #expect(try told("abc", in: east) == expected)
        #expect(try told("abc", in: west) == expected)
    }

    @Test func `the loser of a conflict is told only where it was current`() throws {
        try share("abc")
        try east.put("k", "earlier", in: "abc")
        try west.put("k", "later", in: "abc")
        try ReplicaFixture.settle([east, west])
        #expect(try east.items("abc") == ["k": "later"])
        #expect(try told("abc", in: east) == ["INSERT k earlier", "MODIFY k later"])
        #expect(try told("abc", in: west) == ["INSERT k later"])
    }

    @Test func `a copy is not told, and what comes after it is`() throws {
        _ = try east.create("abc")
        try east.put("old", "one", in: "abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle([east, west])
        try east.put("new", "two", in: "abc")
        try ReplicaFixture.settle([east, west])
        #expect(try west.items("abc").count == 2)
        #expect(try told("abc", in: west) == ["INSERT new two"])
    }

    @Test func `a global table's stream has both images and is not disabled`() throws {
        try share("abc")
        for region in [east, west] {
            let table = try #require(region.engine.catalog.table(named: "abc"))
            #expect(table.state.stream?.viewType == .newAndOldImages)
            #expect(table.state.isStreaming)
        }
        #expect(throws: ServiceError.streamOfGlobalTable) { try setStream(nil, of: "abc") }
    }

    @Test func `a table with a stream of other images is not made global`() throws {
        _ = try east.create("abc")
        try ReplicaFixture.settle([east, west], rounds: 1)
        try setStream(.newImage, of: "abc")
        #expect(throws: ServiceError.streamOfOtherView("abc")) {
            try east.update("abc", .create(region: west.region))
        }
        try setStream(nil, of: "abc")
        try east.update("abc", .create(region: west.region))
        try ReplicaFixture.settle([east, west])
        for region in [east, west] {
            let table = try #require(region.engine.catalog.table(named: "abc"))
            #expect(table.state.stream?.viewType == .newAndOldImages)
        }
    }

    @Test func `a write that changes nothing is not told`() throws {
        _ = try east.create("abc")
        try setStream(.keysOnly, of: "abc")
        try east.put("k", "one", in: "abc")
        try east.put("k", "one", in: "abc")
        try east.delete("absent", in: "abc")
        #expect(try told("abc", in: east) == ["INSERT k"])
    }

    @Test func `sequences go on after a restart, also where all records are gone`() throws {
        _ = try east.create("abc")
        try setStream(.keysOnly, of: "abc")
        try east.put("k", "one", in: "abc")
        let arn = try east.stream(of: "abc")
        let first = try #require(try east.records(of: arn).first)
        time.milliseconds += 86_400_001
        try east.group { _ = try $0.doChores() }
        #expect(try east.records(of: arn).isEmpty)
        try east.restart()
        try east.put("k", "two", in: "abc")
        let second = try #require(try east.records(of: arn).first)
        #expect(first.sequenceNumber < second.sequenceNumber)
        #expect(first.eventID != second.eventID)
    }

    @Test func `a shard is closed in time, with a child, and goes with its records`() throws {
        _ = try east.create("abc")
        try setStream(.keysOnly, of: "abc")
        let arn = try east.stream(of: "abc")
        try east.put("a", in: "abc")
        time.milliseconds += 14_400_000
        try east.group { _ = try $0.doChores() }
        try east.put("b", in: "abc")
        var shards = try east.describe(arn).shards
        #expect(shards.count == 2)
        #expect(shards[0].endingSequenceNumber != nil)
        #expect(shards[1].parentID == shards[0].id)
        #expect(shards[1].endingSequenceNumber == nil)
        #expect(try east.records(of: arn).count == 2)

        let old = try east.iterator(arn, shards[0].id)
        let parent = shards[0].id
        time.milliseconds += 86_400_000
        try east.group { _ = try $0.doChores() }
        shards = try east.describe(arn).shards
        #expect(!shards.contains { $0.id == parent })
        #expect(shards.last?.endingSequenceNumber == nil)
        #expect(throws: ServiceError.trimmedData) {
            try GetRecordsRequest(shardIterator: old)
                .perform(in: east.reading, wallMilliseconds: time.milliseconds - 86_400_000)
        }
        #expect(throws: ServiceError.expiredIterator) { try east.read(old) }
    }

    @Test func `a disabled stream stays readable for a day`() throws {
        _ = try east.create("abc")
        try setStream(.newImage, of: "abc")
        let arn = try east.stream(of: "abc")
        try east.put("a", "one", in: "abc")
        try setStream(nil, of: "abc")
        try east.put("a", "two", in: "abc")
        #expect(try !east.describe(arn).isEnabled)
        #expect(try east.describe(arn).shards.allSatisfy { $0.endingSequenceNumber != nil })
        #expect(try east.records(of: arn).count == 1)
        try setStream(.newImage, of: "abc")
        #expect(try east.stream(of: "abc") != arn)
        time.milliseconds += 86_400_001
        try east.group { _ = try $0.doChores() }
        #expect(throws: ServiceError.self) { try east.describe(arn) }
        #expect(try east.describe(east.stream(of: "abc")).isEnabled)
    }

    @Test func `a dropped table's stream ends with it and stays readable`() throws {
        _ = try east.create("abc")
        try setStream(.newImage, of: "abc")
        let arn = try east.stream(of: "abc")
        try east.put("a", "one", in: "abc")
        try east.deleteTable("abc")
        #expect(try !east.describe(arn).isEnabled)
        #expect(try east.records(of: arn).count == 1)
        try east.restart()
        #expect(try east.records(of: arn).count == 1)
    }

    @Test func `an iterator is good for fifteen minutes`() throws {
        _ = try east.create("abc")
        try setStream(.newImage, of: "abc")
        let arn = try east.stream(of: "abc")
        let place = try east.iterator(arn, try #require(try east.describe(arn).shards.first).id)
        time.milliseconds += 15 * 60_000
        _ = try east.read(place)
        time.milliseconds += 1
        #expect(throws: ServiceError.expiredIterator) { try east.read(place) }
        // One from a clock that was ahead is not expired.
        time.milliseconds -= 3_600_000
        _ = try east.read(place)
    }

    @Test func `changed iterators are refused and none traps`() throws {
        let arn = StreamARN(tableName: "abc", label: "2015-05-11T21:21:33.291")
        let good = ShardIterator(
            stream: arn,
            shard: .max,
            position: .max,
            issuedMilliseconds: .max,
        )
        let text = good.text(region: "us-east-1")
        #expect(try ShardIterator(text) == good)
        #expect(throws: ServiceError.streamNotFound(arn.text(region: "us-east-1"))) {
            try east.read(text)
        }
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            let garbled = String(decoding: changed, as: UTF8.self)
            #expect(throws: ServiceError.invalidShardIterator) { try ShardIterator(garbled) }
        }
        for count in 0..<bytes.count {
            let cut = String(decoding: bytes.prefix(count), as: UTF8.self)
            #expect(throws: ServiceError.invalidShardIterator) { try ShardIterator(cut) }
        }
    }
}

/// The texts that streams are named and numbered by.
struct StreamNameTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000"), (951_782_399_999, "2000-02-28T23:59:59.999"),
            (951_782_400_000, "2000-02-29T00:00:00.000"),
            (1_431_379_293_291, "2015-05-11T21:21:33.291"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000"),
        ] as [(UInt64, String)]
    )
    func `a label is a time`(milliseconds: UInt64, label: String) {
        #expect(StreamLabel.text(milliseconds: milliseconds) == label)
    }

    @Test func `shards' names sort as shards follow`() {
        let first = ShardID(createdMilliseconds: 1_431_379_293_291, place: 9)
        let second = ShardID(createdMilliseconds: 1_431_379_293_292, place: 10)
        #expect(first.text == "shardId-00000001431379293291-00000009")
        #expect(first.text < second.text)
        #expect(ShardID(first.text) == first)
        #expect(ShardID("shardId-0000000143137929329+-00000009") == nil)
        #expect(ShardID("shardId-00000001431379293291-0000000G") == nil)
        #expect(ShardID("") == nil)
    }

    @Test func `sequence numbers are digits in order`() {
        #expect(SequenceNumber.text(7) == "100000000000000000007")
        #expect(SequenceNumber.sequence("100000000000000000007") == 7)
        #expect(SequenceNumber.sequence(SequenceNumber.text(.max)) == .max)
        #expect(SequenceNumber.sequence("199999999999999999999") == nil)
        #expect(SequenceNumber.sequence("10000000000000000000x") == nil)
        #expect(SequenceNumber.sequence("+00000000000000000007") == nil)
    }

    @Test func `an ARN names a stream or nothing`() {
        let arn = StreamARN(tableName: "abc", label: "2015-05-11T21:21:33.291")
        #expect(StreamARN(arn.text(region: "us-east-1")) == arn)
        for text in ["", "arn:aws:dynamodb:r:0:table/abc", "arn:aws:dynamodb:r:0:table/a/stream/b"]
        {
            #expect(StreamARN(text) == nil)
        }
    }
}

extension ReplicaFixture {
    fileprivate var reading: ReadContext {
        ReadContext(catalog: engine.catalog, store: store.snapshot())
    }

    fileprivate func stream(of name: String) throws -> StreamARN {
        let table = try #require(engine.catalog.table(named: name))
        return StreamARN(tableName: name, label: try #require(table.state.stream).label)
    }

    fileprivate func describe(_ arn: StreamARN) throws -> DescribeStreamResponse {
        try DescribeStreamRequest(stream: arn, streamText: "?").perform(in: reading)
    }

    fileprivate func iterator(_ arn: StreamARN, _ shard: String) throws -> String {
        try GetShardIteratorRequest(
            stream: arn,
            streamText: "?",
            shardID: shard,
            type: .trimHorizon,
        )
        .perform(in: reading, wallMilliseconds: now).shardIterator
    }

    fileprivate func read(_ iterator: String) throws -> GetRecordsResponse {
        try GetRecordsRequest(shardIterator: iterator, limit: 2)
            .perform(in: reading, wallMilliseconds: now)
    }

    /// All records of all shards.
    fileprivate func records(of arn: StreamARN) throws -> [StreamRecord] {
        var records: [StreamRecord] = []
        for shard in try describe(arn).shards {
            var next: String? = try iterator(arn, shard.id)
            while let place = next {
                let page = try read(place)
                records += page.records
                next = page.records.isEmpty ? nil : page.nextShardIterator
            }
        }
        return records
    }
}
