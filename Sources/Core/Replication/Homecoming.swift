package import Changes

/// A fenced region that is to take writes again: it first catches up with the others, so that what is
/// written there is written over what happened meanwhile.
///
/// What the others had when they were first asked is what the region must have; what they take after
/// that comes as it always does.
///
/// | state | event | next |
/// | --- | --- | --- |
/// | begun, waiting | `started`, `waited` | looking: `ask` |
/// | looking | `answered` | lifting: `lift`, waiting: `wait`, or done: `finish` |
/// | lifting | `lifted`, `liftFailed` | done: `finish`, or waiting: `wait` |
package struct Homecoming: Sendable {
    package enum Event: Equatable, Sendable {
        case started
        /// What all regions said, the one that returns included.
        case answered(RegionAnswers)
        /// The fence that stood, and the region's clock when it was lifted; nil if none stood.
        case lifted(Fence?, wallMilliseconds: UInt64)
        case liftFailed(String)
        case waited
    }

    package enum Effect: Equatable, Sendable {
        case ask
        case lift
        case wait(milliseconds: UInt64)
        case finish(Outcome)
    }

    package enum Outcome: Equatable, Sendable {
        /// It takes writes again, after so long without any.
        case returned(Fence, fencedMilliseconds: UInt64)
        /// Time was up; the fence stands.
        case late([Drain.Lack])
        /// It takes writes, and did so before.
        case unfenced
    }

    package static let pauseMilliseconds: UInt64 = 250

    package let region: String
    private let without: Set<String>
    private let deadlineMilliseconds: UInt64
    /// What each other region had when it first answered.
    private var goals: [String: FenceReport] = [:]
    /// What the region lacked at the latest look.
    package private(set) var lacks: [Drain.Lack] = []

    package init(_ region: String, without: Set<String> = [], deadlineMilliseconds: UInt64) {
        self.region = region
        self.without = without
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    package mutating func handle(_ event: Event, nowMilliseconds: UInt64) -> Effect {
        switch event {
        case .started, .waited: return .ask
        case .answered(let answers): return look(answers, nowMilliseconds)
        case .lifted(nil, _): return .finish(.unfenced)
        case .lifted(let fence?, let wall):
            let since = min(fence.sinceMilliseconds, wall)
            return .finish(.returned(fence, fencedMilliseconds: wall - since))
        case .liftFailed(let reason):
            lacks = [Drain.Lack(region: region, table: nil, kind: .silent(reason))]
            return pause(nowMilliseconds)
        }
    }

    private mutating func look(_ answers: RegionAnswers, _ now: UInt64) -> Effect {
        lacks = []
        for (name, answer) in answers.sorted(by: { $0.key < $1.key }) where name != region {
            switch answer {
            case .report(let report): if goals[name] == nil { goals[name] = report }
            case .silent(let reason):
                if goals[name] == nil, !without.contains(name) {
                    lacks.append(Drain.Lack(region: name, table: nil, kind: .silent(reason)))
                }
            }
        }
        guard case .report(let own) = answers[region] else {
            guard case .silent(let reason) = answers[region] else { return pause(now) }
            lacks.append(Drain.Lack(region: region, table: nil, kind: .silent(reason)))
            return pause(now)
        }
        if own.fence(of: region) == nil { return .finish(.unfenced) }
        for table in own.tables { check(table) }
        return lacks.isEmpty ? .lift : pause(now)
    }

    private mutating func check(_ table: FenceReport.Standing) {
        switch table.replica {
        case .expelled: return
        case .copying: lacks.append(Drain.Lack(region: region, table: table.name, kind: .copying))
        case .whole, .leaving:
            let gaps = goals.sorted { $0.key < $1.key }.compactMap { _, goal in
                goal.standing(table.id).flatMap { $0.replica == .whole ? $0.seen : nil }
            }.flatMap { table.seen.gaps(to: $0, in: region) }
            guard !gaps.isEmpty else { return }
            lacks.append(Drain.Lack(region: region, table: table.name, kind: .behind(gaps)))
        }
    }

    private func pause(_ now: UInt64) -> Effect {
        now >= deadlineMilliseconds
            ? .finish(.late(lacks)) : .wait(milliseconds: Self.pauseMilliseconds)
    }
}
