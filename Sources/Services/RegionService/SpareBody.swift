/// The memory of an event loop's last answer, for the next one.
///
/// An answer is written into the connection's buffer before the next is made, so that its own memory
/// is free again: a read of an item saves an allocation of the kind that malloc has to look for, and the
/// copies made while it grows.
///
/// `@unchecked Sendable`: each is used on its own event loop only.
final class SpareBody: @unchecked Sendable {
    /// More than this is not kept.
    private static let bytesMax = 128 << 10

    /// Memory with contents of no meaning, for whoever takes it.
    ///
    // Nothing that is called while it is changed comes back here.
    @exclusivity(unchecked) var bytes: [UInt8] = []

    /// Takes the memory of an answer that was given to its connection.
    func giveBack(_ body: inout [UInt8]) {
        if body.capacity > bytes.capacity, body.capacity <= Self.bytesMax { swap(&bytes, &body) }
    }
}
