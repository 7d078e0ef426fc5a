package import Causality

/// A change that could not be applied, or one that waits behind such a change of its key.
///
/// It holds the change as it came, byte for byte: a later version of the program may understand what
/// this one did not.
package struct QuarantineRecord: Equatable, Sendable {
    package var origin: Origin
    /// The region that brought it: the origin's own, or one that relayed it.
    package var source: String
    /// As `ChangeCoding.next` frames it, without the length before it.
    package var change: [UInt8]
    /// Why it could not be applied; nil for one that only waits.
    package var reason: String?
    /// When it was set aside, by the region's wall clock.
    package var sinceMilliseconds: UInt64

    /// Longer reasons are cut: they may quote what a peer sent.
    package static let reasonBytesMax = 500

    package init(
        origin: Origin,
        source: String,
        change: [UInt8],
        reason: String?,
        sinceMilliseconds: UInt64,
    ) {
        self.origin = origin
        self.source = source
        self.change = change
        self.reason = reason.map { text in
            String(decoding: text.utf8.prefix(QuarantineRecord.reasonBytesMax), as: UTF8.self)
        }
        self.sinceMilliseconds = sinceMilliseconds
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128 + change.count)
        writer.origin(origin)
        writer.text(source)
        writer.uint64(sinceMilliseconds)
        writer.byte(reason == nil ? 0 : 1)
        writer.text(reason ?? "")
        writer.block(change)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let origin = try reader.origin()
            let source = try reader.text()
            let since = try reader.uint64()
            let hasReason = try reader.byte() != 0
            let reason = try reader.text()
            return QuarantineRecord(
                origin: origin,
                source: source,
                change: try reader.block(),
                reason: hasReason ? reason : nil,
                sinceMilliseconds: since,
            )
        }
    }

    /// What of the change every version of the program can read.
    package func head() throws(MalformedBytes) -> ChangeCoding.Head {
        try ByteReader.reading(change, whole: false) { (reader) throws(MalformedBytes) in
            try ChangeCoding.Head(&reader)
        }
    }

    /// The change itself; throws for one of a form that this program does not know.
    package func decoded() throws(MalformedBytes) -> Change {
        try ChangeCoding.decode(change, origin: origin)
    }
}

/// A change that an operator took out of quarantine for good: it is not merged here any more.
package struct DiscardRecord: Equatable, Sendable {
    package var record: QuarantineRecord
    package var discardedMilliseconds: UInt64

    package init(record: QuarantineRecord, discardedMilliseconds: UInt64) {
        self.record = record
        self.discardedMilliseconds = discardedMilliseconds
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 192 + record.change.count)
        writer.uint64(discardedMilliseconds)
        writer.block(record.encoded())
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let discarded = try reader.uint64()
            return DiscardRecord(
                record: try QuarantineRecord(decoding: try reader.block()),
                discardedMilliseconds: discarded,
            )
        }
    }
}
