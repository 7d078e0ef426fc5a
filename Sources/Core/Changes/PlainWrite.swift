package import Causality

/// A write of an image by this region, on its way into bytes, over a version that is read where it lies.
///
/// What `Version.encoded` and `ChangeCoding.append` make of the same write, without values of the
/// versions before and after: these took five arrays, and with reading the version before an eighth of
/// the instructions of a put (`WriteGroup.writePlainly`).
package struct PlainWrite {
    /// The time of the write, above `floor`, and the origin that makes it.
    private let time: HybridTime
    private let origin: OriginBytes
    /// What was seen of everyone.
    private let floor: HybridTime
    private let sizeBytes: Int
    /// How many items the write's transaction writes; 0 for a write of its own.
    private let transactionItems: UInt8
    private let image: [UInt8]

    package init(
        of image: [UInt8],
        sizeBytes: Int,
        at time: HybridTime,
        by origin: OriginBytes,
        floor: HybridTime,
        transactionItems: UInt8,
    ) {
        precondition(time > floor, "a write is after all that its region has seen of everyone")
        self.image = image
        self.sizeBytes = sizeBytes
        self.time = time
        self.origin = origin
        self.floor = floor
        self.transactionItems = transactionItems
    }

    /// Appends the stored form of the new version, over the one with this ancestry.
    /// - Returns: where in the writer's bytes the part begins that a change has too.
    package func appendVersion(
        over ancestry: AncestryBytes?,
        to writer: inout ByteWriter,
    ) -> Int {
        writer.byte(transactionItems > 0 ? Version.transactionFlag : 0)
        writer.time(time)
        writer.raw(origin.bytes)
        let tail = writer.bytes.count
        AncestryBytes.append(
            ofWriteOver: ancestry,
            raisedTo: floor,
            by: origin,
            at: time,
            to: &writer,
        )
        writer.uint32(UInt32(clamping: sizeBytes))
        if transactionItems > 0 { writer.byte(transactionItems) }
        writer.raw(image)
        return tail
    }

    /// Appends the change as the history keeps it; `tail` is the part of the version's bytes.
    package func appendChange(
        to table: TableID,
        at key: UnsafeRawBufferPointer,
        ordinal: UInt16,
        tail: UnsafeRawBufferPointer,
        to writer: inout ByteWriter,
    ) {
        ChangeCoding.append(framed: &writer) { writer in
            writer.time(time)
            writer.uint16(ordinal)
            writer.byte(transactionItems > 0 ? ChangeCoding.transactionFlag : 0)
            writer.table(table)
            writer.block(key)
            writer.raw(tail)
        }
    }
}
