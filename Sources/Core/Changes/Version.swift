package import Causality

/// An item as a region stores it: its image, or none for a tombstone, with stamp and ancestry.
///
/// Invariants: the ancestry covers the stamp; nothing in it counts toward the item's size.
package struct Version: Hashable, Sendable {
    package var stamp: Stamp
    package var ancestry: Ancestry
    /// The item in its stored form; nil where the item is deleted.
    package var image: [UInt8]?
    /// The item's size by the API's rules; 0 for a tombstone.
    package var sizeBytes: Int
    /// For a delete by time to live, the stamp of the version that it expired; see `Rank`.
    package var expired: Stamp?
    /// How many items its transaction wrote; 0 for a write of its own.
    package var transactionItems: UInt8

    package init(
        stamp: Stamp,
        ancestry: Ancestry,
        image: [UInt8]?,
        sizeBytes: Int,
        expired: Stamp? = nil,
        transactionItems: UInt8 = 0,
    ) {
        self.transactionItems = transactionItems
        self.stamp = stamp
        self.expired = expired
        self.ancestry = ancestry
        self.ancestry.include(stamp)
        self.image = image
        self.sizeBytes = sizeBytes
    }

    package var isTombstone: Bool { image == nil }

    /// What the merge rule looks at.
    package var contender: Merge.Contender {
        Merge.Contender(stamp, ancestry, expired: expired)
    }
}

/// The stored form of a version: `flags, stamp, ancestry, size, image to the end`; of an expiry the
/// stamp of what it expired stands in the image's place, and of a transaction's the number of its
/// items before the image.
extension Version {
    private static let tombstoneFlag: UInt8 = 1
    private static let expiryFlag: UInt8 = 2
    static let transactionFlag: UInt8 = 4
    private static let knownFlags: UInt8 = tombstoneFlag | expiryFlag | transactionFlag

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 64 + (image?.count ?? 0))
        var flags = isTombstone ? Version.tombstoneFlag : 0
        if expired != nil { flags |= Version.expiryFlag }
        if transactionItems > 0 { flags |= Version.transactionFlag }
        writer.byte(flags)
        writer.stamp(stamp)
        writer.ancestry(ancestry)
        writer.uint32(UInt32(clamping: sizeBytes))
        if transactionItems > 0 { writer.byte(transactionItems) }
        if let expired { writer.stamp(expired) }
        if let image { writer.raw(image) }
        return writer.bytes
    }

    package init(decoding buffer: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var reader = ByteReader(buffer)
        let head = try Head(&reader)
        self.init(
            stamp: head.stamp,
            ancestry: head.ancestry,
            image: head.isTombstone ? nil : [UInt8](reader.rest()),
            sizeBytes: head.sizeBytes,
            expired: head.isExpiry ? try reader.stamp() : nil,
            transactionItems: head.transactionItems,
        )
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        let outcome: Result<Version, MalformedBytes> = bytes.withUnsafeBytes { buffer in
            do throws(MalformedBytes) {
                return .success(try Version(decoding: buffer))
            } catch {
                return .failure(error)
            }
        }
        self = try outcome.get()
    }

    /// A stored version's image without a copy: the fast path of reads.
    ///
    /// Nil for a tombstone.
    package static func image(
        of buffer: UnsafeRawBufferPointer
    ) throws(MalformedBytes) -> (image: UnsafeRawBufferPointer, sizeBytes: Int)? {
        var reader = ByteReader(buffer)
        let flags = try reader.byte()
        guard flags & ~knownFlags == 0 else { throw MalformedBytes("unknown version flags") }
        if flags & tombstoneFlag != 0 { return nil }
        _ = try reader.take(8)
        try skipOrigin(&reader)
        _ = try reader.take(8)
        for _ in 0..<(try reader.count(bytesEach: 19)) {
            try skipOrigin(&reader)
            _ = try reader.take(8)
        }
        let size = Int(try reader.uint32())
        if flags & transactionFlag != 0 { _ = try reader.byte() }
        return (reader.rest(), size)
    }

    /// What tells a stored version from another, where it lies.
    package struct Parts {
        package let isTombstone: Bool
        /// As `ByteWriter.stamp` writes it.
        package let stamp: UnsafeRawBufferPointer
        /// Empty for a tombstone.
        package let image: UnsafeRawBufferPointer
    }

    /// A stored version's stamp and image without making anything of them: for digests.
    package static func parts(
        of buffer: UnsafeRawBufferPointer
    ) throws(MalformedBytes) -> Parts {
        var reader = ByteReader(buffer)
        _ = try reader.take(9)
        try skipOrigin(&reader)
        let stamp = UnsafeRawBufferPointer(rebasing: buffer[1..<reader.offset])
        let image = try image(of: buffer)?.image
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        return Parts(isTombstone: image == nil, stamp: stamp, image: image ?? nothing)
    }

    private static func skipOrigin(_ reader: inout ByteReader) throws(MalformedBytes) {
        let count = Int(try reader.byte())
        _ = try reader.take(count + 10)
    }

    private struct Head {
        let isTombstone: Bool
        let isExpiry: Bool
        let stamp: Stamp
        let ancestry: Ancestry
        let sizeBytes: Int
        let transactionItems: UInt8

        init(_ reader: inout ByteReader) throws(MalformedBytes) {
            let flags = try reader.byte()
            guard flags & ~Version.knownFlags == 0 else {
                throw MalformedBytes("unknown version flags")
            }
            isTombstone = flags & Version.tombstoneFlag != 0
            isExpiry = flags & Version.expiryFlag != 0
            guard isTombstone || !isExpiry else { throw MalformedBytes("an expiry with an image") }
            stamp = try reader.stamp()
            ancestry = try reader.ancestry()
            sizeBytes = Int(try reader.uint32())
            transactionItems = flags & Version.transactionFlag != 0 ? try reader.byte() : 0
        }
    }
}
