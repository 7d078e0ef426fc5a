import Causality
import Changes
import JSON
import Testing

struct FenceTests {
    private static let vector = VersionVector([
        .init(origin: CodingTests.origin, time: HybridTime(milliseconds: 9, counter: 3)),
        .init(origin: CodingTests.other, time: HybridTime(milliseconds: 4)),
    ])
    private static let fence = Fence(
        region: "us-east-1",
        time: HybridTime(milliseconds: 8),
        sinceMilliseconds: 7,
        through: HybridTime(milliseconds: 9, counter: 3),
        lastWrite: HybridTime(milliseconds: 6, counter: 1),
        tables: [
            Fence.Table(id: .system, name: "system", members: [], vector: vector),
            Fence.Table(
                id: TableID(high: 5, low: 6),
                name: "orders",
                members: ["ap-north-1", "eu-west-1"],
                vector: vector,
            ),
            Fence.Table(
                id: TableID(high: 5, low: 7),
                name: "stock",
                members: ["eu-west-1"],
                vector: VersionVector(),
            ),
        ],
    )
    private static let report = FenceReport(
        region: "eu-west-1",
        wallMilliseconds: 1_795_000_000_000,
        fences: [fence],
        tables: [
            FenceReport.Standing(
                id: TableID(high: 5, low: 6),
                name: "orders",
                replica: .copying,
                members: ["eu-west-1"],
                seen: vector,
            )
        ],
        unshipped: 3,
    )

    @Test func `a fence is read back from its bytes`() throws {
        #expect(try Fence(decoding: Self.fence.encoded()) == Self.fence)
    }

    @Test func `bytes cut short, or of another version, are refused`() {
        let bytes = Self.fence.encoded()
        for count in 0..<bytes.count {
            #expect(throws: MalformedBytes.self) { try Fence(decoding: Array(bytes.prefix(count))) }
        }
        #expect(throws: MalformedBytes.self) { try Fence(decoding: [9] + bytes.dropFirst()) }
    }

    @Test func `a report is read back from its JSON`() throws {
        let json = try JSONParser.parse(Self.report.json.bytes)
        #expect(FenceReport(json) == Self.report)
        var quiet = Self.report
        quiet.fences[0].lastWrite = .zero
        #expect(FenceReport(try JSONParser.parse(quiet.json.bytes)) == quiet)
    }

    @Test func `JSON that is no report is none`() {
        #expect(FenceReport(.object([])) == nil)
        #expect(FenceReport(.null) == nil)
        guard case .object(let members) = Self.report.json else { return }
        for index in members.indices {
            var fewer = members
            fewer.remove(at: index)
            #expect(FenceReport(.object(fewer)) == nil)
        }
    }

    @Test(arguments: ["", "1", "1.2.3", "-1.0", "1.70000", "x.0", "999999999999999999.0"])
    func `what is no time is none`(text: String) {
        #expect(HybridTime(text) == nil)
    }
}
