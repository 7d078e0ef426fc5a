import Glibc
import Synchronization

/// The pages of SQLite's file that lead to others, kept once for all connections.
///
/// Problem: the way to an item is five pages, three of the directory of blocks and two above the block (`Keyspaces`). With
/// five million items these are 21 MB: too much for each connection's own cache, and read again for each get
/// without it.
///
/// Idea: places of a page each, in groups in which a page has any place. Who reads a page from the file
/// looks here first, and leaves such pages here (`PageMethods`). A page that is asked for often is passed
/// over some times before it goes. While a group is full, a page comes in only if it was missed once before
/// not long ago, and then every fourth time: a level has many times as many pages as the one above
/// it, each of which is asked for so much less often, and the lower ones would otherwise push the upper
/// ones out.
///
/// **Invariant.** What is offered of a page is what the file has there.
///
/// - The file is written by this process alone (`DirectoryLock`), and there by `PageMethods` alone, which
///   drops a page before it writes it and once more after. Another program that wrote to it meanwhile, be it
///   by a checkpoint, would damage it.
/// - A page that was read from the file is kept only if nothing of its group was dropped since before it was
///   read (`generation`): what was read beside a write never comes in after it.
/// - Who holds a page sees its bytes unchanged until it lets go, even when the page is dropped: a place
///   is filled only while nobody holds it. That suffices for SQLite, whose checkpoints write no page that a
///   snapshot still reads from the file (its read marks; https://www.sqlite.org/wal.html).
///
/// Nobody waits: each place has one word that is changed at once (`InnerPageSlot`), and where a change comes
/// between, a page is not kept.
///
/// `@unchecked Sendable`: what changes is atomic, but for the bytes of a place, which are written only
/// by who has set its word to being filled.
final class InnerPages: @unchecked Sendable {
    static let pageBytes = Keyspaces.pageBytes
    /// SQLite may look so far behind a page that is damaged, and says so then.
    private static let marginBytes = 256
    /// Places of a group: so many that few groups have more upper pages than places.
    private static let groupPlacesMax = 64
    /// Of so many pages that were missed again and find their group full, one comes in: a power of two.
    private static let admittedOf: UInt64 = 4

    private let groupPlaces: Int
    private let groups: Int
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    /// Of each group, how often something of it was dropped.
    private let generations: UnsafeMutablePointer<Atomic<UInt64>>
    /// Of each group, at which place the next page that has to go is looked for.
    private let hands: UnsafeMutablePointer<Atomic<Int>>
    /// Memory is taken by a place when it is filled for the first time.
    private let bytes: UnsafeMutableRawPointer
    /// Pages that were missed lately, each at the place that its number has there.
    private let missed: UnsafeMutablePointer<Atomic<UInt32>>
    private let misses = Atomic<UInt64>(0)

    /// - Parameter bytesMax: what pages take at most; none are kept if it is less than one.
    init(bytesMax: Int) {
        let places = max(0, bytesMax / Self.pageBytes)
        groups = (places + Self.groupPlacesMax - 1) / Self.groupPlacesMax
        groupPlaces = groups == 0 ? 0 : places / groups
        slots = .allocate(capacity: groups * groupPlaces)
        generations = .allocate(capacity: groups)
        hands = .allocate(capacity: groups)
        missed = .allocate(capacity: groups * groupPlaces)
        for place in 0..<groups * groupPlaces {
            (slots + place).initialize(to: Atomic(0))
            (missed + place).initialize(to: Atomic(0))
        }
        for group in 0..<groups {
            (generations + group).initialize(to: Atomic(0))
            (hands + group).initialize(to: Atomic(0))
        }
        bytes = .allocate(
            byteCount: groups * groupPlaces * Self.pageBytes + Self.marginBytes,
            alignment: Self.pageBytes
        )
    }

    deinit {
        slots.deallocate()
        generations.deallocate()
        hands.deallocate()
        missed.deallocate()
        bytes.deallocate()
    }

    /// How many pages there may be.
    var places: Int { groups * groupPlaces }

    /// Whether the bytes of a page are those of one that leads to others: an inner one, of a table (5) or an index (2), or a
    /// leaf of an index (10), since the directory's are.
    ///
    /// So are those of keyspaces whose pairs have rows, which are asked for too seldom to stay. See
    /// https://www.sqlite.org/fileformat.html, section 1.6. A page of another kind may look so; it is kept then, and is as true.
    static func leads(_ page: UnsafeRawPointer) -> Bool {
        let kind = page.load(as: UInt8.self)
        return kind == 2 || kind == 5 || kind == 10
    }

    // MARK: Readers

    /// A page's bytes, which stay as they are until `letGo`; nil where it is not kept.
    func hold(_ page: UInt32) -> UnsafeMutableRawPointer? {
        guard groups > 0 else { return nil }
        for place in placesOfGroup(of: page) {
            var slot = InnerPageSlot(bits: slots[place].load(ordering: .relaxed))
            while slot.offers(page) {
                let (isDone, found) = exchange(place, slot, for: slot.held)
                if isDone { return bytes + place * Self.pageBytes }
                slot = found
            }
        }
        return nil
    }

    /// Ends what `hold` began.
    ///
    /// - Returns: false where the bytes are not those of a place.
    @discardableResult
    func letGo(_ pointer: UnsafeMutableRawPointer) -> Bool {
        let offset = pointer - bytes
        guard offset >= 0, offset < places * Self.pageBytes else { return false }
        slots[offset / Self.pageBytes].wrappingSubtract(
            InnerPageSlot.holder,
            ordering: .acquiringAndReleasing
        )
        return true
    }

    /// Copies a page, if it is kept.
    func copy(_ page: UInt32, to target: UnsafeMutableRawPointer) -> Bool {
        guard let held = hold(page) else { return false }
        memcpy(target, held, Self.pageBytes)
        letGo(held)
        return true
    }

    // MARK: Who reads the file

    /// To be taken before the file is read, for `keep`.
    func generation(of page: UInt32) -> UInt64 {
        guard groups > 0 else { return 0 }
        return generations[group(of: page)].load(ordering: .sequentiallyConsistent)
    }

    /// Keeps a page that the file has had since this generation, if there is a place for it.
    ///
    /// It is wanted for what it was worth before it was written anew, if it was kept then.
    func keep(
        _ page: UInt32,
        _ source: UnsafeRawPointer,
        since generation: UInt64,
        worth: UInt64? = nil,
    ) {
        guard groups > 0, let place = claim(page, isWanted: worth != nil) else { return }
        let filling = InnerPageSlot(filling: page)
        // A drop that this does not see sees the place.
        if self.generation(of: page) == generation {
            memcpy(bytes + place * Self.pageBytes, source, Self.pageBytes)
            let filled = InnerPageSlot(page: page, worth: worth ?? 0)
            if exchange(place, filling, for: filled).isDone { return }
        }
        slots[place].store(InnerPageSlot.free.bits, ordering: .sequentiallyConsistent)
    }

    /// A place of its own for a page that has none, set to being filled.
    private func claim(_ page: UInt32, isWanted: Bool) -> Int? {
        let places = placesOfGroup(of: page)
        var free: Int?
        for place in places {
            let slot = InnerPageSlot(bits: slots[place].load(ordering: .relaxed))
            if slot.page == page { return nil }
            if slot == .free, free == nil { free = place }
        }
        let filling = InnerPageSlot(filling: page)
        if let free { return exchange(free, .free, for: filling).isDone ? free : nil }
        guard isWanted || isAdmitted(page) else { return nil }
        return leastWorth(of: places, hands + group(of: page), for: filling)
    }

    /// Takes the next place whose page is worth nothing any more; all that are passed over are worth less.
    private func leastWorth(
        of places: Range<Int>,
        _ hand: UnsafeMutablePointer<Atomic<Int>>,
        for filling: InnerPageSlot,
    ) -> Int? {
        for _ in 0...places.count * Int(InnerPageSlot.worthMax) {
            let turn = hand.pointee.wrappingAdd(1, ordering: .relaxed).oldValue
            let place = places.lowerBound + Int(UInt(bitPattern: turn) % UInt(places.count))
            let slot = InnerPageSlot(bits: slots[place].load(ordering: .relaxed))
            guard slot.isIdle else { continue }
            if slot.worth > 0 {
                _ = exchange(place, slot, for: slot.lessWorth)
            } else if exchange(place, slot, for: filling).isDone {
                return place
            }
        }
        return nil
    }

    /// Spread so that it is not always the same one of pages that are missed in turns.
    private func isAdmitted(_ page: UInt32) -> Bool {
        let before = missed[Int(page) % places].exchange(page, ordering: .relaxed)
        guard before == page else { return false }
        let count = misses.wrappingAdd(1, ordering: .relaxed).oldValue
        return (count &* 0x9E37_79B9_7F4A_7C15) >> 32 % Self.admittedOf == 0
    }

    // MARK: Who writes the file

    /// Offers the page to nobody any more.
    ///
    /// - Returns: what it was worth; nil where it was not kept.
    @discardableResult
    func drop(_ page: UInt32) -> UInt64? {
        guard groups > 0 else { return nil }
        let group = group(of: page)
        generations[group].wrappingAdd(1, ordering: .sequentiallyConsistent)
        var worth: UInt64?
        for place in placesOfGroup(of: page) {
            var slot = InnerPageSlot(bits: slots[place].load(ordering: .sequentiallyConsistent))
            while slot.page == page {
                let (isDone, found) = exchange(place, slot, for: slot.dropped)
                if isDone { worth = max(worth ?? 0, slot.worth) }
                slot = isDone ? slot.dropped : found
            }
        }
        return worth
    }

    /// Offers no page any more that is kept now and comes after this one.
    func drop(after last: UInt32) {
        for group in 0..<groups {
            generations[group].wrappingAdd(1, ordering: .sequentiallyConsistent)
        }
        for place in 0..<places {
            var slot = InnerPageSlot(bits: slots[place].load(ordering: .sequentiallyConsistent))
            while slot.page > last {
                let (isDone, found) = exchange(place, slot, for: slot.dropped)
                slot = isDone ? slot.dropped : found
            }
        }
    }

    // MARK: Places

    private func group(of page: UInt32) -> Int {
        let hash = page &* 0x9E37_79B1
        return Int((UInt64(hash) * UInt64(groups)) >> 32)
    }

    private func placesOfGroup(of page: UInt32) -> Range<Int> {
        let first = group(of: page) * groupPlaces
        return first..<first + groupPlaces
    }

    private func exchange(
        _ place: Int,
        _ slot: InnerPageSlot,
        for new: InnerPageSlot,
    ) -> (isDone: Bool, found: InnerPageSlot) {
        let (exchanged, original) = slots[place].compareExchange(
            expected: slot.bits,
            desired: new.bits,
            ordering: .sequentiallyConsistent
        )
        return (exchanged, InnerPageSlot(bits: original))
    }
}
