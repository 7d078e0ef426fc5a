/// One change of the model: what was written, and what its writer had seen.
struct ModelChange {
    var origin: UInt8 = 0
    var time: ModelTime = 0
    var item: UInt8 = 0
    var isDelete = false
    /// Ancestry as stored and shipped, with the writer's stable time as its floor.
    var floor: ModelTime = 0
    /// A ghost: the changes of the item that are in its past.
    var past = ModelSet()
    var seen = ModelVector()
}

/// What a region stores of an item.
struct ModelStored {
    /// The current change's number; negative for none.
    var change: Int8 = -1
    var floor: ModelTime = 0
    var ancestry = ModelVector()

    var number: Int? { change < 0 ? nil : Int(change) }
}

/// Where a region is in its life as a replica.
enum ModelPhase: UInt8 {
    case outside, joining, catchingUp, active, draining, gone
}

/// How far a copy has come.
struct ModelCopy {
    /// Negative as long as any member may give it.
    var source: Int8 = -1
    /// The next item; the items before it are copied.
    var next: UInt8 = 0
    var base: ModelTime = 0
    /// A ghost: what the source had in effect when the first chunk was read.
    var effect = ModelSet()
    /// The vectors of the first and of the last chunk.
    var first = ModelVector()
    var last = ModelVector()
}

/// All that one region has stored.
struct ModelRegion {
    var applied = ModelVector()
    /// Of each origin the time through which the history is gone.
    var trimmed = ModelVector()
    /// What the vector must cover before what the region shows is a prefix again.
    var shown = ModelVector()
    /// What is gone elsewhere and has to come by a copy.
    var needed = ModelVector()
    var stored: InlineArray<2, ModelStored> = .init(repeating: ModelStored())
    var copy = ModelCopy()
    /// Of each region the stable time that it has claimed.
    var claims: InlineArray<3, ModelTime> = .init(repeating: 0)
    var incarnation: UInt8 = 0
    var clock: ModelTime = 1
    /// The floor of every absent item.
    var base: ModelTime = 0
    var history = ModelSet()
    /// A ghost: the changes that are in the history, or whose effect came with a copy.
    var effect = ModelSet()
    var phase = ModelPhase.active
    /// Whether a copy is under way: of one that joins, or is too far behind.
    var isCopying = false
    var knowsInvitation = true
    var knowsLeaving = false
    /// The regions that have asked since the start, as bits.
    var heard: UInt8 = 7

    /// Whether applications may ask it.
    var isServing: Bool { phase == .active }

    /// Whether it shows a prefix of each origin's changes.
    var showsPrefix: Bool { !isCopying && applied.covers(shown) }
}

/// All of the model at one moment.
///
/// A value without references, so that copying it is copying some hundred bytes.
struct ModelState {
    static let regions = 3
    static let incarnations = 2
    static let origins = 6
    static let changesMax = 4
    static let messagesMax = 2

    static func origin(_ region: Int, _ incarnation: Int) -> Int {
        region * incarnations + incarnation
    }

    /// By origin and time, not in the order of writing: two orders of writes that knew nothing of
    /// each other are one state.
    var changes: InlineArray<4, ModelChange> = .init(repeating: ModelChange())
    var changeCount = 0
    var regions: InlineArray<3, ModelRegion> = .init(repeating: ModelRegion())
    /// What stands in any region's conflict log as a loser.
    ///
    /// Only the rules read it, and they ask whether there is a record anywhere.
    var logged = ModelSet()
    /// A ghost: whether a change was logged as a loser to one that was written over it.
    var hasInvented = false
    /// A ghost: deletes that were forgotten, in a scenario with older files.
    ///
    /// What a region writes that
    /// was started from files older than such a delete has not seen it, and nobody can tell any more.
    var forgotten = ModelSet()
    /// An older copy of region 0's files.
    var saved = ModelRegion()
    var hasSaved = false
    /// Set from the copying of region 0's files until its next step.
    var mustMove = false
    /// What is under way, in the order of `ModelMessage.order`.
    var messages: InlineArray<2, ModelMessage> = .init(repeating: ModelMessage())
    var messageCount = 0
    var isInvited = true
    /// Set with the last write of a scenario if from then on times matter only as places between
    /// changes (`ModelMachine.end`).
    var isOver = false
    /// How many steps of each kind are left.
    var left = ModelBudget()

    /// The number of an origin's present incarnation.
    func present(_ region: Int) -> Int {
        Self.origin(region, Int(regions[region].incarnation))
    }

    /// Everything the changes of a set have in their pasts.
    func pasts(of changes: ModelSet) -> ModelSet {
        var pasts = ModelSet()
        for number in 0..<changeCount where changes.contains(number) {
            pasts.form(unionWith: self.changes[number].past)
        }
        return pasts
    }
}

/// How often each rare kind of step may occur.
struct ModelBudget {
    var writes: UInt8 = 0
    /// How many of the writes may delete.
    var deletes: UInt8 = 0
    var restarts: UInt8 = 0
    /// Starts of region 0 from an older copy of its files.
    var rollbacks: UInt8 = 0
    /// How often a region lets go of an origin's history, whether others need it or not.
    var trims: UInt8 = 0
    var joins: UInt8 = 0
    var leaves: UInt8 = 0
}

extension ModelState {
    /// Adds a change in its place and says its number.
    mutating func add(_ change: ModelChange) -> Int {
        precondition(changeCount < Self.changesMax, "a scenario has at most four writes")
        var place = changeCount
        while place > 0, isBefore(change, changes[place - 1]) { place -= 1 }
        renumber(from: place)
        var index = changeCount
        while index > place {
            changes[index] = changes[index - 1]
            index -= 1
        }
        changes[place] = change
        changes[place].past = change.past.renumbered(from: place)
        changeCount += 1
        return place
    }

    private func isBefore(_ one: ModelChange, _ other: ModelChange) -> Bool {
        (one.origin, one.time) < (other.origin, other.time)
    }

    private mutating func renumber(from place: Int) {
        guard place < changeCount else { return }
        for number in 0..<changeCount {
            changes[number].past = changes[number].past.renumbered(from: place)
        }
        for region in 0..<Self.regions { regions[region].renumber(from: place) }
        if hasSaved { saved.renumber(from: place) }
        logged = logged.renumbered(from: place)
        forgotten = forgotten.renumbered(from: place)
        for index in 0..<messageCount {
            messages[index].changes = messages[index].changes.renumbered(from: place)
        }
    }
}

extension ModelRegion {
    fileprivate mutating func renumber(from place: Int) {
        for item in 0..<2 where stored[item].change >= Int8(place) { stored[item].change += 1 }
        history = history.renumbered(from: place)
        effect = effect.renumbered(from: place)
        copy.effect = copy.effect.renumbered(from: place)
    }
}
