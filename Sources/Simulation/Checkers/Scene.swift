import Causality
import Changes
import Engine

/// What a checker looks at: one region right after a commit, beside the truth.
struct Scene {
    let region: SimulatedRegion
    let engine: RegionEngine
    let store: any StoreReader
    let ledger: Ledger

    var name: String { region.name }
    var model: RegionModel { region.model }

    func row(_ table: Table, _ key: [UInt8]) throws -> Version? {
        try store.get(.items, table.row(key)).map(Version.init(decoding:))
    }

    /// All rows of a table, in key order.
    func rows(of table: Table) throws -> [(key: [UInt8], version: Version)] {
        var rows: [(key: [UInt8], version: Version)] = []
        try store.range(.items, from: table.rowPrefix, to: table.rowEnd, reversed: false) {
            key,
            value in
            rows.append(([UInt8](key[Table.rowPrefixBytes...]), try Version(decoding: value)))
            return true
        }
        return rows
    }

    /// The record of a conflict that a commit met; nil if it is not in the log.
    func conflict(
        _ conflict: Replay.Conflict,
        in table: Table,
        since commit: Commit,
    ) throws -> ConflictRecord? {
        var found: ConflictRecord?
        try store.range(
            .conflicts,
            from: ConflictKey.first(table: table.number, from: commit.wallMilliseconds),
            to: table.rowEnd,
            reversed: false,
        ) { _, value in
            let record = try ConflictRecord(decoding: [UInt8](value))
            let isIt =
                record.key == conflict.key && record.loser.stamp == conflict.loser
                && record.winner.stamp == conflict.winner
            if isIt { found = record }
            return !isIt
        }
        return found
    }

    /// All changes of an origin in this region's history, in order.
    func history(of origin: Origin) throws -> [Change] {
        var changes: [Change] = []
        try store.range(
            .history,
            from: SegmentKey.firstAfter(.zero, of: origin),
            to: SegmentKey.end(of: origin),
            reversed: false,
        ) { _, value in
            var reader = ByteReader(value)
            _ = try Segment.Head(&reader)
            while let framed = try ChangeCoding.next(&reader) {
                changes.append(try ChangeCoding.decode(framed, origin: origin))
            }
            return true
        }
        return changes
    }
}

/// How a checker shows a key.
func shown(_ key: [UInt8]) -> String {
    String(decoding: key.dropFirst(2).map { (32..<127).contains($0) ? $0 : 46 }, as: UTF8.self)
}
