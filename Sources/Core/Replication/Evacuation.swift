package import Changes

/// Evacuating a region: fence it, look at all regions until it is drained, and only then say so.
///
/// It keeps nothing that matters: the fence stands in the region's history. A tool that dies on the
/// way is started again and goes on where it was, and two at once do each other no harm.
///
/// | state | event | next |
/// | --- | --- | --- |
/// | begun, waiting without a fence | `started`, `waited` | fencing: `setFence` |
/// | fencing | `fenceSet`, `fenceFailed` | looking: `ask` |
/// | looking | `answered` | done: `finish`, or waiting: `wait` |
/// | waiting with a fence | `waited` | looking: `ask` |
///
/// The region itself need not answer once the fence stands: whoever has its record knows it. So a
/// region that crashed after the fence is still proven to be drained, if it is.
package struct Evacuation: Sendable {
    package enum Event: Equatable, Sendable {
        case started
        case fenceSet(Fence)
        /// The region did not set the fence, or did not answer.
        case fenceFailed(String)
        /// What all regions said, the one to be evacuated included.
        case answered(RegionAnswers)
        case waited
    }

    package enum Effect: Equatable, Sendable {
        case setFence
        case ask
        case wait(milliseconds: UInt64)
        case finish(Outcome)
    }

    package enum Outcome: Equatable, Sendable {
        /// Every other region has all of it.
        case safe(Drain)
        /// Time was up; the fence stands.
        case late(Drain)
        /// Somebody lifted the fence meanwhile.
        case lifted
        /// No fence stands, as far as anybody knows.
        case unfenced(String)
    }

    /// Between two looks.
    package static let pauseMilliseconds: UInt64 = 250

    package let region: String
    private let without: Set<String>
    private let givenUp: Set<String>
    private let deadlineMilliseconds: UInt64
    /// The fence as last heard of; nil until it stands.
    package private(set) var fence: Fence?
    /// The latest look; nil before the first.
    package private(set) var drain: Drain?
    /// How long the region has taken no writes, by its own clock where it answers.
    package private(set) var fencedMilliseconds: UInt64 = 0
    private var failure = "nobody was asked"

    package init(
        _ region: String,
        without: Set<String> = [],
        givenUp: Set<String> = [],
        deadlineMilliseconds: UInt64,
    ) {
        self.region = region
        self.without = without
        self.givenUp = givenUp
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    package mutating func handle(_ event: Event, nowMilliseconds: UInt64) -> Effect {
        switch event {
        case .started: return .setFence
        case .waited: return fence == nil ? .setFence : .ask
        case .fenceSet(let fence):
            self.fence = fence
            return .ask
        case .fenceFailed(let reason):
            failure = reason
            return .ask
        case .answered(let answers): return look(answers, nowMilliseconds)
        }
    }

    private mutating func look(_ answers: RegionAnswers, _ now: UInt64) -> Effect {
        let isOver = now >= deadlineMilliseconds
        guard let standing = standing(answers) else {
            if fence != nil { return .finish(.lifted) }
            return isOver
                ? .finish(.unfenced(failure)) : .wait(milliseconds: Self.pauseMilliseconds)
        }
        // Lifted and set anew is not what was waited for.
        if let fence, fence.time != standing.time { return .finish(.lifted) }
        fence = standing
        let walls = answers.values.compactMap { $0.report?.wallMilliseconds }
        let wall = answers[region]?.report?.wallMilliseconds ?? walls.max() ?? 0
        fencedMilliseconds = wall - min(wall, standing.sinceMilliseconds)
        let drain = Drain(of: standing, answers, without: without, givenUp: givenUp)
        self.drain = drain
        if drain.isDone { return .finish(.safe(drain)) }
        return isOver ? .finish(.late(drain)) : .wait(milliseconds: Self.pauseMilliseconds)
    }

    /// By the region's own word; where it is silent, by the latest that anybody knows of it.
    private func standing(_ answers: RegionAnswers) -> Fence? {
        if let own = answers[region]?.report { return own.fence(of: region) }
        let known = answers.values.compactMap { $0.report?.fence(of: region) }
        return (known + [fence].compactMap(\.self)).max { $0.through < $1.through }
    }
}
