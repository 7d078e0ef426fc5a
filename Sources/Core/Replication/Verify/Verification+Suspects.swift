import Changes

/// Looking at suspects in rounds until each is concluded or given up.
extension Verification {
    struct Suspects: Sendable {
        struct Entry: Sendable {
            let key: [UInt8]
            var suspect = Suspect()
            /// When it was first looked at; nil until then.
            var since: UInt64?
            var due: UInt64
            var wait: UInt64 = 0
        }

        /// In the order in which they came up; `round` names some by place.
        private(set) var entries: [Entry] = []
        private var known: Set<[UInt8]> = []
        /// The places of those that are being looked at; empty between rounds.
        var round: Range<Int> = 0..<0
        var answers: [String: SightReply] = [:]

        var count: Int { entries.count }
        var isOver: Bool { entries.isEmpty }
        var keys: [[UInt8]] { entries.map(\.key) }

        /// When the next one is due, between rounds.
        var nextDue: UInt64? { round.isEmpty ? entries.lazy.map(\.due).min() : nil }

        mutating func add(_ key: [UInt8], at now: UInt64) {
            guard known.insert(key).inserted else { return }
            entries.append(Entry(key: key, due: now))
        }

        /// Puts those that are due in front, up to a bound: they are the round.
        mutating func begin(_ now: UInt64, most: Int) -> [[UInt8]] {
            var due: [Entry] = []
            var others: [Entry] = []
            // While a round goes on, only additions may move nothing: they go to the end.
            for entry in entries {
                if due.count < most, entry.due <= now {
                    due.append(entry)
                } else {
                    others.append(entry)
                }
            }
            entries = due + others
            round = 0..<due.count
            answers = [:]
            return due.map(\.key)
        }

        /// Ends the round: those for which `body` says so go.
        mutating func end(_ body: (inout Entry, _ place: Int) -> Bool) {
            var kept: [Entry] = []
            for place in round {
                var entry = entries[place]
                if body(&entry, place) {
                    known.remove(entry.key)
                } else {
                    kept.append(entry)
                }
            }
            entries.replaceSubrange(round, with: kept)
            round = 0..<0
        }
    }

    mutating func advanceSuspects(_ now: UInt64) {
        guard let due = suspects.nextDue, due <= now else { return }
        let keys = suspects.begin(now, most: settings.roundKeysMax)
        let request = SightRequest(table: table, keys: keys)
        for region in regions { ask(region, .sight(request), now) }
    }

    mutating func take(_ reply: SightReply, from region: String, _ now: UInt64) {
        guard reply.sightings.count == suspects.round.count else {
            return finish(Outcome.Failure(region: region, reason: "it answers for other keys"))
        }
        suspects.answers[region] = reply
        guard suspects.answers.count == regions.count else { return }
        let replies = regions.compactMap { suspects.answers[$0] }
        var findings: [Finding] = []
        var passing: UInt64 = 0
        let (regions, settings) = (regions, settings)
        suspects.end { entry, place in
            let looks = replies.map {
                Suspect.Look(
                    sighting: $0.sightings[place],
                    vector: $0.vector,
                    members: $0.members,
                )
            }
            let kind: Finding.Kind
            switch entry.suspect.look(looks, regions: regions) {
            case .same:
                passing += 1
                return true
            case .differs: kind = .differs
            case .quarantined: kind = .quarantined
            case .open(let reason, let isLater):
                guard !entry.isGivenUp(now, settings) else {
                    kind = .undecided(reason)
                    break
                }
                entry.putOff(now, settings, isLater: isLater)
                return false
            }
            let shown = zip(regions, looks).map { Finding.Shown(region: $0, sighting: $1.sighting) }
            findings.append(Finding(kind: kind, key: entry.key, shown: shown))
            return true
        }
        tally.passing += passing
        for finding in findings { report(finding) }
    }

    private mutating func report(_ finding: Finding) {
        switch finding.kind {
        case .differs: tally.differences += 1
        case .quarantined: tally.quarantined += 1
        case .undecided: tally.undecided += 1
        }
        effects.append(.report(finding))
    }
}

extension Verification.Suspects.Entry {
    /// Whether it was looked at for long enough.
    fileprivate func isGivenUp(_ now: UInt64, _ settings: VerifySettings) -> Bool {
        since.map { now >= $0 + settings.patienceMilliseconds } ?? false
    }

    fileprivate mutating func putOff(_ now: UInt64, _ settings: VerifySettings, isLater: Bool) {
        since = since ?? now
        guard isLater else {
            due = now
            return
        }
        wait = min(max(2 * wait, settings.waitMinMilliseconds), settings.waitMaxMilliseconds)
        due = now + wait
    }
}
