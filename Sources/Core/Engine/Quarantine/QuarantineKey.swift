import Causality
package import Changes

/// The keys of `Keyspace.quarantine`: the changes of one item in the order in which they came.
package enum QuarantineKey {
    package static func key(_ table: UInt32, _ item: [UInt8], _ sequence: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: 16 + item.count)
        writer.raw(prefix(table, item))
        writer.uint64(sequence)
        return writer.bytes
    }

    /// What the keys of all changes of one item begin with, and no other's: the item's key stands
    /// behind its length.
    static func prefix(_ table: UInt32, _ item: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(reserving: 16 + item.count)
        writer.uint32(table)
        writer.block(item)
        return writer.bytes
    }

    /// The first key after those of an item.
    static func end(_ table: UInt32, _ item: [UInt8]) -> [UInt8] {
        key(table, item, .max) + [0]
    }

    package static func decode(
        _ key: [UInt8]
    ) throws(MalformedBytes) -> (table: UInt32, item: [UInt8], sequence: UInt64) {
        try ByteReader.reading(key) { (reader) throws(MalformedBytes) in
            let table = try reader.uint32()
            let item = try reader.block()
            return (table, item, try reader.uint64())
        }
    }
}

/// The keys of `Keyspace.discards`.
enum DiscardKey {
    static func key(
        _ table: UInt32,
        _ milliseconds: UInt64,
        _ stamp: Stamp,
        _ item: [UInt8],
    ) -> [UInt8] {
        var writer = ByteWriter(reserving: 64 + item.count)
        writer.uint32(table)
        writer.uint64(milliseconds)
        writer.stamp(stamp)
        writer.raw(item)
        return writer.bytes
    }
}
