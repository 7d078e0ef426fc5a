/// Writes, and what a region knows of the others.
extension ModelMachine {
    func writes(_ state: State, _ region: Int, _ steps: inout [ModelStep]) {
        guard state.left.writes > 0, scenario.writers.contains(region),
            state.regions[region].isServing
        else { return }
        for item in 0..<scenario.items {
            steps.append(.write(region: region, item: item, isDelete: false))
            guard state.left.deletes > 0 else { continue }
            steps.append(.write(region: region, item: item, isDelete: true))
        }
    }

    func write(_ state: inout State, _ index: Int, _ item: Int, _ isDelete: Bool) {
        state.left.writes -= 1
        if isDelete { state.left.deletes -= 1 }
        let origin = state.present(index)
        let floor = scenario.hasStableTimes ? stableTime(state, index) : 0
        state.regions[index].clock += 1
        let region = state.regions[index]
        let before = region.stored[item]
        state.regions[index].applied[origin] = region.clock

        var change = ModelChange()
        change.origin = UInt8(origin)
        change.time = region.clock
        change.item = UInt8(item)
        change.isDelete = isDelete
        change.seen = before.ancestry
        change.seen[origin] = region.clock
        change.floor = max(floor, before.number == nil ? region.base : before.floor)
        change.past = past(state, region, item)
        let number = state.add(change)
        state.regions[index].stored[item] = ModelStored(
            change: Int8(number),
            floor: change.floor,
            ancestry: change.seen,
        )
        state.regions[index].history.insert(number)
        state.regions[index].effect.insert(number)
        if isLast(state) { end(&state) }
    }

    /// A ghost: the changes of an item that are here, or in the past of one that is.
    private func past(_ state: State, _ region: ModelRegion, _ item: Int) -> ModelSet {
        var past = ModelSet()
        for number in 0..<state.changeCount where Int(state.changes[number].item) == item {
            guard region.effect.contains(number) || region.stored[item].number == number
            else { continue }
            past.insert(number)
            past.form(unionWith: state.changes[number].past)
        }
        return past
    }

    /// A region's own entry moves with each of its commits.
    func commit(_ state: inout State, _ region: Int) {
        guard scenario.hasStableTimes, !state.isOver else { return }
        state.regions[region].applied[state.present(region)] = state.regions[region].clock
    }

    // MARK: Stable times

    private func isMember(_ member: Int, for region: ModelRegion) -> Bool {
        member < 2 || region.knowsInvitation && !region.knowsLeaving
    }

    /// Whether each member has asked since the start, and held nothing that is lacking here.
    func isHeard(_ region: ModelRegion) -> Bool {
        (0..<State.regions).allSatisfy {
            !isMember($0, for: region) || region.heard & (1 << UInt8($0)) != 0
        }
    }

    /// The latest entry of a region speaks for its earlier ones.
    private func entry(of member: Int, in vector: ModelVector) -> ModelTime {
        let latest = vector[State.origin(member, 1)]
        return latest > 0 ? latest : vector[State.origin(member, 0)]
    }

    func stableTime(_ state: State, _ index: Int) -> ModelTime {
        let region = state.regions[index]
        guard isHeard(region) || leavesOut(.feedsBeforeHearing) else { return 0 }
        var least = ModelTime.max
        for member in 0..<State.regions where isMember(member, for: region) {
            least = min(least, entry(of: member, in: region.applied))
        }
        return least
    }

    func horizon(_ state: State, _ index: Int) -> ModelTime {
        let stable = stableTime(state, index)
        guard !leavesOut(.tombstonesByOwnStable) else { return stable }
        var least = stable
        for member in 0..<State.regions
        where member != index && isMember(member, for: state.regions[index]) {
            let claim = state.regions[index].claims[member]
            if claim == 0, leavesOut(.claimsIgnored) { continue }
            least = min(least, claim)
        }
        return least
    }

    // MARK: Forgetting

    func forgetting(_ state: State, _ index: Int, _ steps: inout [ModelStep]) {
        let region = state.regions[index]
        guard scenario.forgets, region.phase == .active || region.phase == .draining,
            !region.isCopying
        else { return }
        let horizon = horizon(state, index)
        for item in 0..<scenario.items {
            guard let current = region.stored[item].number, state.changes[current].isDelete,
                state.changes[current].time <= horizon
            else { continue }
            steps.append(.forget(region: index, item: item))
        }
    }

    func forget(_ state: inout State, _ index: Int, _ item: Int) {
        let horizon = horizon(state, index)
        if scenario.budget.rollbacks > 0, let number = state.regions[index].stored[item].number {
            state.forgotten.insert(number)
        }
        state.regions[index].stored[item] = ModelStored()
        guard !leavesOut(.baseNotRaised) else { return }
        state.regions[index].base = max(state.regions[index].base, horizon)
    }

    func trims(_ state: State, _ index: Int, _ steps: inout [ModelStep]) {
        let region = state.regions[index]
        guard state.left.trims > 0, region.phase == .active else { return }
        for origin in 0..<State.origins
        where !held(state, of: origin, after: 0, through: 7, in: region.history).isEmpty {
            steps.append(.trim(region: index, origin: origin))
        }
    }

    func trim(_ state: inout State, _ index: Int, _ origin: Int) {
        state.left.trims -= 1
        let region = state.regions[index]
        let gone = held(state, of: origin, after: 0, through: 7, in: region.history)
        state.regions[index].trimmed[origin] = region.applied[origin]
        state.regions[index].history = region.history.subtracting(gone)
    }

    /// The changes of an origin that a history has, after a time and through another.
    func held(
        _ state: State,
        of origin: Int,
        after: ModelTime,
        through: ModelTime,
        in history: ModelSet,
    ) -> ModelSet {
        var held = ModelSet()
        for number in 0..<state.changeCount where history.contains(number) {
            let change = state.changes[number]
            guard Int(change.origin) == origin, change.time > after, change.time <= through
            else { continue }
            held.insert(number)
        }
        return held
    }
}
