import Causality
import Changes
import Testing

@testable import Replication

/// Which version is right, and how regions are brought to it.
struct RepairPlanTests {
    private static let east = Origin(region: "us-east-1", startMilliseconds: 1_000, random: 1)
    private static let west = Origin(region: "eu-west-1", startMilliseconds: 1_000, random: 2)

    private static func version(
        _ time: UInt64,
        _ image: String? = "image",
        _ origin: Origin = east,
    ) -> Version {
        Version(
            stamp: Stamp(time: HybridTime(milliseconds: time), origin: origin),
            ancestry: Ancestry(),
            image: image.map { Array($0.utf8) },
            sizeBytes: image?.utf8.count ?? 0,
        )
    }

    private static func witness(
        _ region: String,
        shows version: Version?,
        base: UInt64 = 0,
        wholeFrom: UInt64 = 0,
        vector: UInt64 = 100,
        traced: [Version] = [],
        isQuarantined: Bool = false,
    ) -> RepairPlan.Witness {
        let time = HybridTime(milliseconds: vector)
        let reply = TraceReply(
            vector: VersionVector([
                .init(origin: east, time: time), .init(origin: west, time: time),
            ]),
            base: HybridTime(milliseconds: base),
            wholeFrom: HybridTime(milliseconds: wholeFrom),
            items: [
                TraceReply.Item(
                    stored: version?.encoded(),
                    isQuarantined: isQuarantined,
                    greatest: traced.max { $0.contender.rank < $1.contender.rank }?.encoded(),
                )
            ],
        )
        return RepairPlan.Witness(region, reply.items[0], of: reply)
    }

    /// Region and manner of each order that brings the version of a time.
    private static func orders(_ plan: RepairPlan, of time: UInt64) throws -> [String] {
        try plan.orders.filter {
            try Version(decoding: $0.version).stamp.time == HybridTime(milliseconds: time)
        }
        .map { order in
            switch order.manner {
            case .merge: "\(order.region) merge"
            case .restore(let row): "\(order.region) restore \(row == nil ? "nothing" : "image")"
            }
        }
    }

    @Test func `regions that agree by now are left alone`() throws {
        let plan = try RepairPlan([
            Self.witness("a", shows: Self.version(5)), Self.witness("b", shows: Self.version(5)),
        ])
        #expect(plan.orders.isEmpty)
        #expect(try RepairPlan([Self.witness("a", shows: nil)]).orders.isEmpty)
    }

    @Test func `the greater version is merged where another is shown, and that one everywhere`()
        throws
    {
        let plan = try RepairPlan([
            Self.witness("a", shows: Self.version(5)), Self.witness("b", shows: Self.version(3)),
            Self.witness("c", shows: Self.version(5)),
        ])
        #expect(try Self.orders(plan, of: 5) == ["b merge"])
        #expect(try Self.orders(plan, of: 3) == ["a merge", "b merge", "c merge"])
        #expect(plan.orders.first?.region == "b")
    }

    @Test func `what was lost above the base is merged`() throws {
        let plan = try RepairPlan([
            Self.witness("a", shows: Self.version(5), wholeFrom: 50),
            Self.witness("b", shows: nil, base: 4, wholeFrom: 50),
        ])
        #expect(try Self.orders(plan, of: 5) == ["b merge"])
    }

    @Test func `what was lost below the base is restored where a history tells that it was`() throws
    {
        let plan = try RepairPlan([
            Self.witness("a", shows: Self.version(5), wholeFrom: 50),
            Self.witness("b", shows: nil, base: 9, wholeFrom: 5),
        ])
        #expect(try Self.orders(plan, of: 5) == ["b restore nothing"])
    }

    @Test func `without such a history it stays as it is`() {
        #expect(throws: RepairPlan.Undecidable.self) {
            try RepairPlan([
                Self.witness("a", shows: Self.version(5), wholeFrom: 50),
                Self.witness("b", shows: nil, base: 9, wholeFrom: 50),
            ])
        }
        // One that has not heard all that the other has tells nothing.
        #expect(throws: RepairPlan.Undecidable.self) {
            try RepairPlan([
                Self.witness("a", shows: Self.version(5), wholeFrom: 0, vector: 50),
                Self.witness("b", shows: nil, base: 9, wholeFrom: 50),
            ])
        }
    }

    @Test func `a forgotten delete that a history holds is carried out`() throws {
        let delete = Self.version(7, nil)
        let plan = try RepairPlan([
            Self.witness("a", shows: Self.version(5)),
            Self.witness("b", shows: nil, base: 9, traced: [Self.version(5), delete]),
        ])
        #expect(try Self.orders(plan, of: 7) == ["a merge"])
        #expect(plan.orders.first == .init(region: "a", version: delete.encoded(), manner: .merge))
    }

    @Test func `of two images under one stamp the one in the histories is right`() throws {
        let plan = try RepairPlan([
            Self.witness("a", shows: Self.version(5, "evil"), traced: [Self.version(5, "good")]),
            Self.witness("b", shows: Self.version(5, "good")),
        ])
        #expect(try Self.orders(plan, of: 5) == ["a restore image"])
        #expect(plan.orders[0].version == Self.version(5, "good").encoded())
    }

    @Test func `without a history, or with two that differ, nothing is chosen`() {
        let shown = [
            Self.witness("a", shows: Self.version(5, "evil")),
            Self.witness("b", shows: Self.version(5, "good")),
            Self.witness("c", shows: Self.version(5, "good")),
        ]
        #expect(throws: RepairPlan.Undecidable.self) { try RepairPlan(shown) }
        let traced = [
            Self.witness("a", shows: Self.version(5, "evil"), traced: [Self.version(5, "evil")]),
            Self.witness("b", shows: Self.version(5, "good"), traced: [Self.version(5, "good")]),
        ]
        #expect(throws: RepairPlan.Undecidable.self) { try RepairPlan(traced) }
    }

    @Test func `nothing is done with what is in quarantine, unreadable or ahead of its region`() {
        let good = Self.witness("b", shows: Self.version(5))
        let quarantined = Self.witness("a", shows: nil, isQuarantined: true)
        #expect(throws: RepairPlan.Undecidable.self) { try RepairPlan([quarantined, good]) }
        let ahead = Self.witness("a", shows: Self.version(500))
        #expect(throws: RepairPlan.Undecidable.self) { try RepairPlan([ahead, good]) }
        let reply = TraceReply(
            vector: VersionVector(),
            base: .zero,
            wholeFrom: .zero,
            items: [TraceReply.Item(stored: [255], isQuarantined: false, greatest: nil)],
        )
        let unreadable = RepairPlan.Witness("a", reply.items[0], of: reply)
        #expect(throws: RepairPlan.Undecidable.self) { try RepairPlan([unreadable, good]) }
    }
}
