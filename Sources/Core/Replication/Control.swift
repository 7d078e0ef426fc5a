import Changes
package import JSON

/// What `globald` and `globalctl` say to each other, as JSON.
///
/// `GET /links` lists the daemon's links; `POST /links/pause` and `/links/resume` take one link's
/// ends. A pause lives in the daemon's memory: a daemon that is started again runs all its links,
/// and another daemon that runs the same link is not paused with it.
package enum Control {
    package static let linksPath = "/links"
    /// The links in Prometheus' text format.
    package static let metricsPath = "/metrics"
    package static let pausePath = "/links/pause"
    package static let resumePath = "/links/resume"
    /// Takes a `LinkFaultsOrder`, where drills are allowed.
    package static let faultsPath = "/links/faults"
    /// More than any answer of a daemon needs: 4,032 links of a mesh of 64 regions.
    package static let replyBytesMax = 16 << 20
    /// Two names of regions and some punctuation.
    package static let requestBytesMax = 4 << 10

    /// Names one link.
    package struct LinkName: Equatable, Sendable, CustomStringConvertible {
        package let from: String
        package let to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }

        package var description: String { "\(from) → \(to)" }

        package func json() -> JSONValue {
            .object([.init("from", .string(from)), .init("to", .string(to))])
        }

        /// Nil for anything but an object with these two names and no other member.
        package init?(_ json: JSONValue) {
            guard case .object(let members) = json, members.count == 2,
                case .string(let from)? = json["from"], case .string(let to)? = json["to"]
            else { return nil }
            self.init(from: from, to: to)
        }
    }

    package static func failure(_ code: String, _ message: String) -> JSONValue {
        .object([.init("code", .string(code)), .init("message", .string(message))])
    }
}

extension LinkStatus {
    package func json() -> JSONValue {
        func number(_ value: UInt64?) -> JSONValue {
            value.map { .number(String($0)) } ?? .null
        }
        return .object([
            .init("from", .string(source)),
            .init("to", .string(target)),
            .init("state", .string(state.name)),
            .init("healthy", .bool(state.isHealthy)),
            .init("standing", .string(standing.name)),
            .init("reason", standing.reason.map { .string($0) } ?? .null),
            .init("lagMilliseconds", number(lagMilliseconds)),
            .init("lagChanges", number(lagChanges)),
            .init("fetchedBatches", number(fetchedBatches)),
            .init("fetchedChanges", number(fetchedChanges)),
            .init("appliedBatches", number(appliedBatches)),
            .init("appliedChanges", number(appliedChanges)),
            .init("appliedChunks", number(appliedChunks)),
            .init("received", number(tally.received)),
            .init("newer", number(tally.newer)),
            .init("stale", number(tally.stale)),
            .init("conflicts", number(tally.conflicts)),
            .init("quarantined", number(tally.quarantined)),
            .init(
                "accounting",
                tally.accounting([("waiting", waitingChanges), ("givenUp", givenUpChanges)]),
            ),
            .init("restarts", number(restarts)),
            .init("sinceHeartbeatMilliseconds", number(sinceHeartbeatMilliseconds)),
            .init("sinceProgressMilliseconds", number(sinceProgressMilliseconds)),
            .init("lastTrouble", lastTrouble.map { .string($0) } ?? .null),
        ])
    }
}
