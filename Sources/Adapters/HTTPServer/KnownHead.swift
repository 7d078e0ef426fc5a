/// The fields of the head that an event loop read last.
///
/// An application sends most lines of its heads over and over. To find where a line ends and to check
/// its name and value takes 370 instructions, to see that it is the same as the last one in its place
/// 130. What a line is depends on nothing but its bytes; what it means beside the others is asked as
/// ever (`HeadDraft`).
///
/// What it keeps outlives the head's connection, an `Authorization` too; it is compared with, and never shown.
///
/// Used on one event loop only. `RequestComparisonTests` hold a parser that knows a head to one that
/// does not.
package final class KnownHead {
    /// Of a longer head nothing is kept.
    private static let bytesMax = 4 << 10

    // Nothing that is called while this is changed comes back here.
    @exclusivity(unchecked) private var fields: HTTPFields?

    package init() {}

    /// The field of this number, if its line is whole at `start` and the same as it was, and where it ends.
    func field(
        _ index: Int,
        at start: Int,
        in bytes: UnsafeRawBufferPointer,
    ) -> (line: FieldLine, end: Int)? {
        fields?.line(index, at: start, in: bytes)
    }

    /// Keeps what has been read off a head, whose bytes end with an empty line.
    func keep(_ head: HTTPFields) {
        if head.byteCount <= Self.bytesMax { fields = head }
    }
}
