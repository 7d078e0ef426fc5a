/// Visits every state that a scenario can reach, breadth first, and holds each to the rules.
///
/// Breadth first, so that the way to a broken rule is the shortest.
package struct ModelVisit {
    package enum Outcome: Equatable, Sendable {
        /// All states were visited; no rule is broken.
        case holds
        case broken(ModelViolation, steps: [ModelStep])
        /// There are more states than were allowed.
        case tooMany
    }

    /// Each state costs some four hundred bytes while its successors are not visited, and thirty after.
    package static let statesMax = 5_000_000

    package private(set) var outcome = Outcome.holds
    /// The kinds of steps that occurred.
    package private(set) var kinds: Set<ModelStep.Kind> = []
    package private(set) var steps = 0
    package var states: Int { ways.count }

    private let machine: ModelMachine
    private let rules: ModelRules
    private var visited = ModelVisited()
    /// Of each state the one before, and the place of the step from there among its steps.
    private var ways: [(before: Int32, step: Int32)] = []

    package init(_ scenario: ModelScenario, statesMax: Int = statesMax) {
        machine = ModelMachine(scenario: scenario)
        rules = ModelRules(items: scenario.items)
        _ = visited.insert(ModelFingerprint(machine.initial))
        ways.append((-1, 0))
        do throws(ModelViolation) {
            try visit(statesMax)
        } catch {
            outcome = .broken(error, steps: way())
        }
    }

    private mutating func visit(_ statesMax: Int) throws(ModelViolation) {
        var level = [machine.initial]
        var first = 0
        var next: [ModelState] = []
        var possible: [ModelStep] = []
        while !level.isEmpty {
            let firstOfNext = ways.count
            for (offset, state) in level.enumerated() {
                possible.removeAll(keepingCapacity: true)
                machine.steps(from: state, into: &possible)
                for (place, step) in possible.enumerated() {
                    var after = state
                    machine.apply(step, to: &after)
                    try reach(after, by: step, place, from: state, first + offset, &next)
                }
                if possible.isEmpty, !state.mustMove {
                    do throws(ModelViolation) {
                        try rules.checkRest(state)
                    } catch {
                        // The way of a failure ends with the last entry.
                        ways.append(ways[first + offset])
                        throw error
                    }
                }
                guard ways.count <= statesMax else {
                    outcome = .tooMany
                    return
                }
            }
            first = firstOfNext
            swap(&level, &next)
            next.removeAll(keepingCapacity: true)
        }
    }

    private mutating func reach(
        _ after: ModelState,
        by step: ModelStep,
        _ place: Int,
        from state: ModelState,
        _ number: Int,
        _ next: inout [ModelState],
    ) throws(ModelViolation) {
        steps += 1
        kinds.insert(step.kind)
        let isNew = visited.insert(ModelFingerprint(after))
        if isNew { ways.append((Int32(number), Int32(place))) }
        do throws(ModelViolation) {
            try rules.check(step, state, after)
        } catch {
            if !isNew { ways.append((Int32(number), Int32(place))) }
            throw error
        }
        guard isNew else { return }
        try rules.check(after)
        next.append(after)
    }

    /// The way to the last state, walked again from the first.
    private func way() -> [ModelStep] {
        var places: [Int] = []
        var number = ways.count - 1
        while ways[number].before >= 0 {
            places.append(Int(ways[number].step))
            number = Int(ways[number].before)
        }
        var state = machine.initial
        return places.reversed().map { place in
            var possible: [ModelStep] = []
            machine.steps(from: state, into: &possible)
            machine.apply(possible[place], to: &state)
            return possible[place]
        }
    }
}
