/// Why a region does not do what a peer asks.
///
/// Crosses between processes by its code.
package struct PeerRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// What the peer sent makes no sense.
        case badRequest = "BAD_REQUEST"
        /// The history asked for is not whole here any more; the target must take a snapshot.
        case resync = "RESYNC"
        /// A relay that does not hold an origin's history whole.
        case partial = "PARTIAL"
        case unknownTable = "UNKNOWN_TABLE"
        case notMember = "NOT_MEMBER"
        /// A change cannot be applied; it is set aside if it comes so again.
        case corrupt = "CORRUPT"
        /// A change must be set aside, and the quarantine has no room for it.
        case quarantineFull = "QUARANTINE_FULL"
        /// What is asked for is not here.
        case notFound = "NOT_FOUND"
        /// What was to be replaced has been replaced since.
        case notCurrent = "NOT_CURRENT"
        /// The region is being evacuated and takes no writes.
        case fenced = "FENCED"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
