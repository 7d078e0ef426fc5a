import Changes
import Testing

@testable import Replication

struct LinkCopyTests {
    typealias Fixture = LinkFixture

    private static let small = TableID(high: 3, low: 3)
    private static let large = TableID(high: 4, low: 4)

    private static func join(_ table: TableID, after: [UInt8]? = nil) -> LinkPosition.Join {
        LinkPosition.Join(table: table, after: after)
    }

    private func begin(_ joins: [LinkPosition.Join]) -> (Fixture, [Link.Effect]) {
        var fixture = Fixture()
        let read = fixture.startReading()
        let effects = fixture.send(.positionRead(read, Fixture.reply(at: 10, joins: joins)))
        return (fixture, effects)
    }

    @Test func `rows are fetched beside the feed, from where the target's copy stands`() {
        let (fixture, effects) = begin([Self.join(Self.small, after: [7])])
        #expect(effects.fetchID != nil)
        let request = SnapshotRequest(
            target: "eu-west-1",
            join: Self.join(Self.small, after: [7]),
            bytesMax: 1 << 20,
        )
        #expect(effects.contains(.fetchChunk(effects.chunkFetchID!, request)))
        #expect(fixture.link.state == .copying)
    }

    @Test func `a chunk and a batch take turns at the target`() {
        var (fixture, effects) = begin([Self.join(Self.small)])
        var fetch = effects.fetchID!
        var chunk = effects.chunkFetchID!
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20, isComplete: false), []))
        fetch = one.fetchID!
        #expect(fixture.send(.chunkFetched(chunk, [1])).isEmpty)
        _ = fixture.send(.fetched(fetch, Fixture.header(20, 30, isComplete: false), []))
        let joins = [Self.join(Self.small)]
        let two = fixture.send(.applied(one.applyID!, Fixture.reply(at: 20, joins: joins)))
        #expect(two.chunkApplyID != nil)
        #expect(two.applyID == nil)
        let later = [Self.join(Self.small, after: [5])]
        let three = fixture.send(
            .chunkApplied(two.chunkApplyID!, Fixture.reply(at: 20, joins: later))
        )
        #expect(three.applyID != nil)
        chunk = three.chunkFetchID!
        #expect(fixture.send(.chunkFetched(chunk, [2])).isEmpty)
    }

    @Test func `a copy that another link took over is dropped`() {
        var (fixture, effects) = begin([Self.join(Self.small)])
        let one = fixture.send(.fetched(effects.fetchID!, Fixture.header(10, 20), []))
        let two = fixture.send(.applied(one.applyID!, Fixture.reply(at: 20)))
        #expect(two.abandoned.contains(effects.chunkFetchID!))
        #expect(fixture.send(.chunkFetched(effects.chunkFetchID!, [1])).isEmpty)
        #expect(fixture.link.state == .idle)
    }

    @Test func `a copy that fails waits, lets another go first, and the feed goes on`() {
        var (fixture, effects) = begin([Self.join(Self.small), Self.join(Self.large)])
        let failure = Link.Failure.refused(code: "UNKNOWN_TABLE", message: "not yet")
        let held = fixture.send(.failed(effects.chunkFetchID!, failure))
        #expect(held.count == 1)
        let joins = [Self.join(Self.small), Self.join(Self.large)]
        let one = fixture.send(.fetched(effects.fetchID!, Fixture.header(10, 20), []))
        #expect(one.applyID != nil)
        fixture.send(.applied(one.applyID!, Fixture.reply(at: 20, joins: joins)))
        let again = fixture.send(.timerFired(held.waitID!))
        guard case .fetchChunk(_, let request)? = again.first else {
            Issue.record("\(again)")
            return
        }
        #expect(request.join.table == Self.large)
    }

    @Test func `a table whose copy is done joins the feed at once`() {
        var (fixture, effects) = begin([Self.join(Self.small)])
        let one = fixture.send(.fetched(effects.fetchID!, Fixture.header(10, 20), []))
        let joins = [Self.join(Self.small)]
        fixture.send(.applied(one.applyID!, Fixture.reply(at: 20, joins: joins)))
        let two = fixture.send(.chunkFetched(effects.chunkFetchID!, [1]))
        let tables = [TableID.system, Self.small, Fixture.table]
        let reply = ApplyReply(
            outcome: .applied,
            position: Fixture.position(at: 20, tables: tables),
        )
        let three = fixture.send(.chunkApplied(two.chunkApplyID!, reply))
        #expect(three.abandoned == [one.fetchID!])
        #expect(three.fetchID != nil)
    }
}
