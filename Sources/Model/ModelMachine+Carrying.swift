/// Batches: how changes come from one region to another.
extension ModelMachine {
    func takesBatches(_ region: ModelRegion) -> Bool {
        switch region.phase {
        case .active, .catchingUp, .draining: true
        case .outside, .joining, .gone: false
        }
    }

    func feeds(_ state: State, _ index: Int, _ target: Int, _ steps: inout [ModelStep]) {
        let source = state.regions[index]
        let there = state.regions[target]
        guard source.phase == .active || source.phase == .draining, takesBatches(there)
        else { return }
        for origin in 0..<State.origins
        where origin != state.present(target) && serves(origin, state, index) {
            feed(origin, after: there.applied[origin], state, index, target, &steps)
            guard scenario.underWayMax > 0 else { continue }
            // A link fetches ahead: from where the target will stand after what is under way.
            for place in 0..<state.messageCount {
                let ahead = state.messages[place]
                guard Int(ahead.target) == target, Int(ahead.origin) == origin,
                    ahead.through > there.applied[origin]
                else { continue }
                feed(origin, after: ahead.through, state, index, target, &steps)
            }
        }
    }

    /// Whether a region gives an origin's changes at all.
    private func serves(_ origin: Int, _ state: State, _ index: Int) -> Bool {
        let source = state.regions[index]
        guard origin / State.incarnations == index else {
            return scenario.relays && source.phase == .active
        }
        guard origin == state.present(index) else { return true }
        return isHeard(source) || leavesOut(.feedsBeforeHearing)
    }

    private func feed(
        _ origin: Int,
        after: ModelTime,
        _ state: State,
        _ index: Int,
        _ target: Int,
        _ steps: inout [ModelStep],
    ) {
        let source = state.regions[index]
        let isOwn = origin / State.incarnations == index
        let isPresent = origin == state.present(index)
        var through = source.applied[origin]
        if isPresent, leavesOut(.heartbeatNotDurable) { through += 1 }
        if !isOwn, leavesOut(.relayEndsAtOwnClock) { through = max(through, source.clock) }
        let claim = isPresent ? claim(state, index) : 0
        let isNews = claim > state.regions[target].claims[index]
        guard through > after || through == after && isNews,
            follows(origin, source, state.regions[target])
        else { return }
        if source.trimmed[origin] > after,
            !leavesOut(isOwn ? .trimServesRest : .relayNotWhole)
        {
            // Of what a relay lacks the region whose history it is will say so itself, and sooner; but
            // what a region has lost of its own only relays can tell it.
            guard isOwn || origin / State.incarnations == target else { return }
            return fallsBehind(state, target, origin, source.trimmed[origin], &steps)
        }
        var batch = ModelMessage()
        batch.source = UInt8(index)
        batch.target = UInt8(target)
        batch.origin = UInt8(origin)
        batch.after = after
        batch.through = through
        batch.claim = claim
        batch.changes = held(state, of: origin, after: after, through: 7, in: source.history)
        carry(batch, state, &steps)
    }

    /// What a region claims to be stable, where that can play a part.
    ///
    /// It does if there is a delete at or below it. A delete that is still to come will be later than
    /// any claim made before it: a claim is at most the entry of its writer.
    private func claim(_ state: State, _ index: Int) -> ModelTime {
        guard scenario.forgets, !state.isOver else { return 0 }
        let stable = stableTime(state, index)
        let counts = (0..<state.changeCount).contains {
            state.changes[$0].isDelete && state.changes[$0].time <= stable
        }
        return counts ? stable : 0
    }

    /// Whether the target has all of the incarnation before.
    private func follows(_ origin: Int, _ source: ModelRegion, _ target: ModelRegion) -> Bool {
        guard origin % State.incarnations > 0, !leavesOut(.predecessorIgnored) else { return true }
        return target.applied[origin - 1] >= source.applied[origin - 1]
    }

    private func carry(_ batch: ModelMessage, _ state: State, _ steps: inout [ModelStep]) {
        if scenario.underWayMax == 0 {
            if takes(batch, state) { steps.append(.apply(batch)) }
            return
        }
        guard state.messageCount < scenario.underWayMax else { return }
        for index in 0..<state.messageCount where state.messages[index] == batch { return }
        steps.append(.ship(batch))
    }

    /// What is under way may arrive, and still be under way; or be lost.
    func arrivals(_ state: State, _ steps: inout [ModelStep]) {
        for index in 0..<state.messageCount {
            let batch = state.messages[index]
            steps.append(.lose(index, batch))
            if takes(batch, state) { steps.append(.apply(batch)) }
        }
    }

    /// Whether a batch begins where its target stands.
    ///
    /// Otherwise it is refused, and nothing changes.
    private func takes(_ batch: ModelMessage, _ state: State) -> Bool {
        let target = state.regions[Int(batch.target)]
        guard takesBatches(target), state.present(Int(batch.target)) != Int(batch.origin)
        else { return false }
        return target.applied[Int(batch.origin)] == batch.after || leavesOut(.cursorUnchecked)
    }

    func arrive(_ batch: ModelMessage, _ state: inout State) {
        let target = Int(batch.target)
        let origin = Int(batch.origin)
        for number in 0..<state.changeCount where batch.changes.contains(number) {
            let change = state.changes[number]
            let version = ModelStored(
                change: Int8(number),
                floor: change.floor,
                ancestry: change.seen,
            )
            merge(version, &state, target, Int(change.item), isRow: false)
        }
        state.regions[target].history.form(unionWith: batch.changes)
        state.regions[target].effect.form(unionWith: batch.changes)
        let through = max(batch.through, state.regions[target].applied[origin])
        state.regions[target].applied[origin] = through
        let claimed = state.regions[target].claims[Int(batch.source)]
        state.regions[target].claims[Int(batch.source)] = max(claimed, batch.claim)
        commitMerge(&state, target, batch.through)
    }

    /// What every transaction that merges ends with.
    func commitMerge(_ state: inout State, _ target: Int, _ latest: ModelTime) {
        if !leavesOut(.clockNotMoved), !state.isOver {
            state.regions[target].clock = max(state.regions[target].clock, latest)
        }
        guard state.regions[target].phase != .joining else { return }
        endCopyIfNotNeeded(&state, target)
        commit(&state, target)
        let region = state.regions[target]
        if region.phase == .catchingUp, region.applied.covers(region.shown) {
            state.regions[target].phase = .active
        }
    }

    // MARK: Merging

    private func covers(_ version: ModelStored, _ change: ModelChange) -> Bool {
        change.time <= version.floor || version.ancestry[Int(change.origin)] >= change.time
    }

    func merge(
        _ version: ModelStored,
        _ state: inout State,
        _ region: Int,
        _ item: Int,
        isRow: Bool,
    ) {
        let stored = state.regions[region].stored[item]
        let incoming = state.changes[Int(version.change)]
        guard let number = stored.number else {
            let base = state.regions[region].base
            guard incoming.time > base else { return }
            if !isRow, isKnownAbsent(incoming, state.regions[region], item) { return }
            state.regions[region].stored[item] = version
            state.regions[region].stored[item].floor = max(version.floor, base)
            return
        }
        let present = state.changes[number]
        var winner = stored
        if stored.change == version.change || covers(stored, incoming) {
            winner = stored
        } else if covers(version, present) {
            winner = version
        } else {
            let wins = (incoming.time, incoming.origin) > (present.time, present.origin)
            winner = wins ? version : stored
            let loser = wins ? number : Int(version.change)
            if (wins ? incoming : present).past.contains(loser) { state.hasInvented = true }
            if !leavesOut(.loserNotLogged) { state.logged.insert(loser) }
        }
        if !leavesOut(.vectorsNotJoined) {
            winner.ancestry = stored.ancestry.joined(version.ancestry)
            winner.floor = max(stored.floor, version.floor)
        }
        state.regions[region].stored[item] = winner
    }
}
