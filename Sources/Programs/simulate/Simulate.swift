import ArgumentParser
import Simulation

/// Whole regions, links, networks, clocks and crashes in one thread, from a seed.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs simulated deployments and checks their invariants.",
        discussion: """
            EXAMPLES:
              simulate --seed 17
              simulate --seeds 1...500
              simulate --seed 17 --trace --steps 1000
              simulate --seeds 1...100 --bug loserNotLogged
              simulate --bugs
              simulate --model
              simulate --model --bugs

            A seed chooses the workload and the faults; the same seed gives the same run, everywhere.

            --model takes no seed: it visits every state of a small model of the protocol, scenario
            by scenario (docs/PROTOCOL.md), and holds each to the invariants. It takes a minute and
            up to 1 GiB. With --bugs it leaves out one rule after the other, each in the scenario
            that is to notice it, and prints the table.

            EXIT STATUS:
              0   every invariant held; with --bugs, every planted bug was caught
              1   an invariant was broken; the output says which and how to replay it
              64  the command line is wrong
            """,
    )

    @Option(help: "Run this seed.")
    var seed: UInt64?

    @Option(help: "Run these seeds: FIRST...LAST.")
    var seeds: SeedRange?

    @Option(help: "Plant this bug. An unknown name lists them.")
    var bug: String?

    @Flag(help: "Run seeds with each planted bug until its first failure, and print a table.")
    var bugs = false

    @Flag(help: "Visit all states of the protocol's model instead of running seeds.")
    var model = false

    @Option(help: "With --model: visit this scenario alone. An unknown name lists them.")
    var scenario: String?

    @Flag(help: "End each run with its busy seconds, without the quiet of ten minutes.")
    var dense = false

    @Flag(help: "Print a line for each event of the run.")
    var trace = false

    @Option(help: "Stop after so many events, without the checks of the end.")
    var steps: Int?

    func validate() throws {
        let bugNames = model ? ModelHunt.bugNames : Simulation.bugNames
        if let bug, !bugNames.contains(bug) {
            let names = bugNames.joined(separator: ", ")
            throw ValidationError("there is no bug '\(bug)'; there are: \(names)")
        }
        if model { return try validateModel() }
        guard scenario == nil else { throw ValidationError("--scenario goes with --model") }
        guard seed != nil || seeds != nil || bugs else {
            throw ValidationError("one of --seed, --seeds and --bugs is needed")
        }
        if let steps, steps < 1 { throw ValidationError("--steps is at least 1") }
    }

    private func validateModel() throws {
        guard seed == nil, seeds == nil, steps == nil, !trace else {
            throw ValidationError("--model takes no seeds, --trace or --steps")
        }
        if let scenario, !ModelHunt.scenarioNames.contains(scenario) {
            let names = ModelHunt.scenarioNames.joined(separator: "; ")
            throw ValidationError("there is no scenario '\(scenario)'; there are: \(names)")
        }
    }

    func run() throws {
        if model {
            let hunt = ModelHunt(scenario: scenario, bug: bug)
            guard bugs ? hunt.huntBugs() : hunt.visit() else { throw ExitCode(1) }
            return
        }
        let range = seeds?.range ?? seed.map { $0...$0 }
        if bugs { return try huntBugs(range ?? 1...SeedRange.huntMax) }
        guard let range else { return }
        var total = SimulationStatistics()
        for seed in range {
            let result = Simulation.run(options(seed, bug))
            for line in result.trace { print(line) }
            if let failure = result.failure {
                report(result, failure)
                throw ExitCode(1)
            }
            total.add(result.statistics)
        }
        let count = range.upperBound - range.lowerBound + 1
        print(
            "\(count) seeds: every invariant held. \(total.events) events, \(total.commits) "
                + "commits, \(total.changes) changes, \(total.acknowledged) acknowledged "
                + "operations, \(total.conflicts) conflicts, \(total.quarantined) set aside, "
                + "\(total.unshipped) unshipped, "
                + "\(total.crashes) crashes, \(total.losses) regions lost, "
                + "\(total.rollbacks) started from older copies, "
                + "\(total.resyncs) tables brought up, \(total.evacuations) evacuated, "
                + "\(total.homecomings) of them returned"
        )
    }

    private func options(_ seed: UInt64, _ bug: String?) -> SimulationOptions {
        SimulationOptions(
            seed: seed,
            bug: bug,
            isDense: dense,
            isTraced: trace,
            eventsMax: steps,
        )
    }

    private func report(_ result: SimulationResult, _ failure: BrokenInvariant) {
        print("seed \(result.seed): \(failure)")
        let bugOption = bug.map { " --bug \($0)" } ?? ""
        let events = result.statistics.events
        let denseOption = dense ? " --dense" : ""
        print("replay: swift run simulate --seed \(result.seed)\(denseOption)\(bugOption) --trace")
        print("failed at event \(events)")
    }

    private func huntBugs(_ range: ClosedRange<UInt64>) throws {
        var isAllCaught = true
        for name in Simulation.bugNames where bug == nil || bug == name {
            let caught = Simulation.firstFailure(in: range, bug: name)
            if let caught, let failure = caught.failure {
                print("\(name): seed \(caught.seed): \(failure)")
            } else {
                print("\(name): not caught by seeds \(range.lowerBound)...\(range.upperBound)")
                isAllCaught = false
            }
        }
        if !isAllCaught { throw ExitCode(1) }
    }
}

/// Seeds as the command line names them: `3...40`, `3..40` or `3-40`.
struct SeedRange: ExpressibleByArgument {
    /// How many seeds a hunt for a bug may take unless told otherwise.
    static let huntMax: UInt64 = 400

    let range: ClosedRange<UInt64>

    init?(argument: String) {
        let digits = argument.split(whereSeparator: { !("0"..."9").contains($0) })
        let signs = argument.filter { !("0"..."9").contains($0) }
        guard digits.count == 2, ["...", "..", "-"].contains(signs),
            let first = UInt64(digits[0]), let last = UInt64(digits[1]), first <= last,
            last - first < 100_000_000
        else { return nil }
        range = first...last
    }
}
