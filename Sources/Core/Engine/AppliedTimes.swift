package import Causality
package import Changes

/// For each table and origin, the time through which this region holds all of that origin's changes
/// to the table: the replication cursor, and the only one.
///
/// Stored by origin: one row says for which tables which time holds, so that a batch moves all its
/// tables with one `put`, and tables in step share an entry. The present incarnation's entry is the
/// same for every table and lives with the clock (`ClockRow`); it is not in here.
package struct AppliedTimes: Sendable {
    private var vectors: [TableID: VersionVector] = [:]
    /// Counts the changes made to this value, so that what was derived from it is known to be current.
    private(set) var version: UInt64 = 0

    package init() {}

    /// Reads all rows.
    package init(reading store: any StoreReader) throws {
        var vectors: [TableID: VersionVector] = [:]
        try store.range(.applied, from: [], to: nil, reversed: false) { key, value in
            var keyReader = ByteReader(key)
            let origin = try keyReader.origin()
            var reader = ByteReader(value)
            for _ in 0..<(try reader.count(bytesEach: 9)) {
                let time = try reader.time()
                for table in try reader.tables() {
                    vectors[table, default: VersionVector()].raise(origin, to: time)
                }
            }
            return true
        }
        self.vectors = vectors
    }

    /// Without the present incarnation's own entry.
    package subscript(table: TableID) -> VersionVector {
        vectors[table] ?? VersionVector()
    }

    package var origins: [Origin] {
        Set(vectors.values.flatMap { $0.entries.map(\.origin) }).sorted()
    }

    /// The greatest time of an origin that any table has.
    func greatest(of origin: Origin) -> HybridTime {
        vectors.values.reduce(.zero) { max($0, $1[origin]) }
    }

    mutating func raise(_ origin: Origin, to time: HybridTime, for tables: [TableID]) {
        version += 1
        for table in tables { vectors[table, default: VersionVector()].raise(origin, to: time) }
    }

    mutating func set(_ vector: VersionVector, for table: TableID) {
        version += 1
        vectors[table] = vector
    }

    mutating func remove(_ table: TableID) {
        version += 1
        vectors[table] = nil
    }

    static func key(of origin: Origin) -> [UInt8] {
        var writer = ByteWriter()
        writer.origin(origin)
        return writer.bytes
    }

    /// The stored row of an origin.
    func row(of origin: Origin) -> [UInt8] {
        var tables: [HybridTime: [TableID]] = [:]
        for (table, vector) in vectors where vector[origin] > .zero {
            tables[vector[origin], default: []].append(table)
        }
        var writer = ByteWriter(reserving: 16 * vectors.count)
        writer.count(tables.count)
        for time in tables.keys.sorted() {
            writer.time(time)
            writer.tables((tables[time] ?? []).sorted())
        }
        return writer.bytes
    }
}
