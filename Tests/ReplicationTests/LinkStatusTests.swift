import Changes
import JSON
import Testing

@testable import Replication

struct LinkStatusTests {
    typealias Fixture = LinkFixture

    @Test func `the lag is unknown at first, none when caught up, and grows while held`() {
        var fixture = Fixture()
        let fetch = fixture.begin(at: 10)
        #expect(fixture.link.status(nowMilliseconds: fixture.now).lagMilliseconds == nil)
        let header = Fixture.header(10, 20_000)
        let one = fixture.send(.fetched(fetch, header, []))
        fixture.send(.applied(one.applyID!, Fixture.reply(at: 20_000)))
        fixture.now += 500
        #expect(fixture.link.status(nowMilliseconds: fixture.now).lagMilliseconds == 0)
        fixture.send(.failed(one.fetchID!, .unreachable("gone")))
        let status = fixture.link.status(nowMilliseconds: fixture.now + 700)
        #expect(status.lagMilliseconds == 1_200)
        #expect(status.state == .unreachable(.source))
        #expect(status.lastTrouble == "gone")
    }

    @Test func `changes under way and those that remain at the source count as lag`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        let header = Fixture.header(10, 20, changes: 7, isComplete: false, pending: 100)
        let one = fixture.send(.fetched(fetch, header, []))
        #expect(fixture.link.status(nowMilliseconds: 0).lagChanges == 107)
        fixture.send(.applied(one.applyID!, Fixture.reply(at: 20)))
        let status = fixture.link.status(nowMilliseconds: fixture.now)
        #expect(status.lagChanges == 100)
        #expect(status.appliedChanges == 7)
        #expect(status.fetchedBatches == 1)
        #expect(status.state == .running)
    }

    @Test func `heartbeats leave a link idle`() {
        var fixture = Fixture()
        let fetch = fixture.begin()
        fixture.send(.fetched(fetch, Fixture.header(10, 20, changes: 0), []))
        #expect(fixture.link.state == .idle)
    }

    @Test func `the JSON names both ends, the state and the lag`() {
        let fixture = Fixture()
        let json = fixture.link.status(nowMilliseconds: 0).json()
        #expect(json["from"] == .string("us-east-1"))
        #expect(json["to"] == .string("eu-west-1"))
        #expect(json["state"] == .string("starting"))
        #expect(json["lagMilliseconds"] == .null)
        #expect(json["lagChanges"] == .number("0"))
    }

    @Test(arguments: [
        "[]", "{}", #"{"from":"a"}"#, #"{"from":"a","to":1}"#, #"{"from":"a","to":"b","x":1}"#,
        #"{"from":"a","from":"b"}"#,
    ])
    func `a request that does not name one link is refused`(text: String) throws {
        #expect(Control.LinkName(try JSONParser.parse(Array(text.utf8))) == nil)
    }

    @Test func `a link's name survives its JSON`() throws {
        let name = Control.LinkName(from: "us-east-1", to: "eu-west-1")
        #expect(Control.LinkName(try JSONParser.parse(name.json().bytes)) == name)
    }
}
