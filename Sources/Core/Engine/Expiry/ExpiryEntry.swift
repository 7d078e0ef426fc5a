package import Changes
import Items

/// The keys of `Keyspace.expiries`, and when an item expires.
package enum ExpiryEntry {
    static func key(_ number: UInt32, _ seconds: UInt64, _ item: [UInt8] = []) -> [UInt8] {
        var writer = ByteWriter(reserving: headBytes + item.count)
        writer.uint32(number)
        writer.uint64(seconds)
        writer.raw(item)
        return writer.bytes
    }

    private static let headBytes = 12

    static func decode(
        _ key: UnsafeRawBufferPointer
    ) throws(MalformedBytes) -> (seconds: UInt64, item: [UInt8]) {
        var reader = ByteReader(key)
        _ = try reader.uint32()
        let seconds = try reader.uint64()
        return (seconds, [UInt8](reader.rest()))
    }

    /// When an item expires, in whole seconds since 1970; nil if never.
    ///
    /// Only a number counts, and its fraction does not.
    static func seconds(of image: UnsafeRawBufferPointer, _ attribute: Text) -> UInt64? {
        Item.number(named: attribute, stored: image)?.wholeMagnitude
    }

    static func seconds(of version: Version?, _ attribute: Text) -> UInt64? {
        version?.image?.withUnsafeBytes { seconds(of: $0, attribute) }
    }

    /// The key of the entry that an item has to have; nil for none.
    package static func key(
        of version: Version,
        at item: [UInt8],
        in expiry: TableState.Expiry,
    ) -> [UInt8]? {
        seconds(of: version, expiry.attribute).map { key(expiry.number, $0, item) }
    }
}
