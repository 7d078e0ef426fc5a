import Changes
import JSON
import Testing

@testable import Replication

/// A link accounts for every change it fetched, and tells idle from stalled.
struct LinkAccountingTests {
    typealias Fixture = LinkFixture

    private static func tally(newer: UInt64 = 0, stale: UInt64 = 0, conflicts: UInt64 = 0) -> Tally
    {
        var tally = Tally()
        tally.received = newer + stale + conflicts
        tally.newer = newer
        tally.stale = stale
        tally.conflicts = conflicts
        return tally
    }

    private static func reply(
        _ outcome: ApplyReply.Outcome = .applied,
        at time: UInt64,
        _ tally: Tally,
    ) -> ApplyReply {
        ApplyReply(outcome: outcome, position: Fixture.position(at: time), tally: tally)
    }

    @Test func `what is fetched waits until the target says what became of it`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20, changes: 9), []))
        var status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.waitingChanges == 9)
        #expect(fixture.link.isBalanced)
        let merged = Self.tally(newer: 5, stale: 3, conflicts: 1)
        fixture.send(.applied(one.applyID!, Self.reply(at: 20, merged)))
        status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.waitingChanges == 0)
        #expect(status.tally == merged)
        #expect(status.givenUpChanges == 0)
        #expect(fixture.link.isBalanced)
    }

    @Test
    func `what a target does not answer for is given up, with all that was fetched behind it`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let header = Fixture.header(10, 20, changes: 4, isComplete: false)
        let one = fixture.send(.fetched(fetch, header, []))
        fixture.send(.fetched(one.fetchID!, Fixture.header(20, 30, changes: 3), []))
        fixture.send(.failed(one.applyID!, .unreachable("gone")))
        let status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.fetchedChanges == 7)
        #expect(status.givenUpChanges == 7)
        #expect(status.waitingChanges == 0)
        #expect(fixture.link.isBalanced)
    }

    @Test func `what a target cuts off or is out of step for is given up`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20, changes: 5), []))
        fixture.send(.applied(one.applyID!, Self.reply(.outOfStep, at: 15, Tally())))
        var status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.givenUpChanges == 5)
        #expect(fixture.link.isBalanced)

        var other = Fixture()
        let first = other.begin()
        let two = other.send(.fetched(first, Fixture.header(10, 20, changes: 5), []))
        other.send(.applied(two.applyID!, Self.reply(.skewed, at: 12, Self.tally(newer: 2))))
        status = other.link.status(nowMilliseconds: other.now)
        #expect(status.givenUpChanges == 3)
        #expect(status.tally.newer == 2)
        #expect(fixture.link.isBalanced)
        #expect(status.standing.name == "stalled")
    }

    @Test func `a pause gives up what waits and stalls the link`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        fixture.send(.fetched(fetch, Fixture.header(10, 20, changes: 5), []))
        fixture.send(.pauseRequested)
        let status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.givenUpChanges == 5)
        #expect(fixture.link.isBalanced)
        #expect(status.standing == .stalled("paused"))
    }

    @Test func `heartbeats keep a link idle, and without them it is stalled`() {
        var fixture = Fixture(LinkSettings(stalledAfterMilliseconds: 3_000))
        let fetch = fixture.begin()
        #expect(fixture.link.status(nowMilliseconds: fixture.now).standing == .shipping)
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20, changes: 0), []))
        fixture.now += 100
        fixture.send(.applied(one.applyID!, Fixture.reply(at: 20)))
        var status = fixture.link.status(nowMilliseconds: fixture.now + 3_000)
        #expect(status.standing == .idle)
        #expect(status.sinceHeartbeatMilliseconds == 3_000)
        status = fixture.link.status(nowMilliseconds: fixture.now + 3_001)
        #expect(status.state == .idle)
        #expect(status.standing == .stalled("no heartbeat of us-east-1 for 3001 ms"))
    }

    @Test func `a target that takes its time with changes is shipping, then stalled`() {
        var fixture = Fixture(LinkSettings(stalledAfterMilliseconds: 3_000))
        let fetch = fixture.begin()
        let header = Fixture.header(10, 20, changes: 6, isComplete: false, pending: 40)
        fixture.send(.fetched(fetch, header, []))
        #expect(fixture.link.status(nowMilliseconds: fixture.now + 10).standing == .shipping)
        #expect(
            fixture.link.status(nowMilliseconds: fixture.now + 3_500).standing
                == .stalled("no heartbeat of us-east-1 for 3500 ms, and 46 changes wait")
        )
    }

    @Test func `a link that failed says why`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        fixture.send(.failed(fetch, .unreachable("connection refused")))
        let status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.standing == .stalled("connection refused"))
    }

    @Test func `the accounting in JSON adds up`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20, changes: 4), []))
        fixture.send(.applied(one.applyID!, Self.reply(at: 20, Self.tally(newer: 3, stale: 1))))
        let json = fixture.link.status(nowMilliseconds: fixture.now).json()["accounting"]
        #expect(json?["fetched"] == .number("4"))
        #expect(json?["applied"] == .number("3"))
        #expect(json?["stale"] == .number("1"))
        #expect(json?["waiting"] == .number("0"))
    }
}
