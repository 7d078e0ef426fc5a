import Causality
import Changes
import Testing

@testable import Replication

struct LinkTests {
    typealias Fixture = LinkFixture

    @Test func `it asks where the target stands and then for what follows`() {
        var fixture = Fixture()
        let first = fixture.send(.started)
        #expect(first == [.readPosition(Link.WorkID(1))])
        #expect(fixture.link.state == .starting)
        let second = fixture.send(.positionRead(Link.WorkID(1), Fixture.reply(at: 10)))
        #expect(second.count == 1)
        #expect(second.fetchesAfter == 10)
        #expect(fixture.link.state == .running)
    }

    @Test func `nothing happens before the start, and a second start is none`() {
        var fixture = Fixture()
        #expect(fixture.send(.timerFired(Link.WorkID(1))).isEmpty)
        #expect(fixture.send(.resumeRequested).isEmpty)
        #expect(fixture.send(.started).count == 1)
        #expect(fixture.send(.started).isEmpty)
    }

    @Test func `it fetches ahead of what is applied, up to the bound`() {
        var fixture = Fixture(LinkSettings(inFlightMax: 3))
        var fetch = fixture.begin(at: 10)
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20, isComplete: false), [1]))
        #expect(one.applyID != nil)
        #expect(one.fetchesAfter == 20)
        fetch = one.fetchID!
        let two = fixture.send(.fetched(fetch, Fixture.header(20, 30, isComplete: false), [2]))
        #expect(two.applyID == nil)
        #expect(two.fetchesAfter == 30)
        fetch = two.fetchID!
        let three = fixture.send(.fetched(fetch, Fixture.header(30, 40, isComplete: false), [3]))
        #expect(three.isEmpty)
        let four = fixture.send(.applied(one.applyID!, Fixture.reply(at: 20)))
        #expect(four.count == 2)
        guard case .apply(_, let header, let bytes) = four[0] else {
            Issue.record("not an apply: \(four)")
            return
        }
        #expect(header == Fixture.header(20, 30, isComplete: false))
        #expect(bytes == [2])
        #expect(four.fetchesAfter == 40)
    }

    @Test func `bytes that wait bound the fetching too`() {
        var fixture = Fixture(LinkSettings(inFlightBytesMax: 10))
        let fetch = fixture.begin()
        let bytes = [UInt8](repeating: 0, count: 10)
        let effects = fixture.send(.fetched(fetch, Fixture.header(10, 20), bytes))
        #expect(effects.applyID != nil)
        #expect(effects.fetchID == nil)
        #expect(fixture.send(.applied(effects.applyID!, Fixture.reply(at: 20))).fetchesAfter == 20)
    }

    @Test func `batches are applied in the order fetched, one at a time`() {
        var fixture = Fixture()
        var fetch: Link.WorkID? = fixture.begin(at: 0)
        var applies: [Link.WorkID] = []
        for step in UInt64(0)..<4 {
            let header = Fixture.header(step, step + 1, isComplete: false)
            let effects = fixture.send(.fetched(fetch!, header, [UInt8(step)]))
            applies += [effects.applyID].compactMap { $0 }
            fetch = effects.fetchID
        }
        #expect(applies.count == 1)
        var order: [UInt8] = []
        for step in UInt64(1)...3 {
            let effects = fixture.send(.applied(applies.last!, Fixture.reply(at: step)))
            for case .apply(let id, _, let bytes) in effects {
                order += bytes
                applies.append(id)
            }
        }
        #expect(order == [1, 2, 3])
    }

    @Test func `the next batch follows as soon as one is sent, and no fifth one`() throws {
        var fixture = Fixture(LinkSettings(inFlightMax: 6))
        var fetch = fixture.begin(at: 0)
        var applies: [Link.WorkID] = []
        for time in UInt64(1)...5 {
            let header = Fixture.header(time - 1, time, isComplete: false)
            let effects = fixture.send(.fetched(fetch, header, [1]))
            if let apply = effects.applyID { applies.append(apply) }
            fetch = try #require(effects.fetchID)
        }
        #expect(applies.count == 1)
        for place in 0..<3 {
            applies.append(try #require(fixture.send(.sent(applies[place])).applyID))
        }
        #expect(fixture.send(.sent(applies[3])).applyID == nil)
        let fifth = fixture.send(.applied(applies[0], Fixture.reply(at: 1)))
        #expect(fifth.applyID != nil)
        // What is on its way counts as fetched.
        #expect(fixture.link.ahead?.inStep.first?.vector[Fixture.source].milliseconds == 5)
        #expect(fixture.link.position?.inStep.first?.vector[Fixture.source].milliseconds == 1)
    }

    /// Two batches on their way, and a third fetched.
    private func inFlight(
        _ fixture: inout Fixture
    ) throws -> (first: Link.WorkID, second: Link.WorkID) {
        var fetch = fixture.begin(at: 0)
        var first: Link.WorkID?
        for step in UInt64(0)..<3 {
            let header = Fixture.header(step, step + 1, isComplete: false)
            let effects = fixture.send(.fetched(fetch, header, [UInt8(step)]))
            first = first ?? effects.applyID
            fetch = try #require(effects.fetchID)
        }
        let sent = try #require(first)
        return (sent, try #require(fixture.send(.sent(sent)).applyID))
    }

    @Test func `a reply that was overtaken moves nothing back`() throws {
        var fixture = Fixture()
        let (first, second) = try inFlight(&fixture)
        _ = fixture.send(.applied(second, Fixture.reply(at: 2)))
        #expect(fixture.link.position?.inStep.first?.vector[Fixture.source].milliseconds == 2)
        _ = fixture.send(.applied(first, Fixture.reply(at: 1)))
        #expect(fixture.link.position?.inStep.first?.vector[Fixture.source].milliseconds == 2)
        #expect(fixture.link.ahead?.inStep.first?.vector[Fixture.source].milliseconds == 3)
        let status = fixture.link.status(nowMilliseconds: 0)
        #expect(status.appliedBatches == 2)
    }

    @Test func `a batch that overtook the one before is sent again after its reply`() throws {
        var fixture = Fixture()
        let (first, second) = try inFlight(&fixture)
        let overtaken = fixture.send(.applied(second, Fixture.reply(.outOfStep, at: 0)))
        #expect(overtaken.applyID == nil && overtaken.fetchID == nil)
        let effects = fixture.send(.applied(first, Fixture.reply(at: 1)))
        #expect(effects.fetchesAfter == 1)
        #expect(effects.applyID == nil)
    }

    @Test func `a refusal that was overtaken moves nothing back`() throws {
        var fixture = Fixture()
        let (first, second) = try inFlight(&fixture)
        _ = fixture.send(.applied(first, Fixture.reply(at: 1)))
        // Both were merged in another order than sent; the target stands at 1 since.
        let effects = fixture.send(.applied(second, Fixture.reply(.outOfStep, at: 0)))
        #expect(effects.fetchID == nil)
        #expect(fixture.link.strikes == 0)
    }

    @Test func `what follows a batch out of step is given up with it`() throws {
        var fixture = Fixture()
        let (first, second) = try inFlight(&fixture)
        let effects = fixture.send(.applied(first, Fixture.reply(.outOfStep, at: 5)))
        #expect(effects.abandoned.contains(second))
        #expect(effects.fetchesAfter == 5)
        #expect(fixture.send(.applied(second, Fixture.reply(at: 2))).isEmpty)
    }

    @Test func `a failed batch takes the one behind it along`() throws {
        var fixture = Fixture()
        let (first, second) = try inFlight(&fixture)
        let effects = fixture.send(.failed(first, .unreachable("gone")))
        #expect(effects.abandoned.contains(second))
        #expect(effects.waitID != nil)
    }

    @Test func `the source holds the question only when it has nothing more`() {
        var fixture = Fixture(LinkSettings(pollMilliseconds: 700))
        let fetch = fixture.begin()
        let more = fixture.send(
            .fetched(fetch, Fixture.header(10, 20, isComplete: false, pending: 5), [])
        )
        #expect(more.fetchWait == 0)
        let last = fixture.send(.fetched(more.fetchID!, Fixture.header(20, 30), []))
        #expect(last.fetchWait == 700)
    }

    @Test func `out of step drops what was fetched and starts from the position told`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), [1]))
        let two = fixture.send(.fetched(one.fetchID!, Fixture.header(20, 30), [2]))
        let effects = fixture.send(.applied(one.applyID!, Fixture.reply(.outOfStep, at: 5)))
        #expect(effects.abandoned == [two.fetchID!])
        #expect(effects.applyID == nil)
        #expect(effects.fetchesAfter == 5)
        #expect(effects.fetchWait == 0)
    }

    @Test func `two ends that disagree do not spin`() {
        var fixture = Fixture()
        var fetch: Link.WorkID? = fixture.begin()
        var waits = 0
        for _ in 0..<Link.strikesMax {
            let one = fixture.send(.fetched(fetch!, Fixture.header(10, 20), []))
            let reply = Fixture.reply(.outOfStep, at: 10)
            let effects = fixture.send(.applied(one.applyID!, reply))
            fetch = effects.fetchID
            waits += effects.waitID == nil ? 0 : 1
        }
        #expect(fetch == nil)
        #expect(waits == 1)
    }

    @Test func `another daemon's progress is no disagreement`() {
        var fixture = Fixture()
        var fetch = fixture.begin(at: 0)
        for step in UInt64(0)..<10 {
            let one = fixture.send(.fetched(fetch, Fixture.header(step, step + 1), []))
            let reply = Fixture.reply(.outOfStep, at: step + 1)
            let effects = fixture.send(.applied(one.applyID!, reply))
            #expect(effects.fetchesAfter == step + 1)
            fetch = effects.fetchID!
        }
    }

    @Test func `a batch that does not follow is not sent on`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let effects = fixture.send(.fetched(fetch, Fixture.header(11, 20), []))
        #expect(effects.applyID == nil)
        #expect(effects.positionID != nil)
    }

    @Test func `a table that joins while the question is held is asked for at once`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), []))
        #expect(one.fetchWait == 1_000)
        let more = [TableID.system, Fixture.table, TableID(high: 9, low: 9)]
        let reply = ApplyReply(
            outcome: .applied,
            position: Fixture.position(at: 20, tables: more),
        )
        let effects = fixture.send(.applied(one.applyID!, reply))
        #expect(effects.abandoned == [one.fetchID!])
        #expect(effects.fetchID != nil)
    }

    @Test func `skew holds the link with a backoff and asks anew`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let one = fixture.send(.fetched(fetch, Fixture.header(10, 20), []))
        let held = fixture.send(.applied(one.applyID!, Fixture.reply(.skewed, at: 15)))
        #expect(fixture.link.state == .skew)
        #expect(held.fetchID == nil)
        #expect(held.contains(.wait(held.waitID!, milliseconds: 50)))
        let again = fixture.send(.timerFired(held.waitID!))
        #expect(fixture.link.state == .skew)
        let two = fixture.send(.positionRead(again.positionID!, Fixture.reply(at: 15)))
        #expect(two.fetchesAfter == 15)
        let three = fixture.send(.fetched(two.fetchID!, Fixture.header(15, 20), []))
        fixture.send(.applied(three.applyID!, Fixture.reply(at: 20)))
        #expect(fixture.link.state == .idle)
    }

    @Test func `a source that holds nothing back is not asked in a loop`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let effects = fixture.send(.nothingFetched(fetch))
        #expect(effects.positionID != nil)
        let again = fixture.send(.positionRead(effects.positionID!, Fixture.reply(at: 10)))
        let wait = fixture.send(.nothingFetched(again.fetchID!))
        #expect(wait.contains(.wait(wait.waitID!, milliseconds: 250)))
        #expect(fixture.link.state == .idle)
    }

    @Test func `another region at an address is refused`() {
        var fixture = Fixture()
        let read = fixture.startReading()
        let stranger = Origin(region: "ap-south-1", startMilliseconds: 1, random: 1)
        let position = Fixture.position(at: 1, target: stranger)
        fixture.send(.positionRead(read, ApplyReply(outcome: .applied, position: position)))
        guard case .refused = fixture.link.state else {
            Issue.record("\(fixture.link.state)")
            return
        }
        var other = Fixture()
        let fetch = other.begin()
        let effects = other.send(.fetched(fetch, Fixture.header(10, 20, source: stranger), []))
        #expect(effects.applyID == nil)
        #expect(!other.link.state.isHealthy)
    }
}
