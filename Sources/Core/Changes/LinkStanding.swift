/// Whether a link does what it is for, told by what arrives at its target.
///
/// A link that ships nothing may have nothing to ship or may be broken; the heartbeats of its source
/// tell the one from the other, because they travel the whole way, as batches without changes.
package enum LinkStanding: Equatable, Sendable {
    /// It has just begun and has brought nothing yet.
    case starting
    /// Nothing is left to ship, and heartbeats arrive.
    case idle
    /// Something is left to ship, and it arrives.
    case shipping
    /// Something is left to ship and does not arrive, or no heartbeats do; with the reason.
    case stalled(String)

    /// One word, for tables and metrics.
    package var name: String {
        switch self {
        case .starting: "starting"
        case .idle: "idle"
        case .shipping: "shipping"
        case .stalled: "stalled"
        }
    }

    /// Every name.
    package static let names = ["starting", "idle", "shipping", "stalled"]

    /// Why it is stalled; nil otherwise.
    package var reason: String? {
        if case .stalled(let reason) = self { return reason }
        return nil
    }
}
