package import Changes

extension Link {
    /// Names one piece of work that a link asked for.
    ///
    /// Numbers are never used twice in a link's life, so the answer to work that was given up is
    /// told from the answer to what replaced it.
    package struct WorkID: Hashable, Comparable, Sendable, CustomStringConvertible {
        package let number: UInt64

        package init(_ number: UInt64) {
            self.number = number
        }

        package static func < (left: WorkID, right: WorkID) -> Bool { left.number < right.number }

        package var description: String { "#\(number)" }
    }

    /// What a link wants done.
    ///
    /// Whoever runs it does each, and answers with the event of the same id:
    /// at any time, in any order, or never (a link that is never answered stands still, so requests
    /// have time limits).
    package enum Effect: Equatable, Sendable {
        /// Ask the target where it stands with the source: answered by `positionRead`.
        case readPosition(WorkID)
        /// Ask the source for changes: answered by `fetched` or `nothingFetched`.
        case fetch(WorkID, FeedRequest)
        /// Send a batch to the target, its bytes as they came: answered by `applied`, and before that
        /// perhaps by `sent`.
        case apply(WorkID, ChangeBatch.Header, [UInt8])
        /// Ask the source for rows: answered by `chunkFetched`.
        case fetchChunk(WorkID, SnapshotRequest)
        /// Send rows to the target, as they came: answered by `chunkApplied`.
        case applyChunk(WorkID, [UInt8])
        /// Let time pass: answered by `timerFired`.
        case wait(WorkID, milliseconds: UInt64)
        /// The answer to this is of no use any more. May be ignored; saves a connection.
        case abandon(WorkID)
    }

    /// What happened, as far as a link is concerned.
    ///
    /// Every piece of work may also end in `failed`.
    package enum Event: Equatable, Sendable {
        case started
        case positionRead(WorkID, ApplyReply)
        /// The bytes are the whole batch, header included.
        case fetched(WorkID, ChangeBatch.Header, [UInt8])
        /// The source says that the target needs nothing of it.
        case nothingFetched(WorkID)
        /// All of a batch is on its way to the target.
        case sent(WorkID)
        case applied(WorkID, ApplyReply)
        case chunkFetched(WorkID, [UInt8])
        case chunkApplied(WorkID, ApplyReply)
        case failed(WorkID, Failure)
        case timerFired(WorkID)
        case pauseRequested
        case resumeRequested
        /// Of these regions, sorted, the links to the same target are paused.
        case othersPaused([String])
    }

    /// Why work was not done.
    package enum Failure: Equatable, Sendable {
        /// No answer, or one that says "not now". Whether the work was done is unknown.
        case unreachable(String)
        /// The region does not do it, with its code and its words.
        case refused(code: String, message: String)
        /// The answer is not what the protocol says.
        case malformed(String)

        package var text: String {
            switch self {
            case .unreachable(let reason), .malformed(let reason): reason
            case .refused(let code, let message): "\(code): \(message)"
            }
        }
    }

    /// The codes of refusals that a link tells apart.
    enum Code {
        static let resync = "RESYNC"
        static let corrupt = "CORRUPT"
        static let quarantineFull = "QUARANTINE_FULL"
        static let unavailable = "UNAVAILABLE"
    }
}
