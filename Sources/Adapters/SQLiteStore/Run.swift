/// What one commit, or several together, made of one keyspace: keys in order with their values or
/// deletes, and stretches that were deleted as a whole.
///
/// A run's entries are newer than its spans: what was put before its stretch was deleted is not in
/// the run any more. A run never changes, so any thread reads it without a lock.
///
/// `@unchecked Sendable`: the entries' bytes are the arena's, or those of a transaction that ends
/// after the run.
final class Run: @unchecked Sendable {
    let entries: [Entry]
    let spans: KeySpans
    private let arena: Arena?

    /// The entries come in order, each key once.
    init(entries: [Entry], spans: KeySpans, arena: Arena?) {
        self.entries = entries
        self.spans = spans
        self.arena = arena
    }

    /// How much work merging it is.
    var weight: Int { entries.count + spans.spans.count }

    /// The number of entries before `key`: where it is, or would be.
    func lowerBound(_ key: Entry) -> Int {
        entries.withUnsafeBufferPointer { entries in
            var low = 0
            var high = entries.count
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].order(key) < 0 {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }

    /// Where the keys with `from` ≤ key < `to` are.
    func positions(from: [UInt8], to: [UInt8]?) -> Range<Int> {
        let lower = from.withUnsafeBytes { lowerBound(Entry($0)) }
        guard let to else { return lower..<entries.count }
        return lower..<max(lower, to.withUnsafeBytes { lowerBound(Entry($0)) })
    }

    func find(_ key: Entry) -> Entry? {
        let position = lowerBound(key)
        guard position < entries.count, entries[position].order(key) == 0 else { return nil }
        return entries[position]
    }

    /// This run and the one before it as one; both have the same arena.
    func merged(over older: Run) -> Run {
        var spans = spans
        spans.formUnion(older.spans)
        return Run(entries: mergedEntries(over: older), spans: spans, arena: arena)
    }

    private func mergedEntries(over older: Run) -> [Entry] {
        let old =
            self.spans.isEmpty
            ? older.entries : older.entries.filter { !self.spans.covers($0) }
        return [Entry](unsafeUninitializedCapacity: entries.count + old.count) { merged, count in
            entries.withUnsafeBufferPointer { new in
                old.withUnsafeBufferPointer { old in
                    count = Self.merge(new, over: old, into: merged)
                }
            }
        }
    }

    /// - Returns: how many entries there are of both.
    private static func merge(
        _ new: UnsafeBufferPointer<Entry>,
        over old: UnsafeBufferPointer<Entry>,
        into merged: UnsafeMutableBufferPointer<Entry>,
    ) -> Int {
        var (newIndex, oldIndex, count) = (0, 0, 0)
        while newIndex < new.count, oldIndex < old.count {
            let order = new[newIndex].order(old[oldIndex])
            merged.initializeElement(at: count, to: order <= 0 ? new[newIndex] : old[oldIndex])
            count += 1
            if order <= 0 { newIndex += 1 }
            if order >= 0 { oldIndex += 1 }
        }
        for entry in new[newIndex...] {
            merged.initializeElement(at: count, to: entry)
            count += 1
        }
        for entry in old[oldIndex...] {
            merged.initializeElement(at: count, to: entry)
            count += 1
        }
        return count
    }
}
