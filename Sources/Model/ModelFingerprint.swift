/// Tells states apart: 128 bits of all that is in one.
///
/// Two of ten million states are taken for one with a chance of about 2^-83.
struct ModelFingerprint: Equatable {
    private(set) var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private(set) var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    init(_ state: ModelState) {
        addCounts(state)
        for number in 0..<state.changeCount {
            let change = state.changes[number]
            let about = UInt64(change.origin) << 32 | UInt64(change.time) << 24
            let item = UInt64(change.item) << 1 | (change.isDelete ? 1 : 0)
            add(about | UInt64(change.floor) << 16 | UInt64(change.past.bits) << 8 | item)
            add(UInt64(change.seen.bits))
        }
        for index in 0..<ModelState.regions { add(state.regions[index]) }
        if state.hasSaved { add(state.saved) }
        for index in 0..<state.messageCount { add(state.messages[index].order) }
    }

    private mutating func addCounts(_ state: ModelState) {
        let left = state.left
        let writes = UInt64(left.writes) << 8 | UInt64(left.deletes)
        let starts = UInt64(left.restarts) << 8 | UInt64(left.rollbacks)
        let lives = UInt64(left.joins) << 8 | UInt64(left.leaves)
        add(writes << 48 | starts << 32 | lives << 16 | UInt64(left.trims))
        let saved = (state.mustMove ? 4 : 0) | (state.hasSaved ? 1 : 0)
        let ends = (state.isInvited ? 2 : 0) | (state.isOver ? 8 : 0) | (state.hasInvented ? 16 : 0)
        let flags = ends | saved
        let counts = UInt64(state.changeCount) << 8 | UInt64(state.messageCount)
        let records = UInt64(state.logged.bits) << 8 | UInt64(state.forgotten.bits)
        add(counts << 32 | records << 8 | UInt64(flags))
    }

    private mutating func add(_ region: ModelRegion) {
        add(UInt64(region.applied.bits) << 32 | UInt64(region.trimmed.bits))
        add(UInt64(region.shown.bits) << 32 | UInt64(region.needed.bits))
        let sets = UInt64(region.history.bits) << 8 | UInt64(region.effect.bits)
        let times = UInt64(region.base) << 8 | UInt64(region.clock)
        let life = UInt64(region.heard) << 8 | UInt64(region.incarnation)
        let knows = (region.knowsInvitation ? 2 : 0) | (region.knowsLeaving ? 1 : 0)
        let flags = UInt64(region.phase.rawValue) << 8 | UInt64((region.isCopying ? 4 : 0) | knows)
        add(sets << 48 | times << 32 | life << 16 | flags)
        for item in 0..<2 {
            let stored = region.stored[item]
            let about = UInt64(UInt8(bitPattern: stored.change)) << 8 | UInt64(stored.floor)
            add(about << 32 | UInt64(stored.ancestry.bits))
        }
        let claims = region.claims
        add(UInt64(claims[0]) << 16 | UInt64(claims[1]) << 8 | UInt64(claims[2]))
        guard region.isCopying else { return }
        let copy = region.copy
        add(UInt64(copy.first.bits) << 32 | UInt64(copy.last.bits))
        let place = UInt64(UInt8(bitPattern: copy.source)) << 8 | UInt64(copy.next)
        add(place << 16 | UInt64(copy.base) << 8 | UInt64(copy.effect.bits))
    }

    private mutating func add(_ word: UInt64) {
        first = (first ^ word) &* 0xFF51_AFD7_ED55_8CCD
        first ^= first >> 32
        second = (second &+ word) &* 0x9FB2_1C65_1E98_DF25
        second ^= second >> 29
    }
}

/// The states that were visited: open addressing, sixteen bytes a place, at most two thirds full.
struct ModelVisited {
    private var places: [(first: UInt64, second: UInt64)]
    private var mask: Int
    private(set) var count = 0

    init() {
        places = .init(repeating: (0, 0), count: 1 << 16)
        mask = places.count - 1
    }

    /// Whether it was new.
    mutating func insert(_ fingerprint: ModelFingerprint) -> Bool {
        if 3 * count >= 2 * places.count { grow() }
        // Zeros mark a free place. A state that has them itself is one in 2^128.
        guard place(fingerprint.first, fingerprint.second) else { return false }
        count += 1
        return true
    }

    private mutating func place(_ first: UInt64, _ second: UInt64) -> Bool {
        var index = Int(truncatingIfNeeded: first) & mask
        while places[index] != (0, 0) {
            if places[index] == (first, second) { return false }
            index = (index + 1) & mask
        }
        places[index] = (first, second)
        return true
    }

    private mutating func grow() {
        let old = places
        places = .init(repeating: (0, 0), count: 2 * old.count)
        mask = places.count - 1
        for entry in old where entry != (0, 0) { _ = place(entry.first, entry.second) }
    }
}
