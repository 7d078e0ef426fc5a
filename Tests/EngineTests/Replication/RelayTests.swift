import Causality
import Changes
import Testing
import Wire

@testable import Engine

/// What regions give each other of a region that does not reach them itself.
struct RelayTests {
    private let time = TestTime()
    private let east: ReplicaFixture
    private let west: ReplicaFixture
    private let north: ReplicaFixture
    private let table: TableID

    /// Three members of one table, all up to date.
    init() throws {
        east = try ReplicaFixture("us-east-1", time)
        west = try ReplicaFixture("eu-west-1", time)
        north = try ReplicaFixture("ap-north-1", time)
        table = try ReplicaFixture.share("abc", among: [east, west, north])
        try #require(north.status(of: table, in: "ap-north-1") == .active)
    }

    /// So much later all but those heard meanwhile are silent.
    private func letTimePass() {
        time.milliseconds += EngineSettings().relayAfterMilliseconds + 1
    }

    @Test func `a region that is heard is relayed by nobody`() throws {
        letTimePass()
        try ReplicaFixture.settle([east, west, north])
        try east.put("one", in: "abc")
        try west.pull(from: east)
        #expect(north.position(from: west).direct == ["eu-west-1", "us-east-1"])
        while let batch = try north.nextBatch(from: west) {
            #expect(!batch.header.isRelayed)
            _ = try north.group { try $0.apply(batch) }
        }
        #expect(try north.items("abc").isEmpty)
    }

    @Test func `right after a start nobody is missed`() throws {
        try east.put("one", in: "abc")
        try west.pull(from: east)
        try north.restart()
        #expect(north.position(from: west).direct == nil)
        letTimePass()
        #expect(north.position(from: west).direct == [])
    }

    @Test func `what a lost region brought to one reaches the other`() throws {
        try east.put("kept", "1", in: "abc")
        try east.delete("never", in: "abc")
        try west.pull(from: east)
        try east.put("lost", in: "abc")
        letTimePass()
        try ReplicaFixture.settle([west, north])

        #expect(try north.items("abc") == ["kept": "1"])
        let entry = west.engine.applied[table][east.engine.origin]
        #expect(north.engine.applied[table][east.engine.origin] == entry)
        #expect(entry < east.engine.own)
    }

    @Test func `a relay ends at its entry and claims nothing`() throws {
        try east.put("one", in: "abc")
        try west.pull(from: east)
        letTimePass()
        try west.put("two", in: "abc")
        let batch = try #require(try north.nextBatch(from: west))
        #expect(batch.header.origin == east.engine.origin)
        #expect(batch.header.source == west.engine.origin)
        #expect(batch.header.through == west.engine.applied[table][east.engine.origin])
        #expect(!batch.header.isComplete)
        #expect(batch.header.claims.isEmpty)
    }

    @Test func `the loser of a conflict is relayed and logged as if it came directly`() throws {
        try east.put("one", "east", in: "abc")
        try west.put("one", "west", in: "abc")
        try west.pull(from: east)
        try north.pull(from: west)
        try #require(try west.items("abc") == ["one": "west"])
        let before = north.conflicts
        letTimePass()
        try north.pull(from: west)
        #expect(try north.items("abc") == ["one": "west"])
        #expect(north.conflicts == before + 1)
    }

    @Test func `the account of a link counts what it relayed and keeps its place`() throws {
        try east.put("one", in: "abc")
        try west.pull(from: east)
        letTimePass()
        let key = Array("eu-west-1".utf8)
        let before = try #require(try north.store.snapshot().get(.accounts, key))
        let batch = try #require(try north.nextBatch(from: west))
        try #require(batch.header.isRelayed)
        _ = try north.group { try $0.apply(batch) }
        let account = try #require(try north.store.snapshot().get(.accounts, key))
        let old = try LinkAccount(decoding: before)
        let new = try LinkAccount(decoding: account)
        #expect(new.tally.received == old.tally.received + UInt64(batch.header.changes))
        #expect(new.through == old.through)
    }

    @Test func `only a region itself says that it wrote no more`() throws {
        try east.put("one", in: "abc")
        try west.pull(from: east)
        letTimePass()
        var batch = try #require(try north.nextBatch(from: west))
        try #require(batch.header.isRelayed)
        batch.header.isComplete = true
        #expect(throws: PeerRefusal.self) { try north.group { try $0.apply(batch) } }
    }

    /// As where the west has the table by a copy that began behind the north's place.
    @Test func `a history that is not whole is not relayed`() throws {
        try east.put("one", in: "abc")
        try west.pull(from: east)
        letTimePass()
        let origin = east.engine.origin
        let entry = west.engine.applied[table][origin]
        let position = north.position(from: west)
        func relayed() throws -> ChangeBatch? {
            var position = position
            position.inStep = position.inStep.filter { $0.tables.contains(table) }.map {
                LinkPosition.InStep(tables: [table], vector: $0.vector)
            }
            let batch = try west.feed().batch(after: position, bytesMax: 1 << 20)
            return batch?.header.origin == origin ? batch : nil
        }
        #expect(try relayed()?.header.through == entry)
        try west.group { $0.changeState(table) { $0.wholeFrom.raise(origin, to: entry) } }
        #expect(try relayed() == nil)
    }

    /// Of two tables that came one after the other, the second's history lies across the first's.
    @Test(arguments: [1, 100, 1 << 20])
    func `histories that came table by table are relayed in order`(bytesMax: Int) throws {
        let all = [east, west, north]
        let other = try ReplicaFixture.share("def", among: all)
        for number in 0..<6 {
            try east.put("k\(number)", in: number % 2 == 0 ? "abc" : "def")
            try east.put("k0", "\(number)", in: "abc")
        }
        try east.group { $0.heartbeat() }
        for id in [table, other] {
            let batch = try #require(try west.nextBatch(of: id, from: east))
            try #require(batch.header.changes > 2)
            _ = try west.group { try $0.apply(batch) }
        }
        letTimePass()
        while let batch = try north.nextBatch(from: west, bytesMax: bytesMax) {
            try #require(try north.group { try $0.apply(batch) }.outcome == .applied)
        }
        #expect(try north.items("abc") == west.items("abc"))
        #expect(try north.items("def") == ["k1": "", "k3": "", "k5": ""])
    }

    @Test func `a region started from an older copy gets back what it lost`() throws {
        let copy = east.store.copy()
        try east.put("one", "1", in: "abc")
        try west.pull(from: east)
        try east.restart()
        try east.put("two", "2", in: "abc")
        try north.ask(east)
        try west.pull(from: east)
        try east.restart(from: copy)
        #expect(try east.items("abc").isEmpty)
        try east.put("three", "3", in: "abc")
        try ReplicaFixture.settle([east, west, north])

        let all = ["one": "1", "two": "2", "three": "3"]
        for region in [east, west, north] { #expect(try region.items("abc") == all) }
    }

    @Test func `the present incarnation is never taken from others`() throws {
        try east.put("one", in: "abc")
        try west.pull(from: east)
        var position = east.position(from: west)
        position.target = Origin(region: "us-east-1", startMilliseconds: 1, random: 1)
        let batch = try #require(try west.feed().batch(after: position, bytesMax: 1 << 20))
        try #require(batch.header.origin == east.engine.origin)
        #expect(try east.group { try $0.apply(batch) }.outcome == .outOfStep)
    }
}
