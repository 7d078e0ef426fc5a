/// What a link is doing, as operators see it.
package enum LinkState: Equatable, Sendable {
    /// Asking the target where it stands, for the first time or after a restart.
    case starting
    /// Caught up: the source holds the question for more.
    case idle
    /// Changes are on their way.
    case running
    /// Rows of a table are on their way, and changes beside them.
    case copying
    /// Held by the operator.
    case paused
    case unreachable(Side)
    /// The target does not take changes from that far ahead of its clock.
    case skew
    /// The source's history does not reach back to where the target stands in some table: rows of it
    /// are on their way, or asked for, and changes of other tables beside them.
    case resync
    /// A change cannot be applied; if it comes so again, it is set aside and the link goes on.
    case corrupt(String)
    /// A change must be set aside at the target, and there is no room: somebody has to make some.
    case quarantineFull(String)
    /// A region does not do what it is asked.
    case refused(String)

    package enum Side: String, Sendable {
        case source
        case target
    }

    /// One word or two, for tables and logs.
    package var name: String {
        switch self {
        case .starting: "starting"
        case .idle: "idle"
        case .running: "running"
        case .copying: "copying"
        case .paused: "paused"
        case .unreachable(let side): "unreachable \(side.rawValue)"
        case .skew: "skew"
        case .resync: "resync"
        case .corrupt: "corrupt"
        case .quarantineFull: "quarantine full"
        case .refused: "refused"
        }
    }

    /// Whether the link does its work, or could if there were any.
    package var isHealthy: Bool {
        switch self {
        case .starting, .idle, .running, .copying: true
        case .paused, .unreachable, .skew, .resync, .corrupt, .quarantineFull, .refused: false
        }
    }
}
