import Causality
import Changes

/// The truth about a run: every change that became durable at its origin, in commit order, with what
/// it had really seen.
///
/// Read back from the origin's history after each commit, so it says what is durable, not what was
/// asked for.
struct Ledger {
    struct Record {
        let change: Change
        /// What the write had seen, its own stamp included.
        ///
        /// Entries only, no floors, and nothing is ever forgotten. What the engine claims with floors and bases is measured against it.
        let seen: VersionVector
        /// The version that it expired, by what was current where a sweep made it.
        let expired: Stamp?
        /// The operation that made it; nil for a region's own reactions.
        let operation: Int?
    }

    struct Item: Hashable {
        let table: TableID
        let key: [UInt8]
    }

    private var records: [Origin: [Record]] = [:]
    /// The greatest own entry that was durable, for each origin.
    private(set) var durable: [Origin: HybridTime] = [:]
    /// In the order of their first commit.
    private(set) var origins: [Origin] = []
    private(set) var count = 0
    /// Those of which a disk has lost some: what no other had received is gone.
    private(set) var torn: Set<Origin> = []

    /// The regions that were started from older copies of their files.
    var putBack: Set<String> { torn.isEmpty ? [] : Set(torn.map(\.region)) }

    private struct Name: Hashable {
        let stamp: Stamp
        let table: TableID
        let key: [UInt8]

        init(_ change: Change) {
            stamp = change.version.stamp
            table = change.table
            key = change.key
        }
    }

    private var withdrawn: Set<Name> = []

    /// A removed region keeps a change aside that it shipped to nobody.
    mutating func withdraw(_ change: Change) {
        withdrawn.insert(Name(change))
    }

    func isWithdrawn(_ change: Change) -> Bool {
        !withdrawn.isEmpty && withdrawn.contains(Name(change))
    }

    subscript(origin: Origin) -> [Record] { records[origin] ?? [] }

    mutating func begin(_ origin: Origin) {
        guard records[origin] == nil else { return }
        records[origin] = []
        origins.append(origin)
    }

    mutating func append(_ record: Record) {
        let origin = record.change.version.stamp.origin
        begin(origin)
        records[origin]?.append(record)
        count += 1
    }

    mutating func raiseDurable(_ origin: Origin, to time: HybridTime) {
        durable[origin] = max(durable[origin] ?? .zero, time)
    }

    mutating func tear(_ origin: Origin) {
        torn.insert(origin)
    }

    func last(of origin: Origin) -> Record? { records[origin]?.last }

    /// The records of an origin with `after` < time ≤ `through`.
    func records(of origin: Origin, after: HybridTime, through: HybridTime) -> ArraySlice<Record> {
        guard let all = records[origin] else { return [] }
        let from = Ledger.firstIndex(in: all, after: after)
        let to = Ledger.firstIndex(in: all, after: through)
        return all[from..<max(from, to)]
    }

    func record(of stamp: Stamp, table: TableID, key: [UInt8]) -> Record? {
        guard let all = records[stamp.origin] else { return nil }
        var index = Ledger.firstIndex(in: all, notBefore: stamp.time)
        while index < all.count, all[index].change.version.stamp.time == stamp.time {
            let change = all[index].change
            if change.table == table, change.key == key { return all[index] }
            index += 1
        }
        return nil
    }

    /// All that the operation wrote which wrote at a stamp; empty for what no operation wrote.
    func transaction(of stamp: Stamp) -> ArraySlice<Record> {
        guard let all = records[stamp.origin] else { return [] }
        let from = Ledger.firstIndex(in: all, notBefore: stamp.time)
        guard from < all.count, let operation = all[from].operation else { return [] }
        return all[from...].prefix {
            $0.change.version.stamp.time == stamp.time && $0.operation == operation
        }
    }

    private static func firstIndex(in records: [Record], after time: HybridTime) -> Int {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].change.version.stamp.time <= time {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private static func firstIndex(in records: [Record], notBefore time: HybridTime) -> Int {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].change.version.stamp.time < time {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
