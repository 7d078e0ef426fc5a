import Changes

/// Asking regions: one question of a kind at a time, not faster than allowed, again if it failed.
extension Verification {
    struct LaneState: Sendable {
        enum Work: Sendable {
            case idle
            case asked(Question)
            case held(Question, until: UInt64)
        }

        var work = Work.idle
        var backoff: Backoff
    }

    private static let backoffMinMilliseconds: UInt64 = 100
    private static let backoffMaxMilliseconds: UInt64 = 3_000

    mutating func ask(_ region: String, _ question: Question, _ now: UInt64) {
        let lane = Lane(region: region, kind: question.kind)
        var state =
            lanes[lane]
            ?? LaneState(
                backoff: Backoff(
                    minMilliseconds: Verification.backoffMinMilliseconds,
                    maxMilliseconds: Verification.backoffMaxMilliseconds,
                )
            )
        // What is looked at again is little, and is to be seen soon.
        let until = question.kind == .sight ? 0 : allowed[region] ?? 0
        if until > now {
            state.work = .held(question, until: until)
        } else {
            state.work = .asked(question)
            effects.append(.ask(lane, question))
        }
        lanes[lane] = state
    }

    func isIdle(_ lane: Lane) -> Bool {
        guard case .idle = lanes[lane]?.work ?? .idle else { return false }
        return true
    }

    /// Asks what was held and whose time has come.
    mutating func release(_ now: UInt64) {
        for region in regions {
            for kind in Kind.allCases {
                let lane = Lane(region: region, kind: kind)
                guard case .held(let question, let until)? = lanes[lane]?.work, until <= now else {
                    continue
                }
                lanes[lane]?.work = .asked(question)
                effects.append(.ask(lane, question))
            }
        }
    }

    mutating func fail(
        _ lane: Lane,
        _ failure: Failure,
        _ now: UInt64,
        _ jitterBits: UInt64,
    ) {
        guard var state = lanes[lane], case .asked(let question) = state.work else { return }
        guard !failure.isFinal, state.backoff.failures < settings.attemptsMax else {
            return finish(Outcome.Failure(region: lane.region, reason: failure.reason))
        }
        state.work = .held(question, until: now + state.backoff.next(jitterBits: jitterBits))
        lanes[lane] = state
    }

    /// What was read counts, whatever for.
    mutating func charge(_ rows: Int, to region: String, _ now: UInt64) {
        tally.rows += UInt64(rows)
        guard settings.rowsPerSecond > 0 else { return }
        let cost = UInt64(rows) * 1_000 / UInt64(settings.rowsPerSecond)
        allowed[region] = max(allowed[region] ?? 0, now) + cost
    }
}

extension Verification.Question {
    package var kind: Verification.Kind {
        switch self {
        case .digest: .digest
        case .list: .list
        case .sight: .sight
        case .derived: .derived
        }
    }
}
