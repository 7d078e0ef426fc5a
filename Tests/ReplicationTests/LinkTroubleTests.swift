import Causality
import Changes
import Testing

@testable import Replication

/// Failures, pauses and answers that come too late.
struct LinkTroubleTests {
    typealias Fixture = LinkFixture

    private static let unreachable = Link.Failure.unreachable("connection refused")

    @Test(arguments: [
        (Link.Failure.unreachable("x"), LinkState.unreachable(.target)),
        (.refused(code: "UNAVAILABLE", message: "x"), .unreachable(.target)),
        (.refused(code: "CORRUPT", message: "x"), .corrupt("x")),
        (.refused(code: "QUARANTINE_FULL", message: "x"), .quarantineFull("x")),
        (.refused(code: "NOT_MEMBER", message: "x"), .refused("NOT_MEMBER: x")),
        (.malformed("x"), .refused("x")),
    ])
    func `a failure at the target gives up all and waits`(
        failure: Link.Failure,
        state: LinkState,
    ) {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), []))
        let effects = fixture.send(.failed(one.applyID!, failure))
        #expect(effects.abandoned == [one.fetchID!])
        #expect(effects.count == 2)
        #expect(fixture.link.state == state)
        #expect(fixture.send(.timerFired(effects.waitID!)).positionID != nil)
    }

    @Test(arguments: [
        (Link.Failure.unreachable("x"), LinkState.unreachable(.source)),
        (.refused(code: "PARTIAL", message: "x"), .refused("PARTIAL: x")),
        (.malformed("x"), .refused("x")),
    ])
    func `a failure at the source holds the feed, and what was fetched goes on`(
        failure: Link.Failure,
        state: LinkState,
    ) {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), [1]))
        let two = fixture.send(.fetched(one.fetchID!, Fixture.header(20, 30), [2]))
        let held = fixture.send(.failed(two.fetchID!, failure))
        #expect(held.count == 1)
        #expect(fixture.link.state == state)
        let next = fixture.send(.applied(one.applyID!, Fixture.reply(at: 20)))
        #expect(next.count == 1)
        #expect(next.applyID != nil)
        #expect(fixture.send(.applied(next.applyID!, Fixture.reply(at: 30))).isEmpty)
        let again = fixture.send(.timerFired(held.waitID!))
        let fetches = fixture.send(.positionRead(again.positionID!, Fixture.reply(at: 30)))
        #expect(fetches.fetchesAfter == 30)
        fixture.send(.fetched(fetches.fetchID!, Fixture.header(30, 40, changes: 0), []))
        #expect(fixture.link.state == .idle)
    }

    @Test func `a resync is first answered with a copy of the system table`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let refusal = Link.Failure.refused(code: "RESYNC", message: "whole from 5 only")
        let copy = fixture.send(.failed(fetch, refusal))
        let join = LinkPosition.Join(table: .system, after: nil)
        let request = SnapshotRequest(target: "eu-west-1", join: join, bytesMax: 1 << 20)
        #expect(copy == [.fetchChunk(copy.chunkFetchID!, request)])
        let apply = fixture.send(.chunkFetched(copy.chunkFetchID!, [9]))
        #expect(apply == [.applyChunk(apply.chunkApplyID!, [9])])
        let fetches = fixture.send(.chunkApplied(apply.chunkApplyID!, Fixture.reply(at: 12)))
        #expect(fetches.fetchesAfter == 12)
        let held = fixture.send(.failed(fetches.fetchID!, refusal))
        #expect(fixture.link.state == .resync)
        #expect(held.count == 1)
        let again = fixture.send(.timerFired(held.waitID!))
        #expect(again.positionID != nil)
    }

    @Test func `a batch that leaves out a table shows that it must be copied, until one does not`()
    {
        var fixture = Fixture()
        let fetch = fixture.begin()
        var header = Fixture.header(10, 20)
        header.lacks = [
            .init(
                table: TableID(high: 9, low: 9),
                origin: Fixture.source,
                floor: HybridTime(milliseconds: 15),
            )
        ]
        let one = fixture.send(.fetched(fetch, header, []))
        #expect(fixture.link.state == .resync)
        #expect(fixture.link.status(nowMilliseconds: fixture.now).lastTrouble?.isEmpty == false)
        let join = LinkPosition.Join(table: Fixture.table, after: nil)
        let reply = Fixture.reply(at: 20, joins: [join])
        let copy = fixture.send(.applied(one.applyID!, reply))
        #expect(copy.chunkFetchID != nil)
        fixture.send(.fetched(one.fetchID!, Fixture.header(20, 30), []))
        // It is in step and copied: that is no join.
        #expect(fixture.link.state == .resync)
    }

    @Test func `waits grow while the target is away and shrink once it is back`() {
        var fixture = Fixture()
        var read = fixture.startReading()
        var waits: [UInt64] = []
        for _ in 0..<8 {
            let effects = fixture.send(.failed(read, Self.unreachable), jitterBits: 0)
            for case .wait(let id, let milliseconds) in effects {
                waits.append(milliseconds)
                read = fixture.send(.timerFired(id)).positionID!
            }
        }
        #expect(waits == [50, 100, 200, 400, 800, 1_600, 2_500, 2_500])
        let fetch = fixture.send(.positionRead(read, Fixture.reply(at: 10))).fetchID!
        #expect(fixture.link.state == .running)
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), []))
        fixture.send(.applied(one.applyID!, Fixture.reply(at: 20)))
        let two = fixture.send(.fetched(one.fetchID!, Fixture.header(20, 30), []))
        let held = fixture.send(.failed(two.applyID!, Self.unreachable))
        #expect(held.contains(.wait(held.waitID!, milliseconds: 50)))
    }

    @Test func `a paused link does nothing until it is resumed`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), []))
        let paused = fixture.send(.pauseRequested)
        #expect(Set(paused.abandoned) == [one.applyID!, one.fetchID!])
        #expect(paused.count == 2)
        #expect(fixture.link.state == .paused)
        for event in Self.lateAnswers(to: [one.applyID!, one.fetchID!]) {
            #expect(fixture.send(event).isEmpty)
        }
        #expect(fixture.send(.pauseRequested).isEmpty)
        #expect(fixture.send(.resumeRequested).positionID != nil)
        #expect(fixture.link.state == .starting)
        #expect(fixture.send(.resumeRequested).isEmpty)
    }

    @Test func `a link may be paused before its start and while it is held`() {
        var fixture = Fixture()
        fixture.send(.pauseRequested)
        #expect(fixture.send(.started).isEmpty)
        let read = fixture.send(.resumeRequested).positionID!
        let held = fixture.send(.failed(read, Self.unreachable))
        let paused = fixture.send(.pauseRequested)
        #expect(paused == [.abandon(held.waitID!)])
        #expect(fixture.send(.timerFired(held.waitID!)).isEmpty)
        #expect(fixture.send(.resumeRequested).positionID != nil)
    }

    @Test func `nothing is asked for around another link's pause`() {
        var fixture = Fixture()
        let read = fixture.startReading()
        var reply = Fixture.reply(at: 10)
        reply.position.direct = ["us-east-1"]
        let first = fixture.send(.positionRead(read, reply))
        #expect(first.direct == ["us-east-1"])
        // What is asked for already could still be answered with what is withheld now.
        let second = fixture.send(.othersPaused(["ap-northeast-1"]))
        #expect(second.abandoned == [first.fetchID!])
        #expect(second.direct == ["ap-northeast-1", "us-east-1"])
        #expect(fixture.send(.othersPaused(["ap-northeast-1"])).isEmpty)
        let third = fixture.send(.othersPaused([]))
        #expect(third.direct == ["us-east-1"])
    }

    @Test func `what a target cannot judge yet is not widened by a pause`() {
        #expect(
            Fixture.position(at: 10).withholding(["ap-northeast-1"]) == Fixture.position(at: 10)
        )
    }

    /// Every state of a link × every answer to work it did not ask for.
    @Test(arguments: ["new", "reading", "running", "held", "feed held", "paused", "copying"])
    func `answers to work that was given up change nothing`(state: String) {
        var fixture = Self.fixture(in: state)
        let before = fixture.link.status(nowMilliseconds: fixture.now)
        for event in Self.lateAnswers(to: [Link.WorkID(0), Link.WorkID(999)]) {
            #expect(fixture.send(event).isEmpty)
        }
        #expect(fixture.link.status(nowMilliseconds: fixture.now) == before)
    }

    /// Answers of another kind than the work's are not taken either.
    @Test func `an answer of the wrong kind is dropped`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        #expect(fixture.send(.positionRead(fetch, Fixture.reply(at: 1))).isEmpty)
        #expect(fixture.send(.applied(fetch, Fixture.reply(at: 1))).isEmpty)
        #expect(fixture.send(.chunkFetched(fetch, [])).isEmpty)
        #expect(fixture.send(.chunkApplied(fetch, Fixture.reply(at: 1))).isEmpty)
        #expect(fixture.send(.timerFired(fetch)).isEmpty)
        #expect(fixture.send(.fetched(fetch, Fixture.header(10, 20), [])).applyID != nil)
    }

    static func fixture(in state: String) -> Fixture {
        var fixture = Fixture()
        switch state {
        case "new":
            break
        case "reading":
            fixture.send(.started)
        case "held":
            let read = fixture.startReading()
            fixture.send(.failed(read, unreachable))
        case "feed held":
            let fetch = fixture.begin()
            fixture.send(.failed(fetch, unreachable))
        case "paused":
            _ = fixture.begin()
            fixture.send(.pauseRequested)
        case "copying":
            let read = fixture.startReading()
            let join = LinkPosition.Join(table: TableID(high: 3, low: 3), after: nil)
            fixture.send(.positionRead(read, Fixture.reply(at: 10, joins: [join])))
        default:
            _ = fixture.begin()
        }
        return fixture
    }

    static func lateAnswers(to ids: [Link.WorkID]) -> [Link.Event] {
        ids.flatMap { id -> [Link.Event] in
            [
                .positionRead(id, Fixture.reply(at: 1)),
                .fetched(id, Fixture.header(10, 20), []),
                .nothingFetched(id),
                .applied(id, Fixture.reply(at: 1)),
                .applied(id, Fixture.reply(.outOfStep, at: 1)),
                .chunkFetched(id, []),
                .chunkApplied(id, Fixture.reply(at: 1)),
                .failed(id, unreachable),
                .timerFired(id),
            ]
        }
    }
}
