/// What is left to visit once all is written.
///
/// After the last write, if nothing is to be forgotten, no clock is read again and no stable time: what
/// remains of an entry is which changes are at or below it. So each entry becomes the time of the
/// greatest change that it covers, and does not move by heartbeats any more. Comparisons of entries
/// come out as before or, of two between the same changes, as if equal: a step that waited for a
/// heartbeat need not. So states are visited that there may not be, and none is left out.
///
/// With `trim` that would not hold: what is gone of a history in which nothing was written is no
/// reason to fall behind any more. Such scenarios do without.
extension ModelMachine {
    func isLast(_ state: ModelState) -> Bool {
        guard state.left.writes == 0, scenario.budget.trims == 0 else { return false }
        guard scenario.forgets else { return true }
        return !(0..<state.changeCount).contains { state.changes[$0].isDelete }
    }

    func end(_ state: inout ModelState) {
        state.isOver = true
        state.left.deletes = 0
        for index in 0..<ModelState.regions {
            state.regions[index] = ended(state.regions[index], state)
        }
        if state.hasSaved { state.saved = ended(state.saved, state) }
        for index in 0..<state.messageCount {
            let batch = state.messages[index]
            let origin = Int(batch.origin)
            state.messages[index].after = ended(batch.after, of: origin, state)
            state.messages[index].through = ended(batch.through, of: origin, state)
            state.messages[index].claim = 0
        }
    }

    private func ended(_ region: ModelRegion, _ state: ModelState) -> ModelRegion {
        var ended = region
        ended.applied = self.ended(region.applied, state)
        ended.trimmed = self.ended(region.trimmed, state)
        ended.shown = self.ended(region.shown, state)
        ended.needed = self.ended(region.needed, state)
        ended.copy.first = self.ended(region.copy.first, state)
        ended.copy.last = self.ended(region.copy.last, state)
        ended.claims = .init(repeating: 0)
        ended.clock = 1
        return ended
    }

    private func ended(_ vector: ModelVector, _ state: ModelState) -> ModelVector {
        var ended = ModelVector()
        for origin in 0..<ModelState.origins {
            ended[origin] = self.ended(vector[origin], of: origin, state)
        }
        return ended
    }

    private func ended(_ time: ModelTime, of origin: Int, _ state: ModelState) -> ModelTime {
        var greatest = min(time, 1)
        for number in 0..<state.changeCount where Int(state.changes[number].origin) == origin {
            let written = state.changes[number].time
            if written <= time { greatest = max(greatest, written) }
        }
        return greatest
    }
}
