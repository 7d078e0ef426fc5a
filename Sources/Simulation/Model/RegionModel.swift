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
        /// Everything that is behind the version.
        var seen: VersionVector
    }

    struct TableModel {
        /// The region's local number of the table: a table that left and came again has another.
        var number: UInt32
        var versions: [[UInt8]: Version] = [:]
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

    mutating func set(_ version: Version, _ table: TableID, _ key: [UInt8]) {
        tables[table, default: TableModel(number: 0)].versions[key] = version
    }

    mutating func merge(_ incoming: Version, _ table: TableID, _ key: [UInt8]) -> Outcome {
        guard let stored = version(table, key) else {
            set(incoming, table, key)
            return .newer
        }
        if stored.seen.covers(incoming.stamp) { return .stale }
        let isNewer = incoming.seen.covers(stored.stamp)
        var winner = isNewer || incoming.stamp > stored.stamp ? incoming : stored
        winner.seen = stored.seen
        winner.seen.join(incoming.seen)
        set(winner, table, key)
        if isNewer { return .newer }
        let loser = winner.stamp == incoming.stamp ? stored.stamp : incoming.stamp
        return .conflict(winner: winner.stamp, loser: loser)
    }
}
