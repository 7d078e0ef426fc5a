package import Causality
import Changes

/// One change of a batch as it is merged: where it lies, if it is plain, or taken apart.
enum Incoming {
    case plain(PlainChange, Range<Int>)
    case other(Arrival)

    var time: HybridTime {
        switch self {
        case .plain(let change, _): change.time
        case .other(let arrival): arrival.head.time
        }
    }

    var ordinal: UInt16 {
        switch self {
        case .plain(let change, _): change.ordinal
        case .other(let arrival): arrival.head.ordinal
        }
    }

    var table: TableID {
        switch self {
        case .plain(let change, _): change.table
        case .other(let arrival): arrival.head.table
        }
    }

    /// Where its bytes lie in the batch's records, without the length before them.
    var bytes: Range<Int> {
        switch self {
        case .plain(_, let bytes): bytes
        case .other(let arrival): arrival.bytes
        }
    }

    /// A change that is not understood.
    var unreadable: Arrival? {
        guard case .other(let arrival) = self, arrival.isUnreadable else { return nil }
        return arrival
    }
}

/// One change of a batch: understood, or only so far that it can be set aside.
struct Arrival {
    enum Content {
        case change(Version)
        /// Of a form that this program does not know, or not what its table can hold.
        case unreadable(reason: String)
    }

    let head: ChangeCoding.Head
    let stamp: Stamp
    let content: Content
    /// Where its bytes lie in the batch's records, without the length before them.
    let bytes: Range<Int>

    var isUnreadable: Bool {
        if case .unreadable = content { return true }
        return false
    }

    init(head: ChangeCoding.Head, stamp: Stamp, content: Content, bytes: Range<Int>) {
        self.head = head
        self.stamp = stamp
        self.content = content
        self.bytes = bytes
    }

    /// Reads a change of an origin, framed, that lies at `place` in its batch's records.
    ///
    /// Throws for bytes that are no change, whoever reads them; what a change is about can be told in
    /// all others.
    init(
        _ bytes: UnsafeRawBufferPointer,
        of origin: Origin,
        at place: Range<Int>,
    ) throws(MalformedBytes) {
        var reader = ByteReader(bytes)
        let head = try ChangeCoding.Head(&reader)
        self.init(
            head: head,
            stamp: Stamp(time: head.time, origin: origin),
            content: Arrival.content(head, &reader, origin),
            bytes: place,
        )
    }

    private static func content(
        _ head: ChangeCoding.Head,
        _ reader: inout ByteReader,
        _ origin: Origin,
    ) -> Content {
        do throws(MalformedBytes) {
            return .change(try ChangeCoding.decode(head, &reader, origin: origin).version)
        } catch {
            return .unreadable(reason: error.description)
        }
    }
}

/// Which changes a region takes for ones that it does not understand, as an older program does with a
/// newer one's.
///
/// For the simulator; nil in programs.
package struct UnknownChanges: Sendable {
    /// One in so many changes, told by its stamp.
    package let oneIn: UInt64

    package init(oneIn: UInt64) {
        self.oneIn = max(1, oneIn)
    }

    package func contains(_ stamp: Stamp) -> Bool {
        (stamp.time.rawValue &* 0x9e37_79b9_7f4a_7c15 >> 32) % oneIn == 0
    }
}
