package import Causality

/// A run of one origin's changes as the history stores them: all that one commit wrote, or all that
/// one batch brought.
///
/// One row for many changes: the history costs one append a commit, and a feed copies whole
/// segments. Invariant: records are in `(time, ordinal)` order, and no two segments of an origin
/// split a time of one table.
package struct Segment: Equatable, Sendable {
    /// How many changes the origin had made before this segment; 0 in segments received.
    package let sequence: UInt64
    package let count: Int
    /// The tables that occur in the records, sorted.
    package let tables: [TableID]
    /// As `ChangeCoding` writes them.
    package let records: [UInt8]

    package init(sequence: UInt64, count: Int, tables: [TableID], records: [UInt8]) {
        self.sequence = sequence
        self.count = count
        self.tables = tables
        self.records = records
    }

    package func encoded() -> [UInt8] {
        encodedHead() + records
    }

    /// What stands before the records.
    package func encodedHead() -> [UInt8] {
        var writer = ByteWriter(reserving: 32 + 16 * tables.count)
        writer.uint64(sequence)
        writer.count(count)
        writer.tables(tables)
        return writer.bytes
    }

    /// What stands before the records.
    package struct Head {
        package let sequence: UInt64
        package let count: Int
        package let tables: [TableID]

        package init(_ reader: inout ByteReader) throws(MalformedBytes) {
            sequence = try reader.uint64()
            count = try reader.count()
            tables = try reader.tables()
        }
    }
}

/// The keys of the history's rows: origin, last time, a local number that keeps two segments apart
/// that end at one time (two groups of tables, fed separately).
package enum SegmentKey {
    package static func key(origin: Origin, last: HybridTime, number: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: 64)
        writer.origin(origin)
        writer.time(last)
        writer.uint64(number)
        return writer.bytes
    }

    /// The least key of a segment of `origin` that holds something after `time`.
    package static func firstAfter(_ time: HybridTime, of origin: Origin) -> [UInt8] {
        var writer = ByteWriter(reserving: 64)
        writer.origin(origin)
        writer.time(time.next)
        return writer.bytes
    }

    /// The least key of a segment of `origin` that may hold something of `time`.
    package static func first(at time: HybridTime, of origin: Origin) -> [UInt8] {
        var writer = ByteWriter(reserving: 64)
        writer.origin(origin)
        writer.time(time)
        return writer.bytes
    }

    /// Greater than all keys of an origin's segments.
    package static func end(of origin: Origin) -> [UInt8] {
        var writer = ByteWriter(reserving: 64)
        writer.origin(origin)
        for _ in 0..<17 { writer.byte(0xff) }
        return writer.bytes
    }

    package static func decode(
        _ key: UnsafeRawBufferPointer
    ) throws(MalformedBytes) -> (origin: Origin, last: HybridTime) {
        var reader = ByteReader(key)
        let origin = try reader.origin()
        return (origin, try reader.time())
    }
}
