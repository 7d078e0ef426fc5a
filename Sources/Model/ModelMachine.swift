/// The protocol: the steps that a state may take, and the states they lead to.
///
/// A step is small and says all it does; the state after it is made by `apply`. All that a region
/// does in one step it does in one transaction, so a crash anywhere is a crash between two steps.
///
/// **What is not a step, and why that loses nothing.**
/// - A message that is delayed for ever is one that was never sent or was lost.
/// - A daemon has no state: what it carries is what is under way.
/// - A batch under way that every target will refuse, now and later, is dropped (`settle`): a
///   refusal changes nothing, and a cursor never goes back.
/// - Region 0's files are copied only right before a step of region 0. A copy made earlier, with
///   steps of others alone between, is the same copy: nobody can see it, and it commutes with them.
struct ModelMachine {
    typealias State = ModelState

    let scenario: ModelScenario

    func leavesOut(_ bug: ModelBug) -> Bool { scenario.bug == bug }

    var initial: State {
        var state = State()
        for region in 0..<State.regions {
            state.regions[region].applied[State.origin(region, 0)] = 1
        }
        if !scenario.beginsWithThree {
            state.isInvited = false
            for region in 0..<State.regions { state.regions[region].knowsInvitation = false }
            state.regions[2].phase = .outside
            state.regions[2].applied = ModelVector()
        }
        state.left = scenario.budget
        return state
    }

    /// Appends the steps that are possible in a state.
    func steps(from state: State, into steps: inout [ModelStep]) {
        for region in 0..<State.regions {
            writes(state, region, &steps)
            starts(state, region, &steps)
            forgetting(state, region, &steps)
            trims(state, region, &steps)
            for peer in 0..<State.regions where peer != region {
                hearing(state, region, of: peer, &steps)
                feeds(state, region, peer, &steps)
                copies(state, region, peer, &steps)
            }
            copiesAnew(state, region, &steps)
        }
        membership(state, &steps)
        arrivals(state, &steps)
        if state.mustMove { steps.removeAll { $0.mover != 0 } }
    }

    func apply(_ step: ModelStep, to state: inout State) {
        state.mustMove = step == .keepFiles
        switch step {
        case .write(let region, let item, let isDelete): write(&state, region, item, isDelete)
        case .ship(let batch): state.send(batch)
        case .lose(let index, _): state.dropMessage(index)
        case .apply(let batch): arrive(batch, &state)
        case .hear(let region, let peer): state.regions[region].heard |= 1 << UInt8(peer)
        case .restart(let region): restart(&state, region)
        case .keepFiles:
            state.saved = state.regions[0]
            state.hasSaved = true
        case .rollBack: rollBack(&state)
        case .forget(let region, let item): forget(&state, region, item)
        case .trim(let region, let origin): trim(&state, region, origin)
        case .fallBehind(let region, let origin, let needed):
            fallBehind(&state, region, origin, needed)
        case .copy(let source, let target): copy(&state, from: source, to: target)
        case .copyAnew(let region): copyAnew(&state, region)
        case .invite, .learnInvitation, .leave, .goes, .learnLeaving: live(step, &state)
        }
        settle(&state)
    }

    /// Forgets what can play no part any more, so that states that differ only in it are one.
    private func settle(_ state: inout State) {
        for index in 0..<State.regions
        where state.regions[index].applied.covers(state.regions[index].shown) {
            state.regions[index].shown = ModelVector()
        }
        guard state.left.rollbacks == 0, !leavesOut(.cursorUnchecked) else { return }
        for index in (0..<state.messageCount).reversed() {
            let batch = state.messages[index]
            let target = state.regions[Int(batch.target)]
            if target.applied[Int(batch.origin)] > batch.after { state.dropMessage(index) }
        }
    }
}
