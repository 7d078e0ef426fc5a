package import Changes

/// The bounds that a comparison works within.
package struct VerifySettings: Equatable, Sendable {
    /// The most rows a second that a region reads for it; 0 for as fast as it can.
    package var rowsPerSecond: Int
    /// The most rows asked for at once.
    package var chunkRowsMax: Int
    /// Stretches that wait to be listed, beyond which nothing is scanned.
    package var listsMax: Int
    /// Suspects beyond which nothing is listed.
    package var suspectsMax: Int
    /// The most suspects looked at in one round.
    package var roundKeysMax: Int
    /// How long a suspect is looked at before it is given up as undecided.
    package var patienceMilliseconds: UInt64
    /// The wait before a region that lacks something is looked at again: at first, and at most.
    package var waitMinMilliseconds: UInt64
    package var waitMaxMilliseconds: UInt64
    /// How often in a row a question is asked again before the comparison gives up.
    package var attemptsMax: Int
    /// Whether what each region derives from its items is looked at too.
    package var looksAtDerived: Bool

    package init(
        rowsPerSecond: Int = 0,
        chunkRowsMax: Int = 32_768,
        listsMax: Int = 256,
        suspectsMax: Int = 5_000,
        roundKeysMax: Int = 500,
        patienceMilliseconds: UInt64 = 30_000,
        waitMinMilliseconds: UInt64 = 50,
        waitMaxMilliseconds: UInt64 = 2_000,
        attemptsMax: Int = 8,
        looksAtDerived: Bool = true,
    ) {
        self.rowsPerSecond = max(0, rowsPerSecond)
        self.chunkRowsMax = max(1, chunkRowsMax)
        self.listsMax = max(1, listsMax)
        self.suspectsMax = max(1, suspectsMax)
        self.roundKeysMax = max(1, roundKeysMax)
        self.patienceMilliseconds = patienceMilliseconds
        self.waitMinMilliseconds = max(1, waitMinMilliseconds)
        self.waitMaxMilliseconds = max(self.waitMinMilliseconds, waitMaxMilliseconds)
        self.attemptsMax = max(1, attemptsMax)
        self.looksAtDerived = looksAtDerived
    }

    /// A quarter of a second's worth, so that a slow pace is an even one.
    var requestRowsMax: Int {
        rowsPerSecond == 0 ? chunkRowsMax : min(chunkRowsMax, max(256, rowsPerSecond / 4))
    }
}

/// What a comparison counted so far.
package struct VerifyTally: Equatable, Sendable {
    /// Items of the lead region that were compared.
    package var items: UInt64 = 0
    /// Rows that all regions together read for it.
    package var rows: UInt64 = 0
    /// Suspects that turned out to be on their way.
    package var passing: UInt64 = 0
    package var differences: UInt64 = 0
    package var quarantined: UInt64 = 0
    package var undecided: UInt64 = 0
    /// Rows looked at for what is derived, and what was wrong with it, in all regions together.
    package var derivedRows: UInt64 = 0
    package var derived: UInt64 = 0

    package init() {}
}

extension Verification {
    /// What stage a question is of; a region is asked one of each at a time.
    package enum Kind: String, CaseIterable, Sendable {
        case digest
        case list
        case sight
        case derived
    }

    package struct Lane: Hashable, Sendable {
        package let region: String
        package let kind: Kind

        package init(region: String, kind: Kind) {
            self.region = region
            self.kind = kind
        }
    }

    package enum Question: Equatable, Sendable {
        case digest(DigestRequest)
        case list(ListRequest)
        case sight(SightRequest)
        case derived(DerivedRequest)
    }

    package enum Answer: Equatable, Sendable {
        case digest(DigestReply)
        case list(ListReply)
        case sight(SightReply)
        case derived(DerivedReply)

        package var kind: Kind {
            switch self {
            case .digest: .digest
            case .list: .list
            case .sight: .sight
            case .derived: .derived
            }
        }

        var rows: Int {
            switch self {
            case .digest(let reply): reply.rows
            case .list(let reply): reply.rows
            case .sight(let reply): reply.sightings.count
            case .derived(let reply): reply.rows
            }
        }
    }

    package enum Event: Equatable, Sendable {
        case started
        case answered(String, Answer)
        case failed(Lane, Failure)
        /// The time of `nextWakeMilliseconds` has come.
        case woke
    }

    package struct Failure: Equatable, Sendable {
        package let reason: String
        /// Whether asking again can help.
        package let isFinal: Bool

        package init(_ reason: String, isFinal: Bool) {
            self.reason = reason
            self.isFinal = isFinal
        }
    }

    package enum Effect: Equatable, Sendable {
        case ask(Lane, Question)
        case report(Finding)
        /// What a region derives from its items is not what they say.
        case reportDerived(String, DerivedReply.Finding)
        /// What a region could not look at, in words.
        case reportUnchecked(String, String)
        case finish(Outcome)
    }

    /// An item that regions do not hold alike, as far as that can be told.
    package struct Finding: Equatable, Sendable {
        package enum Kind: Equatable, Sendable {
            /// Nothing that is on its way explains it.
            case differs
            /// Changes of it are in quarantine in one of the regions that differ.
            case quarantined
            /// Not told in the time given, with the reason.
            case undecided(String)
        }

        package var kind: Kind
        package var key: [UInt8]
        /// In the order of the regions.
        package var shown: [Shown]

        package struct Shown: Equatable, Sendable {
            package var region: String
            package var sighting: Sighting

            package init(region: String, sighting: Sighting) {
                self.region = region
                self.sighting = sighting
            }
        }

        package init(kind: Kind, key: [UInt8], shown: [Shown]) {
            self.kind = kind
            self.key = key
            self.shown = shown
        }

        /// The key as the API writes it; empty if no region could read it.
        package var text: String { shown.lazy.map(\.sighting.key).first { !$0.isEmpty } ?? "" }
    }

    package struct Outcome: Equatable, Sendable {
        package struct Failure: Equatable, Sendable {
            package let region: String
            package let reason: String
        }

        package let tally: VerifyTally
        /// What kept it from coming to the end; nil if it did.
        package let failure: Failure?
    }

    /// Where a comparison stands.
    package struct Place: Equatable, Sendable {
        /// The next key to scan; nil if the scan is over.
        package var next: [UInt8]?
        package var suspects: [[UInt8]]
        /// By region; nil if none was begun.
        ///
        /// A region that is missing is done.
        package var derived: [String: DerivedRequest.Place]?
        package var tally: VerifyTally

        package init(
            next: [UInt8]? = [],
            suspects: [[UInt8]] = [],
            derived: [String: DerivedRequest.Place]? = nil,
            tally: VerifyTally = VerifyTally(),
        ) {
            self.next = next
            self.suspects = suspects
            self.derived = derived
            self.tally = tally
        }

        func derived(of regions: [String]) -> [String: DerivedRequest.Place] {
            guard let derived else {
                return Dictionary(
                    uniqueKeysWithValues: regions.map { ($0, DerivedRequest.Place()) }
                )
            }
            return derived.filter { regions.contains($0.key) }
        }
    }
}
