import Causality
import Changes

/// What one region's items must be, worked out the plain way: last writer wins over whole vectors,
/// with no floors, no bases, and tombstones kept for ever.
///
/// It is moved by what was durably committed, in the order of the commit, and compared with the
/// region's store after each.
struct RegionModel {
    struct Version {
        let stamp: Stamp
        let isTombstone: Bool
        /// The version that time to live deleted; nil for any other write.
        let expired: Stamp?
        /// The floor it was written with, which is no part of the truth: exceptions go by it.
        let floor: HybridTime
        /// Everything that is behind the version.
        var seen: VersionVector

        /// Its place among versions that had not seen each other: that of what it expired and just
        /// above it, or its own.
        var place: [Stamp] { expired.map { [$0, stamp] } ?? [stamp] }
    }

    struct TableModel {
        /// The region's local number of the table: a table that left and came again has another.
        var number: UInt32
        var versions: [[UInt8]: Version] = [:]
        /// By key: what the source of a copy that is being merged had seen of items of which it had
        /// forgotten a delete, so that nothing told of it.
        var unmarked: [[UInt8]: VersionVector] = [:]
        /// By key: what was set aside, in order.
        var quarantine: [[UInt8]: [Stamp]] = [:]
    }

    enum Outcome {
        case stale
        case newer
        /// Neither saw the other; who lost goes to the log.
        case conflict(winner: Stamp, loser: Stamp)
    }

    var tables: [TableID: TableModel] = [:]

    func version(_ table: TableID, _ key: [UInt8]) -> Version? {
        tables[table]?.versions[key]
    }

    /// What waits in quarantine of an item, in order.
    func quarantine(_ table: TableID, _ key: [UInt8]) -> [Stamp] {
        tables[table]?.quarantine[key] ?? []
    }

    mutating func setAside(_ stamp: Stamp, _ table: TableID, _ key: [UInt8]) {
        tables[table, default: TableModel(number: 0)].quarantine[key, default: []].append(stamp)
    }

    mutating func set(_ version: Version, _ table: TableID, _ key: [UInt8]) {
        tables[table, default: TableModel(number: 0)].versions[key] = version
    }

    /// What a version was is gone; that it was there is known.
    mutating func setDeleted(_ version: Version, _ table: TableID, _ key: [UInt8]) {
        let mark = Version(
            stamp: version.stamp,
            isTombstone: true,
            expired: nil,
            floor: version.floor,
            seen: version.seen,
        )
        set(mark, table, key)
    }

    /// A copy has been merged: what stands under its keys has seen all that its source had.
    mutating func joinUnmarked(_ table: TableID) {
        for (key, seen) in tables[table]?.unmarked ?? [:] {
            tables[table]?.versions[key]?.seen.join(seen)
        }
        tables[table]?.unmarked = [:]
    }

    /// Lets a version that was merged stand, whatever it met there.
    mutating func prefer(_ version: Version, _ table: TableID, _ key: [UInt8]) {
        var preferred = version
        if let merged = self.version(table, key) { preferred.seen.join(merged.seen) }
        set(preferred, table, key)
    }

    /// Merges a change, or a row, behind which there may be more than what its write had seen.
    mutating func merge(
        _ incoming: Version,
        _ table: TableID,
        _ key: [UInt8],
        isRow: Bool = false,
    ) -> Outcome {
        guard let stored = version(table, key) else {
            set(incoming, table, key)
            return .newer
        }
        if stored.seen.covers(incoming.stamp) {
            var joined = stored
            joined.seen.join(incoming.seen)
            if isRow { set(joined, table, key) }
            return .stale
        }
        let isNewer = incoming.seen.covers(stored.stamp)
        let isGreater = stored.place.lexicographicallyPrecedes(incoming.place)
        var winner = isNewer || isGreater ? incoming : stored
        winner.seen = stored.seen
        winner.seen.join(incoming.seen)
        set(winner, table, key)
        if isNewer { return .newer }
        // Two regions that expire one version are of one mind.
        if incoming.expired != nil, incoming.expired == stored.expired {
            return isGreater ? .newer : .stale
        }
        let loser = winner.stamp == incoming.stamp ? stored.stamp : incoming.stamp
        return .conflict(winner: winner.stamp, loser: loser)
    }
}
