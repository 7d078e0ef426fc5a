package import Causality
package import Changes

/// For each table with changes in quarantine, how much that is, and a time at or below all of theirs:
/// its floor.
///
/// **Problem.** The applied vector is the cursor and moves past a change that was set aside, so the
/// link goes on. But the vector is also read as "this region has seen all that": as the floor of its
/// writes, as the horizon below which deletes are forgotten, as what it claims to its peers. A write
/// here over an item with such a change has *not* seen it. If it said so, every other region would
/// put it in the place of that change without a record; and if a base rose above the change, it would
/// come too late when it is merged at last.
///
/// **Rule.** While a table has changes in quarantine, what its region says to have seen of it ends
/// before the first of them: its stable time, with it the floor of its writes, its horizon and base,
/// and the vectors it claims to its peers, with them *their* horizons. The cursor does not. Nothing
/// is copied from such a table.
///
/// The floor stays where it is until the table's quarantine is empty, also when the earliest change
/// is merged before: a floor that is lower than it need be costs longer vectors and nothing else.
package struct QuarantineSummary: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package var floor: HybridTime
        package var changes: UInt64
        /// Of the changes as they came.
        package var bytes: UInt64
    }

    private var entries: [TableID: Entry] = [:]

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    /// The tables that have changes in quarantine, sorted.
    package var tables: [TableID] { entries.keys.sorted() }

    /// Of all tables together.
    package var changes: UInt64 { entries.values.reduce(0) { $0 + $1.changes } }
    package var bytes: UInt64 { entries.values.reduce(0) { $0 + $1.bytes } }

    /// Nil for a table without changes in quarantine.
    package subscript(table: TableID) -> Entry? { entries[table] }

    /// Takes note of one more change.
    mutating func add(_ table: TableID, at time: HybridTime, bytes: Int) {
        var entry = entries[table] ?? Entry(floor: time, changes: 0, bytes: 0)
        entry.floor = min(entry.floor, time)
        entry.changes += 1
        entry.bytes += UInt64(bytes)
        entries[table] = entry
    }

    /// Takes note that a change left; with the last one the floor goes.
    mutating func remove(_ table: TableID, bytes: Int) {
        guard var entry = entries[table] else { return }
        precondition(entry.changes > 0, "what leaves the quarantine was in it")
        entry.changes -= 1
        entry.bytes -= min(entry.bytes, UInt64(bytes))
        entries[table] = entry.changes == 0 ? nil : entry
    }

    /// - Returns: whether the table had changes in quarantine.
    mutating func forget(_ table: TableID) -> Bool {
        entries.removeValue(forKey: table) != nil
    }

    /// A vector as what has been seen of a table.
    package func seen(_ vector: VersionVector, of table: TableID) -> VersionVector {
        guard let entry = entries[table] else { return vector }
        return vector.limited(to: entry.floor.previous)
    }

    /// A time as one through which all of a table has been seen.
    func seen(_ time: HybridTime, of table: TableID) -> HybridTime {
        guard let entry = entries[table] else { return time }
        return min(time, entry.floor.previous)
    }

    package static func read(from store: any StoreReader) throws -> QuarantineSummary {
        guard let bytes = try store.get(.meta, MetaKey.quarantine) else {
            return QuarantineSummary()
        }
        return try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var summary = QuarantineSummary()
            for _ in 0..<(try reader.count(bytesEach: 40)) {
                let table = try reader.table()
                let floor = try reader.time()
                let changes = try reader.uint64()
                summary.entries[table] =
                    Entry(floor: floor, changes: changes, bytes: try reader.uint64())
            }
            return summary
        }
    }

    func store(in transaction: any StoreTransaction) throws {
        guard !isEmpty else { return try transaction.delete(.meta, MetaKey.quarantine) }
        var writer = ByteWriter(reserving: 8 + 40 * entries.count)
        writer.count(entries.count)
        for (table, entry) in entries.sorted(by: { $0.key < $1.key }) {
            writer.table(table)
            writer.time(entry.floor)
            writer.uint64(entry.changes)
            writer.uint64(entry.bytes)
        }
        try transaction.put(.meta, MetaKey.quarantine, writer.bytes)
    }
}
