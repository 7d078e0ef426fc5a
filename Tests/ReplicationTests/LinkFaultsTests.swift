import JSON
import Testing

@testable import Replication

struct LinkFaultsTests {
    private let link = Control.LinkName(from: "us", to: "eu")

    @Test func `an order reads what it wrote`() throws {
        let faults = LinkFaults(isCut: true, lossPercent: 7, delayMilliseconds: 250)
        let order = LinkFaultsOrder(link: link, faults: faults, forMilliseconds: 30_000)
        let read = LinkFaultsOrder(try JSONParser.parse(order.json().bytes))
        #expect(read == order)
    }

    @Test(arguments: [
        LinkFaults(lossPercent: 101), LinkFaults(lossPercent: -1),
        LinkFaults(delayMilliseconds: 60_001), LinkFaults(delayMilliseconds: -1),
    ])
    func `what is past a bound is no order`(faults: LinkFaults) {
        let order = LinkFaultsOrder(link: link, faults: faults, forMilliseconds: 1)
        #expect(LinkFaultsOrder(order.json()) == nil)
    }

    @Test func `no order lasts longer than an hour`() {
        let order = LinkFaultsOrder(link: link, faults: .init(), forMilliseconds: 3_600_001)
        #expect(LinkFaultsOrder(order.json()) == nil)
    }

    @Test func `half of what is lost is done without an answer`() {
        let faults = LinkFaults(lossPercent: 10)
        let fates = (0..<200).map { faults.fate(draw: $0) }
        #expect(fates.count { $0 == .lost } == 10)
        #expect(fates.count { $0 == .unanswered } == 10)
        #expect(fates.count { $0 == .sent } == 180)
    }

    @Test func `nothing gets through a cut, everything through no fault`() {
        for draw in 0..<200 {
            #expect(LinkFaults(isCut: true).fate(draw: draw) == .lost)
            #expect(LinkFaults().fate(draw: draw) == .sent)
        }
    }
}
