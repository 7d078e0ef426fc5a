import Causality
import Testing

struct OriginTests {
    @Test(arguments: [
        "us-east-1.19f3a4b5c6d7.9f3a1c2d", "a.0.0", "eu-west-1.ffffffffffff.ffffffff",
    ])
    func `a name is read back`(name: String) {
        #expect(Origin(name)?.description == name)
    }

    @Test(arguments: [
        "", "us-east-1", "us-east-1.1", ".1.1", "us east.1.1", "us-east-1.x.1", "us-east-1.1.1.1",
        "us-east-1.1000000000000.1", "us-east-1.1.100000000",
        "abcdefghijklmnopqrstuvwxyzabcdefg.1.1",
    ])
    func `what is no origin's name is refused`(name: String) {
        #expect(Origin(name) == nil)
    }

    @Test func `incarnations of one region sort by their start`() {
        let first = Origin(region: "r", startMilliseconds: 0x9, random: 9)
        let second = Origin(region: "r", startMilliseconds: 0x10, random: 1)
        let other = Origin(region: "q", startMilliseconds: 0x20, random: 0)
        #expect([second, first, other].sorted() == [other, first, second])
    }
}
