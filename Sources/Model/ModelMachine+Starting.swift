/// Crashes and starts: each begins a new incarnation, at most one a region.
extension ModelMachine {
    func starts(_ state: State, _ index: Int, _ steps: inout [ModelStep]) {
        let region = state.regions[index]
        guard region.incarnation == 0, region.phase != .outside, region.phase != .gone
        else { return }
        if state.left.restarts > 0 { steps.append(.restart(region: index)) }
        guard index == 0, state.left.rollbacks > 0 else { return }
        steps.append(state.hasSaved ? .rollBack : .keepFiles)
    }

    func restart(_ state: inout State, _ index: Int) {
        state.left.restarts -= 1
        start(&state, index)
        // Whoever asks it lacks nothing of it: its files are whole, so the others need not be heard
        // one by one.
        state.regions[index].heard = 7
    }

    /// The files are older, but the wall clock is not: times go on from where they were.
    func rollBack(_ state: inout State) {
        state.left.rollbacks -= 1
        let clock = state.regions[0].clock
        state.regions[0] = state.saved
        state.regions[0].clock = leavesOut(.incarnationContinued) ? state.saved.clock : clock
        state.saved = ModelRegion()
        state.hasSaved = false
        start(&state, 0)
    }

    private func start(_ state: inout State, _ index: Int) {
        if leavesOut(.incarnationContinued) { return }
        state.regions[index].incarnation = 1
        if !state.isOver { state.regions[index].clock += 1 }
        state.regions[index].heard = 1 << UInt8(index)
        let clock = state.regions[index].clock
        state.regions[index].applied[state.present(index)] = clock
    }

    /// A peer that has no more of a region than the region itself has nothing to give back.
    func hearing(_ state: State, _ index: Int, of peer: Int, _ steps: inout [ModelStep]) {
        let region = state.regions[index]
        guard region.heard & (1 << UInt8(peer)) == 0, takesBatches(state.regions[peer])
        else { return }
        // Descriptions come anew before anything is counted on.
        guard region.knowsInvitation || !state.regions[peer].knowsInvitation else { return }
        for incarnation in 0..<State.incarnations {
            let origin = State.origin(index, incarnation)
            if state.regions[peer].applied[origin] > region.applied[origin] { return }
        }
        steps.append(.hear(region: index, peer: peer))
    }
}
