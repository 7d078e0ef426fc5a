package import Causality

/// A change that puts an image and is nothing else, where it lies in its batch: no delete, no expiry,
/// not of a transaction.
///
/// Most changes are such, and most were written over the very version that is stored. What the
/// merge rule says of these can be read from the bytes, and what is stored then are bytes of the
/// change: making values of both versions and writing the winner out again cost the writer about a
/// third of its time in a catch-up (`WriteGroup.mergePlainly`). Everything else goes through `Version`
/// and `Merge`, which are the rule.
package struct PlainChange {
    package let time: HybridTime
    package let ordinal: UInt16
    package let table: TableID
    package let key: UnsafeRawBufferPointer
    package let ancestry: AncestryBytes
    package let sizeBytes: Int
    package let image: UnsafeRawBufferPointer
    /// Ancestry, size and image: they stand the same way in a stored version.
    package let versionTail: UnsafeRawBufferPointer

    /// Reads one change as it is framed, without the length; the bytes outlive this.
    ///
    /// Nil for every change that is not plain.
    package init?(_ bytes: UnsafeRawBufferPointer, origin: OriginBytes) {
        var reader = ByteReader(bytes)
        guard let time = try? reader.time(), let ordinal = try? reader.uint16(),
            let flags = try? reader.byte(), flags == 0, let table = try? reader.table(),
            let keyCount = try? reader.count(), let key = try? reader.take(keyCount)
        else { return nil }
        let start = reader.offset
        guard let ancestry = AncestryBytes(&reader), let size = try? reader.uint32(),
            // A version's ancestry covers its own stamp, whatever the bytes say.
            ancestry.covers(time, of: origin)
        else { return nil }
        self.time = time
        self.ordinal = ordinal
        self.table = table
        self.key = key
        self.ancestry = ancestry
        sizeBytes = Int(size)
        image = reader.rest()
        versionTail = reader.passed(since: start)
    }

    /// Whether the merge rule finds this change newer than what is stored, and the joined ancestry is
    /// its own: then the version to store is the change as it is.
    package func replaces(_ stored: StoredVersion, origin: OriginBytes) -> Bool {
        // An equal stamp is covered too.
        !stored.ancestry.covers(time, of: origin)
            && ancestry.covers(stored.time, of: stored.origin)
            && ancestry.holds(stored.ancestry)
    }

    /// Appends what stands before `versionTail` in the stored form of the change's version.
    package func appendVersionHead(of origin: OriginBytes, to writer: inout ByteWriter) {
        writer.byte(0)
        writer.time(time)
        writer.raw(origin.bytes)
    }
}

/// A stored version that holds an image, where it lies.
package struct StoredVersion {
    package let time: HybridTime
    package let origin: OriginBytes
    package let ancestry: AncestryBytes
    package let sizeBytes: Int
    package let image: UnsafeRawBufferPointer

    /// Nil for tombstones, and for what is not as `Version.encoded` writes it.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let flags = try? reader.byte(), flags & ~Version.transactionFlag == 0,
            let time = try? reader.time(), let origin = OriginBytes(&reader),
            let ancestry = AncestryBytes(&reader), let size = try? reader.uint32()
        else { return nil }
        if flags != 0 {
            guard (try? reader.byte()) != nil else { return nil }
        }
        self.time = time
        self.origin = origin
        self.ancestry = ancestry
        sizeBytes = Int(size)
        image = reader.rest()
    }
}
