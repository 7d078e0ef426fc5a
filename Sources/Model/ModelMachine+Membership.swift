/// A replica's life: invited by region 0, known to each region at a time of its own, and handed over
/// before it goes.
extension ModelMachine {
    func membership(_ state: State, _ steps: inout [ModelStep]) {
        if state.left.joins > 0, !state.isInvited { steps.append(.invite) }
        for region in 0..<State.regions
        where state.isInvited && !state.regions[region].knowsInvitation {
            steps.append(.learnInvitation(region: region))
        }
        switch state.regions[2].phase {
        case .active where state.left.leaves > 0 && !state.regions[2].isCopying:
            steps.append(.leave)
        case .draining where isHandedOver(state) || leavesOut(.leavesBeforeHanded):
            steps.append(.goes)
        case .gone:
            for region in 0..<2 where !state.regions[region].knowsLeaving {
                steps.append(.learnLeaving(region: region))
            }
        default: break
        }
    }

    func live(_ step: ModelStep, _ state: inout State) {
        switch step {
        case .invite:
            state.left.joins -= 1
            state.isInvited = true
            state.regions[0].knowsInvitation = true
        case .learnInvitation(let region):
            state.regions[region].knowsInvitation = true
            guard region == 2 else { return }
            state.regions[2].phase = .joining
            state.regions[2].isCopying = true
        case .leave:
            state.left.leaves -= 1
            state.regions[2].phase = .draining
        case .goes:
            // Nobody asks it for anything again: what it has plays no part.
            state.regions[2] = ModelRegion()
            state.regions[2].phase = .gone
        case .learnLeaving(let region): state.regions[region].knowsLeaving = true
        default: break
        }
    }

    /// Whether both others hold all that the last region wrote.
    private func isHandedOver(_ state: State) -> Bool {
        (0..<2).allSatisfy { region in
            (0..<State.incarnations).allSatisfy { incarnation in
                let origin = State.origin(2, incarnation)
                return state.regions[region].applied[origin] >= state.regions[2].applied[origin]
            }
        }
    }
}
