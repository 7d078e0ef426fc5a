import Glibc

/// The newest word on each item of one generation of the overlay, found by the hash of its key.
///
/// Problem: the writer looks up what is stored before it writes over it. In runs that is a search by
/// halves in each of some five to ten (`Layers`), and comparisons of keys that lie anywhere in memory:
/// of a change that a link brings it took a quarter of the writer's time, 2.5 of 10 µs.
///
/// Idea: the writer has a table of its own beside the runs. An item is at one place of it, or nowhere.
///
/// **Invariant.** It answers as the runs of its generation do, or says that it cannot (`isWhole`): where
/// a stretch of items was deleted at once, as those of a table are that goes, the runs have to be asked.
/// `NewestEntriesTests` hold both to the same answers.
///
/// `@unchecked Sendable`: the writer alone adds to it and asks it. Others only let go of it.
final class NewestEntries: @unchecked Sendable {
    private struct Slot {
        var hash: UInt64
        /// Nil in a slot that is free.
        var key: UnsafeRawPointer?
        var keyCount: UInt32
        var valueCount: Int32
    }

    private static let slotsMin = 16
    /// At most two thirds of the slots are taken.
    private static let load = (taken: 2, of: 3)

    private var slots = NewestEntries.allocated(NewestEntries.slotsMin)
    private var count = 0
    private(set) var isWhole = true
    /// Where the entries' bytes are.
    private let arena: Arena

    init(in arena: Arena) {
        self.arena = arena
    }

    deinit {
        slots.deallocate()
    }

    /// How much memory it takes, in bytes.
    var bytes: Int { slots.count * MemoryLayout<Slot>.stride }

    /// The hash by which a key is found.
    static func hash(_ key: Entry) -> UInt64 {
        Checksum.of(key.keyBytes, seed: 0)
    }

    /// Takes over what a commit made of the items.
    func add(_ run: Run) {
        guard run.spans.isEmpty else {
            isWhole = false
            return
        }
        for entry in run.entries { set(entry) }
    }

    /// The newest entry of a key, which may be a delete; nil where the generation says nothing of it.
    func find(_ key: Entry, _ hash: UInt64) -> Entry? {
        let slot = slots[place(of: key, hash)]
        return slot.key.map { Entry(prefix: key.prefix, key: $0, slot.keyCount, slot.valueCount) }
    }

    private func set(_ entry: Entry) {
        if (count + 1) * Self.load.of > slots.count * Self.load.taken { grow() }
        let hash = Self.hash(entry)
        let place = place(of: entry, hash)
        if slots[place].key == nil { count += 1 }
        slots[place] = Slot(
            hash: hash,
            key: entry.key,
            keyCount: entry.keyCount,
            valueCount: entry.valueCount,
        )
    }

    /// Where a key is, or would go.
    private func place(of key: Entry, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while let found = slots[place].key {
            if slots[place].hash == hash, slots[place].keyCount == key.keyCount,
                memcmp(found, key.key, Int(key.keyCount)) == 0
            {
                return place
            }
            place = (place + 1) & mask
        }
        return place
    }

    private func grow() {
        let old = slots
        slots = Self.allocated(old.count * 2)
        let mask = slots.count - 1
        for slot in old where slot.key != nil {
            var place = Int(truncatingIfNeeded: slot.hash) & mask
            while slots[place].key != nil { place = (place + 1) & mask }
            slots[place] = slot
        }
        old.deallocate()
    }

    private static func allocated(_ count: Int) -> UnsafeMutableBufferPointer<Slot> {
        let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: count)
        slots.initialize(repeating: Slot(hash: 0, key: nil, keyCount: 0, valueCount: 0))
        return slots
    }
}

/// The items of all that is newer than SQLite's file, for the writer.
struct NewestItems {
    let active: NewestEntries
    /// Of what is on its way into the file; nil where nothing is.
    let frozen: NewestEntries?

    /// Whether they know all that the overlay says of items.
    var areWhole: Bool { active.isWhole && frozen?.isWhole ?? true }

    /// The newest entry of a key, which may be a delete; nil where the overlay says nothing of it.
    func find(_ key: Entry, _ hash: UInt64) -> Entry? {
        active.find(key, hash) ?? frozen?.find(key, hash)
    }
}
