import Causality
import Changes
import Testing
import Wire

@testable import Engine

/// Tables come into step while writes go on: a batch ends where other tables stand.
@Suite struct TablesInStepTests {
    private let time = TestTime()

    /// Two regions with a table between them; the source has had an incarnation before it.
    private func regions() throws -> (source: ReplicaFixture, target: ReplicaFixture) {
        let source = try ReplicaFixture("a", time)
        try source.restart()
        let target = try ReplicaFixture("b", time)
        _ = try source.create("t")
        try ReplicaFixture.settle([source, target])
        try source.update("t", .create(region: "b"))
        try ReplicaFixture.settle([source, target])
        return (source, target)
    }

    /// Writes before every batch, as an application does that never rests.
    private func batchesWhileWriting(
        _ count: Int,
        from source: ReplicaFixture,
        to target: ReplicaFixture,
    ) throws -> [ChangeBatch.Header] {
        try (0..<count).map { number in
            try source.put("k", "\(number)", in: "t")
            let batch = try #require(try target.nextBatch(from: source))
            #expect(try target.group { try $0.apply(batch) }.outcome == .applied)
            return batch.header
        }
    }

    @Test func `a new table comes into step with the others although writes never rest`() throws {
        let (source, target) = try regions()
        let headers = try batchesWhileWriting(6, from: source, to: target)
        let last = try #require(headers.last)
        #expect(last.tables.count == 2)
        #expect(last.isComplete)
        #expect(last.changes == 1)
        #expect(try target.items("t") == ["k": "5"])
    }

    /// A source holds a complete batch without changes back until its next heartbeat.
    @Test func `no batch is empty and complete while another table has changes`() throws {
        let (source, target) = try regions()
        for header in try batchesWhileWriting(8, from: source, to: target) {
            #expect(header.changes > 0 || !header.isComplete)
        }
    }

    @Test func `a batch that ends where other tables stand has all changes through its end`() throws
    {
        let (source, target) = try regions()
        _ = try source.create("alone")
        try source.put("first", in: "t")
        // The system table passes the other one: only its part of the position is asked for.
        let position = target.position(from: source)
        var lagging = position
        lagging.inStep = LinkPosition.grouped(
            position.inStep.flatMap { group in
                group.tables.map { table in
                    var vector = group.vector
                    if table == .system {
                        vector.raise(source.engine.origin, to: source.engine.own)
                    }
                    return (table, vector)
                }
            }
        )
        let end = source.engine.own
        try source.put("second", in: "t")
        let batch = try #require(try source.feed().batch(after: lagging, bytesMax: 1 << 20))
        #expect(batch.header.tables != [.system])
        #expect(batch.header.through == end)
        #expect(batch.header.changes == 1)
        #expect(!batch.header.isComplete)
    }
}
