package import Causality
import Changes

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
    /// Where its bytes lie in the batch's records, without and with the length before them.
    let bytes: Range<Int>
    /// Where the next one begins.
    var end: Int { bytes.upperBound }

    var isUnreadable: Bool {
        if case .unreadable = content { return true }
        return false
    }

    /// All changes of a batch.
    ///
    /// Throws for bytes that are no row of changes, whoever reads them; what a single change is about
    /// can be told in all others.
    static func decode(_ batch: ChangeBatch) throws(MalformedBytes) -> [Arrival] {
        let origin = batch.header.origin
        return try ByteReader.reading(batch.records) { (reader) throws(MalformedBytes) in
            var arrivals: [Arrival] = []
            while let framed = try ChangeCoding.next(&reader) {
                let end = reader.offset
                var inner = ByteReader(framed.bytes)
                let head = try ChangeCoding.Head(&inner)
                arrivals.append(
                    Arrival(
                        head: head,
                        stamp: Stamp(time: head.time, origin: origin),
                        content: content(head, &inner, origin),
                        bytes: end - framed.bytes.count..<end,
                    )
                )
            }
            return arrivals
        }
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
