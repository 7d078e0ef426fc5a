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
/// An item is never more than `probesMax` places behind where its hash has it: keys that were made to
/// collide end the table instead, and the runs are asked until the next generation.
///
/// `@unchecked Sendable`: the writer alone adds to it and asks it. Others only let go of it.
final class NewestEntries: @unchecked Sendable {
    private struct Slot {
        var hash: UInt64
        /// Nil in a slot that is free.
        var key: UnsafeRawPointer?
        /// As an entry has it.
        var keyWord: UInt32
        var valueCount: Int32
    }

    private static let slotsMin = 16
    /// At most two thirds of the slots are taken.
    private static let load = (taken: 2, of: 3)
    /// Three times as many as the longest way among a million keys that were not chosen for it.
    static let probesMax = 512
    /// Of the hash: another one in each process, so that keys that were made to collide in one do not in
    /// another.
    static let seed = UInt64.random(in: .min ... .max)

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
        Checksum.of(key.keyBytes, seed: seed)
    }

    /// Takes over what a commit made of the items.
    func add(_ run: Run) {
        guard isWhole, run.spans.isEmpty else { return giveUp() }
        for entry in run.entries {
            guard set(entry) else { return giveUp() }
        }
    }

    /// The newest entry of a key, which may be a delete; nil where the generation says nothing of it.
    func find(_ key: Entry, _ hash: UInt64) -> Entry? {
        guard let place = place(of: key, hash) else { return nil }
        let slot = slots[place]
        return slot.key.map { Entry(prefix: key.prefix, key: $0, slot.keyWord, slot.valueCount) }
    }

    /// - Returns: false where there is no place for it.
    private func set(_ entry: Entry) -> Bool {
        if (count + 1) * Self.load.of > slots.count * Self.load.taken {
            guard grow() else { return false }
        }
        let hash = Self.hash(entry)
        guard let place = place(of: entry, hash) else { return false }
        if slots[place].key == nil { count += 1 }
        slots[place] = Slot(
            hash: hash,
            key: entry.key,
            keyWord: entry.keyWord,
            valueCount: entry.valueCount,
        )
        return true
    }

    /// Where a key is, or would go; nil where it is not, and may not be.
    private func place(of key: Entry, _ hash: UInt64) -> Int? {
        place(hash) { slot, found in
            slot.hash == hash && Entry.keyCount(slot.keyWord) == key.keyCount
                && memcmp(found, key.key, Int(key.keyCount)) == 0
        }
    }

    /// The first place on a hash's way that is free, or as wanted.
    private func place(
        _ hash: UInt64,
        _ isWanted: (Slot, UnsafeRawPointer) -> Bool,
    ) -> Int? {
        let mask = slots.count - 1
        let first = Int(truncatingIfNeeded: hash) & mask
        for probe in 0..<min(Self.probesMax, slots.count) {
            let place = (first + probe) & mask
            guard let found = slots[place].key, !isWanted(slots[place], found) else { return place }
        }
        return nil
    }

    private func grow() -> Bool {
        let old = slots
        defer { old.deallocate() }
        slots = Self.allocated(old.count * 2)
        return old.allSatisfy { slot in
            guard slot.key != nil else { return true }
            guard let place = place(slot.hash, { _, _ in false }) else { return false }
            slots[place] = slot
            return true
        }
    }

    /// Leaves the answers to the runs from here on.
    private func giveUp() {
        guard isWhole else { return }
        isWhole = false
        slots.deallocate()
        slots = Self.allocated(Self.slotsMin)
        count = 0
    }

    private static func allocated(_ count: Int) -> UnsafeMutableBufferPointer<Slot> {
        let slots = UnsafeMutableBufferPointer<Slot>.allocate(capacity: count)
        slots.initialize(repeating: Slot(hash: 0, key: nil, keyWord: 0, valueCount: 0))
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
