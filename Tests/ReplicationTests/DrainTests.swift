import Causality
import Changes
import Testing

@testable import Replication

/// What proves that a fenced region can be done without, and what does not.
struct DrainTests {
    static let east = Origin(region: "us-east-1", startMilliseconds: 1_000, random: 1)
    static let eastBefore = Origin(region: "us-east-1", startMilliseconds: 500, random: 1)
    static let west = Origin(region: "eu-west-1", startMilliseconds: 1_000, random: 2)
    static let orders = TableID(high: 7, low: 7)

    static func vector(_ entries: (Origin, UInt64)...) -> VersionVector {
        VersionVector(entries.map { .init(origin: $0.0, time: HybridTime(milliseconds: $0.1)) })
    }

    static func fence(
        members: [String] = ["ap-north-1", "eu-west-1"],
        _ orders: VersionVector = vector((east, 10), (west, 8)),
    ) -> Fence {
        Fence(
            region: "us-east-1",
            time: HybridTime(milliseconds: 10),
            sinceMilliseconds: 10,
            through: HybridTime(milliseconds: 10),
            lastWrite: HybridTime(milliseconds: 9),
            tables: [
                Fence.Table(id: .system, name: "system", members: [], vector: vector((east, 10))),
                Fence.Table(
                    id: DrainTests.orders,
                    name: "orders",
                    members: members,
                    vector: orders
                ),
            ],
        )
    }

    static func standing(
        _ seen: VersionVector,
        _ replica: FenceReport.Standing.Replica = .whole,
        members: [String] = ["ap-north-1", "eu-west-1", "us-east-1"],
    ) -> FenceReport.Standing {
        FenceReport.Standing(
            id: orders,
            name: "orders",
            replica: replica,
            members: members,
            seen: seen,
        )
    }

    static func report(
        _ region: String,
        _ orders: FenceReport.Standing?,
        system: UInt64 = 10,
        fences: [Fence] = [],
        unshipped: UInt64 = 0,
    ) -> FenceReport {
        let system = FenceReport.Standing(
            id: .system,
            name: "system",
            replica: .whole,
            members: [],
            seen: vector((east, system)),
        )
        return FenceReport(
            region: region,
            wallMilliseconds: 5_000,
            fences: fences,
            tables: [system] + (orders.map { [$0] } ?? []),
            unshipped: unshipped,
        )
    }

    static let all = vector((east, 10), (west, 8))

    /// All three regions, of which the two others have everything.
    static func answers(
        _ changed: (String, RegionAnswer)...
    ) -> RegionAnswers {
        var answers: RegionAnswers = [:]
        for region in ["ap-north-1", "eu-west-1", "us-east-1"] {
            answers[region] = .report(report(region, standing(all)))
        }
        for (region, answer) in changed { answers[region] = answer }
        return answers
    }

    @Test func `all that the others have proves it`() {
        let drain = Drain(of: Self.fence(), Self.answers())
        #expect(drain.isDone)
        let proven = drain.proofs.map { "\($0.table) \($0.region)" }
        #expect(
            proven == [
                "system ap-north-1", "system eu-west-1", "orders ap-north-1", "orders eu-west-1",
            ]
        )
        #expect(drain.proofs[2].required == Self.all && drain.proofs[2].held == Self.all)
    }

    @Test func `the region itself need not answer`() {
        let drain = Drain(
            of: Self.fence(),
            Self.answers(("us-east-1", .silent("gone"))),
        )
        #expect(drain.isDone)
    }

    /// Of the region's own changes, and of those of others that only it may have.
    @Test(arguments: [(east, 10), (west, 8)] as [(Origin, UInt64)])
    func `a member that is behind lacks something`(origin: Origin, required: UInt64) {
        var seen = VersionVector()
        for (other, time) in [(Self.east, UInt64(10)), (Self.west, 8)] {
            seen.raise(other, to: HybridTime(milliseconds: other == origin ? time - 1 : time))
        }
        let behind = Self.report("ap-north-1", Self.standing(seen))
        let drain = Drain(of: Self.fence(), Self.answers(("ap-north-1", .report(behind))))
        let gap = Drain.Lack.Gap(
            origin: origin,
            required: HybridTime(milliseconds: required),
            held: HybridTime(milliseconds: required - 1),
        )
        #expect(
            drain.lacks == [
                Drain.Lack(region: "ap-north-1", table: "orders", kind: .behind([gap]))
            ]
        )
    }

    @Test func `an earlier incarnation is covered by an entry for a later one only`() {
        let fence = Self.fence(Self.vector((Self.eastBefore, 5), (Self.east, 10)))
        func drain(_ seen: VersionVector) -> Drain {
            let one = Self.report("ap-north-1", Self.standing(seen))
            let two = Self.report("eu-west-1", Self.standing(seen))
            return Drain(
                of: fence,
                Self.answers(("ap-north-1", .report(one)), ("eu-west-1", .report(two))),
            )
        }
        #expect(drain(Self.vector((Self.east, 10))).isDone)
        #expect(!drain(Self.vector((Self.eastBefore, 4), (Self.east, 10))).isDone)
        #expect(!drain(Self.vector((Self.eastBefore, 5))).isDone)
    }

    /// A region that was started from older files, and took the table up anew, has none of it.
    @Test func `a region's own later incarnation excuses nothing`() {
        let westLater = Origin(region: "eu-west-1", startMilliseconds: 2_000, random: 2)
        let seen = Self.vector((Self.east, 10), (westLater, 20))
        let answers = Self.answers(
            ("ap-north-1", .report(Self.report("ap-north-1", Self.standing(seen)))),
            ("eu-west-1", .report(Self.report("eu-west-1", Self.standing(seen)))),
        )
        let lacks = Drain(of: Self.fence(), answers).lacks
        #expect(lacks.map(\.region) == ["eu-west-1"])
    }

    @Test func `a member that is still being copied answers for nothing`() {
        let copying = Self.report("ap-north-1", Self.standing(Self.all, .copying))
        let drain = Drain(of: Self.fence(), Self.answers(("ap-north-1", .report(copying))))
        #expect(
            drain.lacks == [Drain.Lack(region: "ap-north-1", table: "orders", kind: .copying)]
        )
    }

    @Test func `a member that does not know of the table yet is waited for`() {
        let unaware = Self.report("ap-north-1", nil, system: 9)
        let drain = Drain(of: Self.fence(), Self.answers(("ap-north-1", .report(unaware))))
        let kinds = drain.lacks.filter { $0.table == "orders" }.map(\.kind)
        #expect(kinds == [.unaware])
    }

    @Test func `a member that left since is not waited for`() {
        let left = Self.report("ap-north-1", nil)
        let drain = Drain(of: Self.fence(), Self.answers(("ap-north-1", .report(left))))
        #expect(drain.isDone)
    }

    @Test func `a member that came since is waited for`() {
        let late = Self.report("eu-west-1", Self.standing(VersionVector(), .copying))
        let drain = Drain(
            of: Self.fence(members: ["ap-north-1"]),
            Self.answers(("eu-west-1", .report(late))),
        )
        #expect(drain.lacks == [Drain.Lack(region: "eu-west-1", table: "orders", kind: .copying)])
    }

    @Test func `a region that does not answer is lacking unless it is left out`() {
        let answers = Self.answers(("ap-north-1", .silent("down")))
        #expect(
            Drain(of: Self.fence(), answers).lacks == [
                Drain.Lack(region: "ap-north-1", table: nil, kind: .silent("down"))
            ]
        )
        let without = Drain(of: Self.fence(), answers, without: ["ap-north-1"])
        #expect(without.isDone)
        #expect(without.proofs.allSatisfy { $0.region == "eu-west-1" })
    }

    @Test func `a member that nobody can be asked about is lacking`() {
        let fence = Self.fence(members: ["ap-north-1", "eu-west-1", "sa-east-1"])
        let drain = Drain(of: fence, Self.answers())
        #expect(drain.lacks.map(\.region) == ["sa-east-1"])
        #expect(Drain(of: fence, Self.answers(), without: ["sa-east-1"]).isDone)
    }

    @Test func `a table that is nowhere else is lacking unless it is given up`() {
        let only = Self.standing(Self.all, members: ["us-east-1"])
        let answers = Self.answers(
            ("ap-north-1", .report(Self.report("ap-north-1", nil))),
            ("eu-west-1", .report(Self.report("eu-west-1", nil))),
            ("us-east-1", .report(Self.report("us-east-1", only))),
        )
        let fence = Self.fence(members: [])
        #expect(
            Drain(of: fence, answers).lacks == [
                Drain.Lack(region: "us-east-1", table: "orders", kind: .nowhereElse)
            ]
        )
        #expect(Drain(of: fence, answers, givenUp: ["orders"]).isDone)
    }

    @Test func `a table is not left to a replica that is about to leave`() {
        let members = ["eu-west-1", "us-east-1"]
        let leaving = Self.standing(Self.all, .leaving, members: members)
        let own = Self.standing(Self.all, members: members)
        let answers = Self.answers(
            ("ap-north-1", .report(Self.report("ap-north-1", nil))),
            ("eu-west-1", .report(Self.report("eu-west-1", leaving))),
            ("us-east-1", .report(Self.report("us-east-1", own))),
        )
        let drain = Drain(of: Self.fence(members: ["eu-west-1"]), answers)
        #expect(drain.lacks.map(\.kind) == [.nowhereElse])
        // What it has counts all the same.
        #expect(drain.proofs.contains { $0.region == "eu-west-1" && $0.table == "orders" })
    }

    @Test func `a table whose other members are all left out is nowhere else`() {
        let answers = Self.answers(
            ("ap-north-1", .silent("down")),
            ("eu-west-1", .report(Self.report("eu-west-1", nil))),
        )
        let drain = Drain(
            of: Self.fence(members: ["ap-north-1"]),
            answers,
            without: ["ap-north-1", "eu-west-1"],
        )
        #expect(drain.lacks.map(\.kind) == [.nowhereElse])
    }

    @Test func `a table that the region has dropped since is not asked for`() {
        let answers = Self.answers(
            ("ap-north-1", .report(Self.report("ap-north-1", nil))),
            ("eu-west-1", .report(Self.report("eu-west-1", nil))),
            ("us-east-1", .report(Self.report("us-east-1", nil))),
        )
        #expect(Drain(of: Self.fence(), answers).isDone)
    }

    @Test func `what was shipped to nobody keeps the region`() {
        let own = Self.report("us-east-1", Self.standing(Self.all, .expelled), unshipped: 4)
        let drain = Drain(of: Self.fence(), Self.answers(("us-east-1", .report(own))))
        #expect(drain.lacks.map(\.kind) == [.unshipped(4), .expelled])
    }
}
