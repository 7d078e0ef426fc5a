/// For each origin a time: everything of that origin at or before it is covered.
///
/// Entries are sorted by origin and greater than zero, so equal vectors have equal representations.
package struct VersionVector: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package let origin: Origin
        package var time: HybridTime

        package init(origin: Origin, time: HybridTime) {
            self.origin = origin
            self.time = time
        }
    }

    /// Sorted by origin, strictly ascending; no zero times.
    package private(set) var entries: [Entry]

    package init() {
        entries = []
    }

    /// Entries in any order; of two for one origin the greater time stays.
    package init(_ unsorted: some Sequence<Entry>) {
        entries = []
        for entry in unsorted { raise(entry.origin, to: entry.time) }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The time for an origin; zero where there is none.
    package subscript(origin: Origin) -> HybridTime {
        let index = position(of: origin)
        guard index < entries.count, entries[index].origin == origin else { return .zero }
        return entries[index].time
    }

    package func covers(_ stamp: Stamp) -> Bool {
        self[stamp.origin] >= stamp.time
    }

    /// Whether every entry of `other` is covered here.
    package func covers(_ other: VersionVector) -> Bool {
        other.entries.allSatisfy { self[$0.origin] >= $0.time }
    }

    /// Moves an entry up; never down.
    package mutating func raise(_ origin: Origin, to time: HybridTime) {
        guard time > .zero else { return }
        guard let last = entries.last, !(last.origin < origin) else {
            return entries.append(Entry(origin: origin, time: time))
        }
        let index = position(of: origin)
        if index < entries.count, entries[index].origin == origin {
            entries[index].time = max(entries[index].time, time)
        } else {
            entries.insert(Entry(origin: origin, time: time), at: index)
        }
    }

    /// The entry-wise maximum.
    package mutating func join(_ other: VersionVector) {
        for entry in other.entries { raise(entry.origin, to: entry.time) }
    }

    /// No entry goes beyond `time`.
    package func limited(to time: HybridTime) -> VersionVector {
        VersionVector(entries.map { Entry(origin: $0.origin, time: min($0.time, time)) })
    }

    /// Drops entries at or below a floor that covers them anyway.
    package mutating func drop(through floor: HybridTime) {
        entries.removeAll { $0.time <= floor }
    }

    /// How far a region's writes are covered: the greatest time of any of its incarnations.
    ///
    /// Enough, because an applied vector takes an entry for a later incarnation only where the
    /// earlier ones are applied through their ends (`ChangeBatch.predecessor`).
    package func time(ofRegion region: String) -> HybridTime {
        var greatest = HybridTime.zero
        for entry in entries where entry.origin.region == region {
            greatest = max(greatest, entry.time)
        }
        return greatest
    }

    private func position(of origin: Origin) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].origin < origin {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}

extension VersionVector: CustomStringConvertible {
    package var description: String {
        "{" + entries.map { "\($0.origin): \($0.time)" }.joined(separator: ", ") + "}"
    }
}
