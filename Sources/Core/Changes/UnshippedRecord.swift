package import Causality

/// A change that a region wrote and shipped to nobody before it was removed from its table.
package struct UnshippedRecord: Equatable, Sendable {
    /// The table's name; its id is in the change.
    package var table: String
    package var origin: Origin
    /// As `ChangeCoding.next` frames it, without the length before it.
    package var change: [UInt8]
    /// When it was merged on an operator's word; 0 for never.
    package var mergedMilliseconds: UInt64 = 0

    package init(table: String, origin: Origin, change: [UInt8]) {
        self.table = table
        self.origin = origin
        self.change = change
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 96 + change.count)
        writer.text(table)
        writer.origin(origin)
        writer.uint64(mergedMilliseconds)
        writer.block(change)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.text()
            let origin = try reader.origin()
            let merged = try reader.uint64()
            var record = UnshippedRecord(
                table: table,
                origin: origin,
                change: try reader.block(),
            )
            record.mergedMilliseconds = merged
            return record
        }
    }

    package func decoded() throws(MalformedBytes) -> Change {
        try ChangeCoding.decode(change, origin: origin)
    }

    /// Its row in `Keyspace.unshipped`: the changes of one item follow each other in order.
    package func key() throws(MalformedBytes) -> [UInt8] {
        let change = try decoded()
        var writer = ByteWriter(reserving: 80 + change.key.count)
        writer.table(change.table)
        writer.block(change.key)
        writer.stamp(change.version.stamp)
        writer.uint16(change.ordinal)
        return writer.bytes
    }

    /// What the rows of one item begin with, from a row of it.
    package static func itemPrefix(of row: [UInt8]) throws(MalformedBytes) -> [UInt8] {
        try ByteReader.reading(row, whole: false) { (reader) throws(MalformedBytes) in
            var writer = ByteWriter(reserving: row.count)
            writer.table(try reader.table())
            writer.block(try reader.block())
            return writer.bytes
        }
    }
}
