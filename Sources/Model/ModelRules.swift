/// A rule that a state or a step breaks.
package struct ModelViolation: Error, Equatable {
    /// The invariant's name in docs/ARCHITECTURE.md.
    package let rule: String
    package let text: String
}

/// The invariants, over what the model knows and no region does: which changes there are, and what
/// each had in its past.
struct ModelRules {
    let items: Int

    func check(_ state: ModelState) throws(ModelViolation) {
        try stamps(state)
        if state.hasInvented {
            throw ModelViolation(
                rule: "No invented conflict",
                text: "a change lost, on record, to one that was written over it",
            )
        }
        for index in 0..<ModelState.regions {
            let region = state.regions[index]
            switch region.phase {
            case .outside, .joining, .gone: continue
            case .catchingUp, .active, .draining: break
            }
            try complete(state, index)
            try noSilentLoss(state, index)
            if region.phase == .catchingUp { continue }
            try noResurrection(state, index)
            if region.showsPrefix { try prefix(state, index) }
        }
        try convergent(state)
    }

    /// Files put back from a copy are older, and no step of the region; nor is what `end` makes of
    /// the entries.
    func check(
        _ step: ModelStep,
        _ before: ModelState,
        _ after: ModelState,
    ) throws(ModelViolation) {
        if step == .rollBack || step == .goes || before.isOver != after.isOver { return }
        for index in 0..<ModelState.regions
        where !after.regions[index].applied.covers(before.regions[index].applied) {
            throw ModelViolation(rule: "Monotone", text: "region \(index)'s vector decreases")
        }
    }

    /// A state that leads nowhere is one in which all is at rest: everyone has what anyone has.
    func checkRest(_ state: ModelState) throws(ModelViolation) {
        var known = ModelSet()
        for index in 0..<ModelState.regions where state.regions[index].isServing {
            known.form(unionWith: state.regions[index].effect)
        }
        for index in 0..<ModelState.regions {
            let region = state.regions[index]
            if region.phase == .gone || region.phase == .outside { continue }
            if isNeedLost(region, state) { continue }
            guard region.isServing, region.showsPrefix, known.subtracting(region.effect).isEmpty
            else {
                throw ModelViolation(rule: "Rest", text: "region \(index) waits for ever")
            }
            for item in 0..<items where shown(state, index, item) != shown(state, 0, item) {
                throw ModelViolation(rule: "Rest", text: "\(index) and 0 differ in \(item)")
            }
        }
    }

    /// Whether a copy has to bring what went with the files of its writer, whose history of it was
    /// trimmed: docs/ARCHITECTURE.md says so under what is not guaranteed.
    private func isNeedLost(_ region: ModelRegion, _ state: ModelState) -> Bool {
        (0..<ModelState.origins).contains { origin in
            (0..<ModelState.regions).allSatisfy {
                state.regions[$0].applied[origin] < region.needed[origin]
            }
        }
    }

    private func stamps(_ state: ModelState) throws(ModelViolation) {
        for number in 1..<max(1, state.changeCount) {
            let (one, other) = (state.changes[number - 1], state.changes[number])
            guard one.origin == other.origin, one.time == other.time else { continue }
            throw ModelViolation(rule: "Durable", text: "two changes have one stamp")
        }
    }

    private func complete(_ state: ModelState, _ index: Int) throws(ModelViolation) {
        let region = state.regions[index]
        for number in 0..<state.changeCount where !region.effect.contains(number) {
            let change = state.changes[number]
            if change.time <= region.applied[Int(change.origin)] {
                throw ModelViolation(rule: "Complete", text: "\(index) lacks \(name(change))")
            }
        }
    }

    /// Current, or in the past of a change that is here, or a loser on record, or a delete forgotten.
    private func noSilentLoss(_ state: ModelState, _ index: Int) throws(ModelViolation) {
        let region = state.regions[index]
        // What a copy has brought so far counts.
        var here = region.isCopying ? region.effect.union(region.copy.effect) : region.effect
        for item in 0..<items {
            if let number = region.stored[item].number { here.insert(number) }
        }
        here.form(unionWith: state.logged)
        let accounted = state.pasts(of: here).union(state.logged).union(state.forgotten)
        let rest = region.effect.subtracting(accounted)
        for number in 0..<state.changeCount where rest.contains(number) {
            let change = state.changes[number]
            let current = region.stored[Int(change.item)].number
            if current == number || current == nil && change.isDelete { continue }
            throw ModelViolation(
                rule: "No silent loss",
                text: "\(index) has nothing of \(name(change))",
            )
        }
    }

    /// Nothing shows that a change which is here had in its past.
    private func noResurrection(_ state: ModelState, _ index: Int) throws(ModelViolation) {
        let region = state.regions[index]
        let replaced = state.pasts(of: region.effect)
        for item in 0..<items {
            guard let current = region.stored[item].number, replaced.contains(current)
            else { continue }
            throw ModelViolation(
                rule: "No resurrection",
                text: "\(index) shows \(name(state.changes[current])) again",
            )
        }
    }

    private func prefix(_ state: ModelState, _ index: Int) throws(ModelViolation) {
        let region = state.regions[index]
        for item in 0..<items {
            guard let current = region.stored[item].number else { continue }
            let shown = state.changes[current]
            for number in 0..<state.changeCount where !region.effect.contains(number) {
                let lacking = state.changes[number]
                guard lacking.origin == shown.origin, lacking.time < shown.time else { continue }
                throw ModelViolation(
                    rule: "Prefix",
                    text: "\(index) shows \(name(shown)) without \(name(lacking))",
                )
            }
        }
    }

    private func convergent(_ state: ModelState) throws(ModelViolation) {
        for one in 1..<ModelState.regions where isSettled(state.regions[one]) {
            for other in 0..<one where isSettled(state.regions[other]) {
                guard state.regions[one].applied == state.regions[other].applied else { continue }
                for item in 0..<items where shown(state, one, item) != shown(state, other, item) {
                    throw ModelViolation(
                        rule: "Convergent",
                        text: "\(other) and \(one) stand at one vector and differ in \(item)",
                    )
                }
            }
        }
    }

    private func isSettled(_ region: ModelRegion) -> Bool {
        (region.phase == .active || region.phase == .draining) && region.showsPrefix
    }

    /// A tombstone equals absence.
    private func shown(_ state: ModelState, _ index: Int, _ item: Int) -> Int? {
        guard let current = state.regions[index].stored[item].number,
            !state.changes[current].isDelete
        else { return nil }
        return current
    }

    private func name(_ change: ModelChange) -> String {
        "the change of \(ModelStep.name(ofOrigin: Int(change.origin))) at \(change.time)"
    }
}
