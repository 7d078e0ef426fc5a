import Engine

/// What to run.
package struct SimulationOptions: Sendable {
    package var seed: UInt64
    /// A deliberate bug to run with; nil for none.
    package var bug: String?
    /// Whether the run is over with its busy time: seconds instead of ten minutes.
    package var isDense: Bool
    /// Whether to keep a line for each event.
    package var isTraced: Bool
    /// Stops early, without the checks of the end, after so many events.
    package var eventsMax: Int?

    package init(
        seed: UInt64,
        bug: String? = nil,
        isDense: Bool = false,
        isTraced: Bool = false,
        eventsMax: Int? = nil,
    ) {
        self.seed = seed
        self.bug = bug
        self.isDense = isDense
        self.isTraced = isTraced
        self.eventsMax = eventsMax
    }
}

/// How much a run has done: a simulation in which nothing happens proves nothing.
package struct SimulationStatistics: Equatable, Sendable {
    package var events = 0
    package var commits = 0
    package var changes = 0
    package var acknowledged = 0
    package var conflicts = 0
    package var quarantined = 0
    /// Those in which a transaction lost one of its items.
    package var torn = 0
    package var unshipped = 0
    package var crashes = 0
    package var losses = 0
    package var rollbacks = 0
    /// Tables that were too far behind, and were brought up by a copy.
    package var resyncs = 0
    /// Comparisons of regions that were begun while the workload went on.
    package var verifications = 0
    /// How often a region was said to be safe to take away.
    package var evacuations = 0
    package var homecomings = 0
    /// How long after the workload all was at rest, in virtual milliseconds.
    package var restMilliseconds: UInt64 = 0

    package init() {}
}

/// How a run ended.
package struct SimulationResult: Sendable {
    package let seed: UInt64
    /// Nil if every invariant held.
    package let failure: BrokenInvariant?
    /// By virtual time; empty unless asked for.
    package let trace: [String]
    package let statistics: SimulationStatistics
}

/// Runs one seed.
package enum Simulation {
    /// The deliberate bugs that a run may have.
    package static let bugNames = PlantedBug.allCases.map(\.rawValue)

    package static func run(_ options: SimulationOptions) -> SimulationResult {
        let world = World(options)
        var failure: BrokenInvariant?
        do {
            try world.run()
        } catch let broken as BrokenInvariant {
            failure = broken
        } catch {
            failure = BrokenInvariant("Available", "a region failed: \(error)")
        }
        return SimulationResult(
            seed: options.seed,
            failure: failure,
            trace: world.trace,
            statistics: world.statistics,
        )
    }
}

extension Simulation {
    /// The first seed of a range that breaks an invariant with a planted bug.
    package static func firstFailure(
        in seeds: ClosedRange<UInt64>,
        bug: String,
    ) -> SimulationResult? {
        for seed in seeds {
            let result = run(SimulationOptions(seed: seed, bug: bug))
            if result.failure != nil { return result }
        }
        return nil
    }
}

extension SimulationStatistics {
    package mutating func add(_ other: SimulationStatistics) {
        events += other.events
        commits += other.commits
        changes += other.changes
        acknowledged += other.acknowledged
        conflicts += other.conflicts
        quarantined += other.quarantined
        torn += other.torn
        unshipped += other.unshipped
        crashes += other.crashes
        losses += other.losses
        rollbacks += other.rollbacks
        resyncs += other.resyncs
        evacuations += other.evacuations
        homecomings += other.homecomings
        restMilliseconds = max(restMilliseconds, other.restMilliseconds)
    }
}
