import Model

/// `simulate --model`: visits the model's states and prints what was found.
struct ModelHunt {
    static let bugNames = ModelBug.allCases.map(\.rawValue)
    static let scenarioNames = ModelScenario.all.map(\.name)

    /// Nil for all.
    let scenario: String?
    let bug: String?

    /// Whether every rule holds in every state.
    func visit() -> Bool {
        var holds = true
        for var scenario in ModelScenario.all
        where self.scenario == nil || self.scenario == scenario.name {
            scenario.bug = bug.flatMap(ModelBug.init)
            let visit = ModelVisit(scenario)
            print("\(scenario.name): \(visit.states) states, \(visit.steps) steps", terminator: "")
            switch visit.outcome {
            case .holds: print(": every rule holds")
            case .tooMany:
                print(": more states than are visited")
                holds = false
            case .broken(let violation, let steps):
                print("\n\(violation.rule): \(violation.text), after")
                for step in steps { print("  \(step)") }
                holds = false
            }
        }
        return holds
    }

    /// Whether every rule that was left out was missed.
    func huntBugs() -> Bool {
        var isAllCaught = true
        for candidate in ModelBug.allCases where bug == nil || bug == candidate.rawValue {
            if case .broken(let violation, let steps)? = candidate.hunt()?.outcome {
                print(
                    "\(candidate.rawValue): \(candidate.scenario): \(violation.rule), "
                        + "\(steps.count) steps: \(violation.text)"
                )
            } else {
                print("\(candidate.rawValue): \(candidate.scenario): not noticed")
                isAllCaught = false
            }
        }
        return isAllCaught
    }
}
