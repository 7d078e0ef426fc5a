import Model
import Testing

/// Every state of the protocol's model, scenario by scenario.
@Suite struct ModelTests {
    @Test(arguments: ModelScenario.all.map(\.name))
    func `every rule holds in every state`(name: String) throws {
        let visit = ModelVisit(try #require(ModelScenario.named(name)))
        #expect(visit.outcome == .holds)
        #expect(visit.states > 10_000)
    }

    @Test(arguments: ModelBug.allCases)
    func `a rule that is left out is missed`(bug: ModelBug) throws {
        let visit = try #require(bug.hunt())
        guard case .broken(_, let steps) = visit.outcome else {
            Issue.record("\(bug.scenario) does not notice \(bug.rawValue)")
            return
        }
        #expect(!steps.isEmpty)
    }

    /// What no scenario does is not proved.
    ///
    /// The first states of each are enough to see it.
    @Test func `every kind of step occurs`() throws {
        let names = [
            "late, double and out of order", "forget", "leave", "join, two items",
            "new incarnations",
            "older files, too far behind",
        ]
        var kinds: Set<ModelStep.Kind> = []
        for name in names {
            let scenario = try #require(ModelScenario.named(name))
            kinds.formUnion(ModelVisit(scenario, statesMax: 200_000).kinds)
        }
        #expect(kinds == Set(ModelStep.Kind.allCases))
    }

    @Test func `two scenarios have no name in common`() {
        let names = ModelScenario.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(ModelBug.allCases.allSatisfy { names.contains($0.scenario) })
    }
}
