/// All writes of a drill's load, and what became of each.
///
/// Two kinds of items make that decidable without knowing stamps. Of the items of one writer, which
/// writes them in one region alone, one write after another, exactly the last must be there. Of a
/// shared item every write must be there, or be named by another as what that one replaced, or be in
/// a conflict log as a loser: a write that is none of these is lost.
package struct DrillLedger: Sendable {
    package private(set) var writes: [DrillWrite] = []

    package init() {}

    package mutating func note(_ write: DrillWrite) {
        writes.append(write)
    }

    package var acknowledged: Int {
        writes.count { $0.outcome == .acknowledged }
    }

    /// What an audit found.
    package struct Findings: Equatable, Sendable {
        /// Acknowledged writes of which nothing is left and nothing tells.
        package var missing: [DrillWrite] = []
        /// Items that hold what nobody wrote, or what was refused.
        package var strange: [String] = []
    }

    /// Compares the writes with what regions hold.
    ///
    /// - Parameters:
    ///   - items: each item that is there, with its value.
    ///   - losers: the values that conflict logs name as having lost.
    /// - Returns: what is missing and what is strange; nothing if all is well.
    package func audit(items: [String: String], losers: Set<String>) -> Findings {
        var findings = Findings()
        var sequences: [String: [DrillWrite]] = [:]
        for write in writes where write.outcome != .refused {
            sequences[write.item, default: []].append(write)
        }
        for item in sequences.keys.sorted() {
            let sequence = sequences[item] ?? []
            let visible = items[item]
            if let visible, !sequence.contains(where: { $0.value == visible }) {
                findings.strange.append(item)
            }
            findings.missing +=
                sequence.first?.isShared == true
                ? Self.missingShared(sequence, visible, losers)
                : Self.missingOwn(sequence, visible)
        }
        findings.strange += items.keys.filter { sequences[$0] == nil }.sorted()
        return findings
    }

    /// What one writer wrote after what is there.
    ///
    /// An item that is not there may be so by any of its deletes, the last of them as well.
    private static func missingOwn(_ sequence: [DrillWrite], _ visible: String?) -> [DrillWrite] {
        let last = sequence.lastIndex { $0.value == visible }
        let later = last.map { sequence[($0 + 1)...] } ?? sequence[...]
        return later.filter { $0.outcome == .acknowledged }
    }

    /// What nothing tells of: it is not there, lost to nothing on record, and was not replaced
    /// knowingly by a write that something tells of.
    ///
    /// A write without an answer may have replaced another, and nobody knows which. One that had an
    /// effect excuses one that nothing tells of, the latest first.
    private static func missingShared(
        _ sequence: [DrillWrite],
        _ visible: String?,
        _ losers: Set<String>,
    ) -> [DrillWrite] {
        let replacedBy = Dictionary(
            sequence.compactMap { write in write.value.map { ($0, write.replaced) } },
        ) { first, _ in first }
        var told: Set<String> = []
        func tell(_ value: String?) {
            var next = value
            while let value = next, told.insert(value).inserted { next = replacedBy[value] ?? nil }
        }
        tell(visible)
        for write in sequence {
            if let value = write.value, losers.contains(value) { tell(value) }
        }
        var excuses = sequence.filter { $0.outcome == .unknown && told.contains($0.value ?? "") }
        var missing: [DrillWrite] = []
        for write in sequence.reversed() {
            guard write.outcome == .acknowledged, let value = write.value, !told.contains(value)
            else { continue }
            let excuse = excuses.lastIndex { $0.endMilliseconds >= write.startMilliseconds }
            if let excuse {
                excuses.remove(at: excuse)
                tell(value)
            } else {
                missing.append(write)
            }
        }
        return missing.reversed()
    }

    /// How one region served the load.
    package struct Service: Equatable, Sendable {
        package var acknowledged = 0
        package var refused = 0
        package var unknown = 0
        /// The longest time between two writes that were acknowledged, the ends of the span included.
        package var longestGapMilliseconds: UInt64 = 0
    }

    /// How a region served between two moments of the client's clock.
    package func service(of region: String, from start: UInt64, to end: UInt64) -> Service {
        var service = Service()
        var last = start
        for write in writes
        where write.region == region && (start...end).contains(write.endMilliseconds) {
            switch write.outcome {
            case .refused: service.refused += 1
            case .unknown: service.unknown += 1
            case .acknowledged:
                service.acknowledged += 1
                let gap = write.endMilliseconds - min(last, write.endMilliseconds)
                service.longestGapMilliseconds = max(service.longestGapMilliseconds, gap)
                last = max(last, write.endMilliseconds)
            }
        }
        service.longestGapMilliseconds = max(service.longestGapMilliseconds, end - min(last, end))
        return service
    }

    /// The first write that a writer at home in `home` (any, for nil) had acknowledged by one of the
    /// regions, of those begun after a moment.
    package func firstAcknowledged(
        after moment: UInt64,
        by regions: [String],
        home: String? = nil,
    ) -> DrillWrite? {
        writes.filter {
            $0.outcome == .acknowledged && $0.startMilliseconds >= moment
                && regions.contains($0.region) && (home == nil || $0.home == home)
        }
        .min { $0.endMilliseconds < $1.endMilliseconds }
    }
}
