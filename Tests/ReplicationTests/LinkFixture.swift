import Causality
import Changes

@testable import Replication

/// A link with its clock, and both its ends as a table of values.
struct LinkFixture {
    static let source = Origin(region: "us-east-1", startMilliseconds: 1_000, random: 1)
    static let target = Origin(region: "eu-west-1", startMilliseconds: 2_000, random: 2)
    static let table = TableID(high: 7, low: 7)

    var link: Link
    var now: UInt64 = 1_000

    init(_ settings: LinkSettings = LinkSettings()) {
        link = Link(source: "us-east-1", target: "eu-west-1", settings: settings)
    }

    @discardableResult
    mutating func send(_ event: Link.Event, jitterBits: UInt64 = 0) -> [Link.Effect] {
        link.handle(event, nowMilliseconds: now, jitterBits: jitterBits)
    }

    /// Starts the link.
    ///
    /// - Returns: the id of its first question to the target.
    mutating func startReading() -> Link.WorkID {
        send(.started).positionID ?? Link.WorkID(0)
    }

    /// Starts the link and tells it where the target stands.
    ///
    /// - Returns: the id of the first fetch.
    mutating func begin(at time: UInt64 = 10) -> Link.WorkID {
        guard case .readPosition(let id) = send(.started).first else { return Link.WorkID(0) }
        let effects = send(.positionRead(id, Self.reply(at: time)))
        return effects.fetchID ?? Link.WorkID(0)
    }

    // MARK: Values

    static func position(
        at time: UInt64,
        tables: [TableID] = [.system, table],
        joins: [LinkPosition.Join] = [],
        target: Origin = target,
    ) -> LinkPosition {
        let entry = VersionVector.Entry(origin: source, time: HybridTime(milliseconds: time))
        return LinkPosition(
            target: target,
            inStep: [LinkPosition.InStep(tables: tables, vector: VersionVector([entry]))],
            joins: joins,
        )
    }

    static func reply(
        _ outcome: ApplyReply.Outcome = .applied,
        at time: UInt64,
        joins: [LinkPosition.Join] = [],
    ) -> ApplyReply {
        ApplyReply(outcome: outcome, position: position(at: time, joins: joins))
    }

    static func header(
        _ after: UInt64,
        _ through: UInt64,
        changes: Int = 1,
        isComplete: Bool = true,
        pending: UInt64 = 0,
        source: Origin = source,
    ) -> ChangeBatch.Header {
        ChangeBatch.Header(
            source: source,
            origin: Self.source,
            predecessor: nil,
            tables: [.system, table],
            after: HybridTime(milliseconds: after),
            through: HybridTime(milliseconds: through),
            changes: changes,
            isComplete: isComplete,
            pending: pending,
            wallMilliseconds: through,
            claims: [],
        )
    }
}

extension [Link.Effect] {
    var fetchID: Link.WorkID? {
        first { if case .fetch = $0 { true } else { false } }?.id
    }

    /// The regions that the first question for changes says are heard directly.
    var direct: [String]? {
        for case .fetch(_, let request) in self { return request.position.direct }
        return nil
    }

    var applyID: Link.WorkID? {
        first { if case .apply = $0 { true } else { false } }?.id
    }

    var waitID: Link.WorkID? {
        first { if case .wait = $0 { true } else { false } }?.id
    }

    var positionID: Link.WorkID? {
        first { if case .readPosition = $0 { true } else { false } }?.id
    }

    var chunkFetchID: Link.WorkID? {
        first { if case .fetchChunk = $0 { true } else { false } }?.id
    }

    var chunkApplyID: Link.WorkID? {
        first { if case .applyChunk = $0 { true } else { false } }?.id
    }

    var abandoned: [Link.WorkID] {
        compactMap { if case .abandon(let id) = $0 { id } else { nil } }
    }

    /// The position that a fetch among them asks after, as the time of the tests' origin.
    var fetchesAfter: UInt64? {
        for effect in self {
            if case .fetch(_, let request) = effect {
                return request.position.inStep.first?.vector[LinkFixture.source].milliseconds
            }
        }
        return nil
    }

    var fetchWait: Int? {
        for effect in self {
            if case .fetch(_, let request) = effect { return request.waitMilliseconds }
        }
        return nil
    }
}

extension Link.Effect {
    var id: Link.WorkID {
        switch self {
        case .readPosition(let id), .fetch(let id, _), .apply(let id, _, _),
            .fetchChunk(let id, _), .applyChunk(let id, _), .wait(let id, _), .abandon(let id):
            id
        }
    }
}
