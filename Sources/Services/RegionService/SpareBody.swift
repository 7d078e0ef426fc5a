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

    // Nothing that is called while it is changed comes back here.
    @exclusivity(unchecked) private var bytes: [UInt8] = []

    /// Memory with contents of no meaning.
    func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    func giveBack(_ body: consuming [UInt8]) {
        if body.capacity > bytes.capacity, body.capacity <= Self.bytesMax { bytes = body }
    }
}
