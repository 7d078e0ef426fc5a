/// Copies: of a replica that joins, and of one that is too far behind for the history.
extension ModelMachine {
    /// A member that asks for history that is gone must come back by a copy, and serves meanwhile.
    func fallsBehind(
        _ state: State,
        _ target: Int,
        _ origin: Int,
        _ needed: ModelTime,
        _ steps: inout [ModelStep],
    ) {
        let there = state.regions[target]
        guard there.phase == .active, there.needed[origin] < needed else { return }
        steps.append(.fallBehind(region: target, origin: origin, needed: needed))
    }

    func fallBehind(_ state: inout State, _ target: Int, _ origin: Int, _ needed: ModelTime) {
        state.regions[target].needed[origin] = needed
        state.regions[target].isCopying = true
    }

    func copiesAnew(_ state: State, _ index: Int, _ steps: inout [ModelStep]) {
        let region = state.regions[index]
        guard region.isCopying, region.copy.source >= 0 else { return }
        steps.append(.copyAnew(region: index))
    }

    func copyAnew(_ state: inout State, _ index: Int) {
        let first = state.regions[index].copy.first
        state.regions[index].copy = ModelCopy()
        guard state.regions[index].phase == .joining else {
            // What was swept away under it is not safe before all of it is here.
            state.regions[index].copy.first = first
            return
        }
        state.regions[index].stored = .init(repeating: ModelStored())
    }

    func copies(_ state: State, _ index: Int, _ target: Int, _ steps: inout [ModelStep]) {
        let source = state.regions[index]
        let there = state.regions[target]
        guard there.isCopying, isHeard(source),
            source.phase == .active || source.phase == .draining,
            there.copy.source == Int8(index) || there.copy.source < 0,
            source.applied.covers(there.copy.last)
        else { return }
        if there.phase == .joining {
            let known = state.regions[0].knowsInvitation && state.regions[1].knowsInvitation
            guard known || leavesOut(.copyBeforeMembersKnow) else { return }
        } else {
            guard there.copy.source >= 0 || helps(source, there) else { return }
        }
        steps.append(.copy(source: index, target: target))
    }

    /// Whether a copy brings some of what is needed.
    private func helps(_ source: ModelRegion, _ there: ModelRegion) -> Bool {
        (0..<State.origins).contains {
            there.needed[$0] > 0 && source.applied[$0] >= there.needed[$0]
        }
    }

    /// The next chunk of a copy, one item, from a snapshot of its own.
    func copy(_ state: inout State, from index: Int, to target: Int) {
        let source = state.regions[index]
        let isJoining = state.regions[target].phase == .joining
        var copy = state.regions[target].copy
        let item = Int(copy.next)
        if item == 0 {
            copy.first = source.applied
            copy.effect = source.effect
        }
        if item == 0 || isJoining { copy.base = source.base }
        copy.source = Int8(index)
        copy.last = source.applied
        copy.next += 1
        state.regions[target].copy = copy
        let showed = source.applied.joined(source.shown)
        if !leavesOut(.servesBeforeCaughtUp) {
            state.regions[target].shown = state.regions[target].shown.joined(showed)
        }
        let row = source.stored[item]
        if row.number != nil {
            merge(row, &state, target, item, isRow: true)
        } else if !isJoining {
            sweep(&state, target, item)
        }
        if Int(copy.next) == scenario.items { finish(&state, target) }
        let latest = (0..<State.origins).reduce(0) { max($0, showed[$1]) }
        commitMerge(&state, target, latest)
    }

    /// What is absent from a copy whose source has seen it was deleted, and the delete forgotten.
    private func sweep(_ state: inout State, _ target: Int, _ item: Int) {
        let region = state.regions[target]
        guard let number = region.stored[item].number, !leavesOut(.resyncWithoutSweep)
        else { return }
        let stamp = state.changes[number]
        guard region.copy.first[Int(stamp.origin)] >= stamp.time || leavesOut(.sweepIgnoresVector)
        else { return }
        state.regions[target].stored[item] = ModelStored()
    }

    /// Whether an absent item is one that a copy has passed, and the change one that the copy held.
    func isKnownAbsent(_ change: ModelChange, _ region: ModelRegion, _ item: Int) -> Bool {
        region.isCopying && region.phase != .joining && Int(region.copy.next) > item
            && region.copy.first[Int(change.origin)] >= change.time
    }

    /// All items are copied: the replica holds what the source held at the first.
    private func finish(_ state: inout State, _ target: Int) {
        let copy = state.regions[target].copy
        let reached = leavesOut(.copyTakesTooMuch) ? copy.last : copy.first
        let own = state.present(target)
        for origin in 0..<State.origins
        where origin != own && reached[origin] > state.regions[target].applied[origin] {
            state.regions[target].applied[origin] = reached[origin]
            state.regions[target].trimmed[origin] = max(
                state.regions[target].trimmed[origin],
                reached[origin],
            )
        }
        state.regions[target].base = max(state.regions[target].base, copy.base)
        state.regions[target].effect.form(unionWith: copy.effect)
        state.regions[target].copy = ModelCopy()
        guard state.regions[target].phase == .joining else { return }
        state.regions[target].phase = .catchingUp
        state.regions[target].isCopying = false
    }

    /// A table that is brought up goes on once nothing is needed any more, by whatever way it came; one
    /// whose copy has begun only when it has all that the copy holds.
    func endCopyIfNotNeeded(_ state: inout State, _ target: Int) {
        let region = state.regions[target]
        guard region.isCopying, region.phase != .joining, region.applied.covers(region.needed),
            region.applied.covers(region.copy.first)
        else { return }
        state.regions[target].isCopying = false
        state.regions[target].needed = ModelVector()
        state.regions[target].copy = ModelCopy()
    }
}
