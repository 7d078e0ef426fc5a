package import Causality

/// One write to one item, as its origin accepted it: what the history keeps and links carry.
///
/// It ships with the image it produced, never with the expression that made it, and never changes
/// afterwards: a relay passes it on as it is.
package struct Change: Hashable, Sendable {
    package let table: TableID
    /// The item's ordered key bytes.
    package let key: [UInt8]
    /// Position among the changes of one time: 0 for all but transactions.
    package let ordinal: UInt16
    /// The version as it was *written*: its ancestry is what the write had seen.
    package let version: Version

    package init(table: TableID, key: [UInt8], ordinal: UInt16, version: Version) {
        self.table = table
        self.key = key
        self.ordinal = ordinal
        self.version = version
    }
}

/// The changes of one origin in a row, one after another: `length, time, ordinal, flags, table,
/// key, ancestry, size, image`; of an expiry the stamp of what it expired stands in the image's
/// place, and of a transaction's the number of its items before the image.
///
/// The origin is said once, by whoever holds the bytes. The head, through the key, is the same in all
/// versions of the program; flags that are not known say that what is behind it is of another form.
/// So a change that cannot be read still says which item it is about (`Head`), and can be set aside.
package enum ChangeCoding {
    /// Length, time, ordinal, flags, table, an empty key and no ancestry, size.
    package static let bytesMin = 45

    private static let deleteFlag: UInt8 = 1
    private static let expiryFlag: UInt8 = 2
    static let transactionFlag: UInt8 = 4

    package static func append(_ change: Change, to writer: inout ByteWriter) {
        append(framed: &writer) { writer in
            writer.time(change.version.stamp.time)
            writer.uint16(change.ordinal)
            var flags = change.version.isTombstone ? deleteFlag : 0
            if change.version.expired != nil { flags |= expiryFlag }
            let items = change.version.transactionItems
            if items > 0 { flags |= transactionFlag }
            writer.byte(flags)
            writer.table(change.table)
            writer.block(change.key)
            writer.ancestry(change.version.ancestry)
            writer.uint32(UInt32(clamping: change.version.sizeBytes))
            if items > 0 { writer.byte(items) }
            if let expired = change.version.expired { writer.stamp(expired) }
            if let image = change.version.image { writer.raw(image) }
        }
    }

    /// Appends a length and what `body` writes, which has that length.
    static func append(framed writer: inout ByteWriter, _ body: (inout ByteWriter) -> Void) {
        let start = writer.bytes.count
        writer.uint32(0)
        body(&writer)
        let length = UInt32(writer.bytes.count - start - 4)
        withUnsafeBytes(of: length.bigEndian) { bytes in
            for index in 0..<4 { writer.bytes[start + index] = bytes[index] }
        }
    }

    /// One change's bytes without the length before them, with what a reader needs to choose.
    package struct Framed {
        package let bytes: UnsafeRawBufferPointer
        package let time: HybridTime
        package let table: TableID
    }

    /// What stands before the form that the flags announce.
    package struct Head: Equatable, Sendable {
        package let time: HybridTime
        package let ordinal: UInt16
        package let flags: UInt8
        package let table: TableID
        package let key: [UInt8]

        package init(_ reader: inout ByteReader) throws(MalformedBytes) {
            time = try reader.time()
            ordinal = try reader.uint16()
            flags = try reader.byte()
            table = try reader.table()
            key = try reader.block()
        }
    }

    /// The next change of a row, not decoded further; nil at the end.
    package static func next(
        _ reader: inout ByteReader
    ) throws(MalformedBytes) -> Framed? {
        guard reader.remaining > 0 else { return nil }
        let length = Int(try reader.uint32())
        let bytes = try reader.take(length)
        var inner = ByteReader(bytes)
        let time = try inner.time()
        _ = try inner.take(3)
        return Framed(bytes: bytes, time: time, table: try inner.table())
    }

    package static func decode(
        _ framed: Framed,
        origin: Origin,
    ) throws(MalformedBytes) -> Change {
        try decode(framed.bytes, origin: origin)
    }

    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        origin: Origin,
    ) throws(MalformedBytes) -> Change {
        var reader = ByteReader(bytes)
        let head = try Head(&reader)
        return try decode(head, &reader, origin: origin)
    }

    /// A whole change, as it is framed, without the length before it.
    static func decode(_ bytes: [UInt8], origin: Origin) throws(MalformedBytes) -> Change {
        let outcome: Result<Change, MalformedBytes> = bytes.withUnsafeBytes { bytes in
            do throws(MalformedBytes) {
                return .success(try decode(bytes, origin: origin))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// The rest of a change whose head has been read.
    package static func decode(
        _ head: Head,
        _ reader: inout ByteReader,
        origin: Origin,
    ) throws(MalformedBytes) -> Change {
        let flags = head.flags
        guard flags & ~(deleteFlag | expiryFlag | transactionFlag) == 0,
            flags & expiryFlag == 0 || flags & deleteFlag != 0
        else {
            throw MalformedBytes("unknown change flags")
        }
        let ancestry = try reader.ancestry()
        let size = Int(try reader.uint32())
        let items = flags & transactionFlag != 0 ? try reader.byte() : 0
        let expired = flags & expiryFlag != 0 ? try reader.stamp() : nil
        let image = flags & deleteFlag == 0 ? [UInt8](reader.rest()) : nil
        if reader.remaining > 0 { throw MalformedBytes("a delete with an image") }
        let version = Version(
            stamp: Stamp(time: head.time, origin: origin),
            ancestry: ancestry,
            image: image,
            sizeBytes: size,
            expired: expired,
            transactionItems: items,
        )
        return Change(table: head.table, key: head.key, ordinal: head.ordinal, version: version)
    }

    package static func decodeAll(
        _ bytes: [UInt8],
        origin: Origin,
    ) throws(MalformedBytes) -> [Change] {
        try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var changes: [Change] = []
            while let framed = try next(&reader) {
                changes.append(try decode(framed, origin: origin))
            }
            return changes
        }
    }
}
