import Causality
import Changes
import Testing

@testable import Replication

/// The operator's two machines: events in, effects out.
struct EvacuationTests {
    private func evacuation(_ deadline: UInt64 = 1_000) -> Evacuation {
        Evacuation("us-east-1", deadlineMilliseconds: deadline)
    }

    private func answers(
        fence: Fence? = DrainTests.fence(),
        _ changed: (String, RegionAnswer)...,
    ) -> RegionAnswers {
        var answers = DrainTests.answers()
        for (region, answer) in answers {
            guard case .report(var report) = answer else { continue }
            report.fences = fence.map { [$0] } ?? []
            answers[region] = .report(report)
        }
        for (region, answer) in changed { answers[region] = answer }
        return answers
    }

    private let behind = RegionAnswer.report(
        DrainTests.report(
            "eu-west-1",
            DrainTests.standing(DrainTests.vector((DrainTests.east, 9))),
            fences: [DrainTests.fence()],
        )
    )

    @Test func `the fence comes first, then a look, and only then the word`() {
        var machine = evacuation()
        #expect(machine.handle(.started, nowMilliseconds: 0) == .setFence)
        #expect(machine.handle(.fenceSet(DrainTests.fence()), nowMilliseconds: 1) == .ask)
        let effect = machine.handle(.answered(answers()), nowMilliseconds: 2)
        #expect(effect == .finish(.safe(Drain(of: DrainTests.fence(), answers()))))
        #expect(machine.fencedMilliseconds == 4_990)
    }

    @Test func `a look that finds something lacking is repeated`() {
        var machine = evacuation()
        _ = machine.handle(.fenceSet(DrainTests.fence()), nowMilliseconds: 0)
        let look = Evacuation.Event.answered(answers(("eu-west-1", behind)))
        #expect(machine.handle(look, nowMilliseconds: 1) == .wait(milliseconds: 250))
        #expect(machine.drain?.lacks.map(\.region) == ["eu-west-1"])
        #expect(machine.handle(.waited, nowMilliseconds: 251) == .ask)
    }

    @Test func `when time is up it says what is lacking`() {
        var machine = evacuation()
        _ = machine.handle(.fenceSet(DrainTests.fence()), nowMilliseconds: 0)
        let asked = answers(("eu-west-1", behind))
        let effect = machine.handle(.answered(asked), nowMilliseconds: 1_000)
        #expect(effect == .finish(.late(Drain(of: DrainTests.fence(), asked))))
    }

    @Test func `a region that crashed behind its fence is proven by what others know`() {
        var machine = evacuation()
        #expect(machine.handle(.fenceFailed("no answer"), nowMilliseconds: 0) == .ask)
        let asked = answers(("us-east-1", .silent("down")))
        guard case .finish(.safe) = machine.handle(.answered(asked), nowMilliseconds: 1) else {
            Issue.record("not safe")
            return
        }
    }

    @Test func `a region that nobody knows to be fenced is asked again`() {
        var machine = evacuation()
        _ = machine.handle(.started, nowMilliseconds: 0)
        _ = machine.handle(.fenceFailed("no answer"), nowMilliseconds: 0)
        let asked = Evacuation.Event.answered(
            answers(fence: nil, ("us-east-1", .silent("down")))
        )
        #expect(machine.handle(asked, nowMilliseconds: 1) == .wait(milliseconds: 250))
        #expect(machine.handle(.waited, nowMilliseconds: 251) == .setFence)
        _ = machine.handle(.fenceFailed("still none"), nowMilliseconds: 900)
        #expect(
            machine.handle(asked, nowMilliseconds: 1_000) == .finish(.unfenced("still none"))
        )
    }

    @Test func `a fence that was lifted meanwhile ends it`() {
        var machine = evacuation()
        _ = machine.handle(.fenceSet(DrainTests.fence()), nowMilliseconds: 0)
        let asked = Evacuation.Event.answered(answers(fence: nil))
        #expect(machine.handle(asked, nowMilliseconds: 1) == .finish(.lifted))
    }

    @Test func `a fence that was lifted and set anew ends it too`() {
        var machine = evacuation()
        _ = machine.handle(.fenceSet(DrainTests.fence()), nowMilliseconds: 0)
        var other = DrainTests.fence()
        other.time = other.time.next
        let asked = Evacuation.Event.answered(answers(fence: other))
        #expect(machine.handle(asked, nowMilliseconds: 1) == .finish(.lifted))
    }

    @Test func `a fence that was renewed is what counts`() {
        var machine = evacuation()
        _ = machine.handle(.fenceSet(DrainTests.fence()), nowMilliseconds: 0)
        var renewed = DrainTests.fence(DrainTests.vector((DrainTests.east, 12)))
        renewed.through = HybridTime(milliseconds: 12)
        let asked = Evacuation.Event.answered(answers(fence: renewed))
        #expect(machine.handle(asked, nowMilliseconds: 1) == .wait(milliseconds: 250))
        #expect(machine.fence == renewed)
    }
}

struct HomecomingTests {
    private let fence = DrainTests.fence()

    private func machine() -> Homecoming {
        Homecoming("us-east-1", deadlineMilliseconds: 1_000)
    }

    /// The others have the west through a time, the region itself through another.
    private func answers(west: UInt64, own: UInt64, isFenced: Bool = true) -> RegionAnswers {
        func standing(_ time: UInt64) -> FenceReport.Standing {
            DrainTests.standing(DrainTests.vector((DrainTests.east, 10), (DrainTests.west, time)))
        }
        let fences = isFenced ? [fence] : []
        return [
            "eu-west-1": .report(DrainTests.report("eu-west-1", standing(west))),
            "us-east-1": .report(DrainTests.report("us-east-1", standing(own), fences: fences)),
        ]
    }

    @Test func `a region that has all the others had takes writes again`() {
        var machine = machine()
        #expect(machine.handle(.started, nowMilliseconds: 0) == .ask)
        let early = machine.handle(.answered(answers(west: 20, own: 15)), nowMilliseconds: 1)
        #expect(early == .wait(milliseconds: 250))
        #expect(machine.lacks.map(\.table) == ["orders"])
        #expect(machine.handle(.waited, nowMilliseconds: 251) == .ask)
        // What the others took since they were asked first is not waited for.
        let late = machine.handle(.answered(answers(west: 30, own: 20)), nowMilliseconds: 252)
        #expect(late == .lift)
        let end = machine.handle(.lifted(fence, wallMilliseconds: 4_010), nowMilliseconds: 253)
        #expect(end == .finish(.returned(fence, fencedMilliseconds: 4_000)))
    }

    @Test func `a region that takes writes is left alone`() {
        var machine = machine()
        let asked = Homecoming.Event.answered(answers(west: 20, own: 15, isFenced: false))
        #expect(machine.handle(asked, nowMilliseconds: 1) == .finish(.unfenced))
        #expect(
            machine.handle(.lifted(nil, wallMilliseconds: 9), nowMilliseconds: 2)
                == .finish(.unfenced)
        )
    }

    @Test func `others that do not answer are waited for unless they are left out`() {
        var asked = answers(west: 20, own: 20)
        asked["ap-north-1"] = .silent("down")
        var waiting = machine()
        #expect(
            waiting.handle(.answered(asked), nowMilliseconds: 1) == .wait(milliseconds: 250)
        )
        var leaving = Homecoming(
            "us-east-1",
            without: ["ap-north-1"],
            deadlineMilliseconds: 1_000,
        )
        #expect(leaving.handle(.answered(asked), nowMilliseconds: 1) == .lift)
    }

    @Test func `a region that is silent, or still copying, does not return in time`() {
        var silent = answers(west: 20, own: 20)
        silent["us-east-1"] = .silent("down")
        var one = machine()
        let lack = Drain.Lack(region: "us-east-1", table: nil, kind: .silent("down"))
        #expect(one.handle(.answered(silent), nowMilliseconds: 1_000) == .finish(.late([lack])))

        var copying = answers(west: 20, own: 20)
        copying["us-east-1"] = .report(
            DrainTests.report(
                "us-east-1",
                DrainTests.standing(VersionVector(), .copying),
                fences: [fence],
            )
        )
        var two = machine()
        #expect(two.handle(.answered(copying), nowMilliseconds: 1) == .wait(milliseconds: 250))
        #expect(two.lacks.map(\.kind) == [.copying])
    }

    @Test func `a lifting without an answer is tried again`() {
        var machine = machine()
        _ = machine.handle(.answered(answers(west: 20, own: 20)), nowMilliseconds: 1)
        let effect = machine.handle(.liftFailed("no answer"), nowMilliseconds: 2)
        #expect(effect == .wait(milliseconds: 250))
        #expect(machine.handle(.waited, nowMilliseconds: 252) == .ask)
    }
}
