import ArgumentParser
import JSON
import Replication

/// Rehearsals; each kind of fault is a subcommand.
struct DrillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Rehearses a failure on the running regions, and measures what it costs.",
        discussion: """
            A drill makes a scratch table with a replica in every region and writes to it in all of \
            them, has one region suffer the fault, heals, and looks for every single write: which \
            were lost, which lost against concurrent ones, and how long what took. It writes to no \
            other table, but a region that is cut off, stopped or killed is so for all its clients. \
            The writer at the region goes to another one when it is refused or not answered, and \
            back as soon as it can.

            Regions and daemons take part only if their settings say drills.allow. Faults of links \
            are injected in the daemon of the settings and in the region. Cuts, slow links, pauses \
            and clocks end by themselves after their time, also if this tool is interrupted; heal ends \
            them at once. A region that was killed or lost is down until it is started.

            Examples:
              globalctl drill isolate eu-west-1 --for 30s
              globalctl drill isolate eu-west-1 --way in --for 30s
              globalctl drill lag us-east-1 --delay 300ms --loss 5 --for 1m
              globalctl drill pause us-east-1 --for 20s
              globalctl drill kill us-east-1 --for 10s --output json
              globalctl drill clock us-east-1 --by 90s --for 20s
              globalctl drill evacuate us-east-1 --for 10s
              globalctl drill lose us-east-1 --for 15s
              globalctl drill heal us-east-1

            Exit codes: 0 every promise held, 1 one did not or the drill could not be carried out, \
            2 bad usage.
            """,
        subcommands: [
            Isolate.self, Lag.self, Pause.self, Kill.self, ClockDrill.self, Evacuate.self,
            Lose.self,
            Heal.self,
        ],
    )

    struct Isolate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Nothing travels between the region and the others; all stay writable."
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        @Option(help: "What is cut: in, out or both.")
        var way = IsolationFault.Way.both

        func run() throws {
            try drill.run("isolate", options) { IsolationFault(drill.region, $0, way) }
        }
    }

    struct Lag: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The region's links are slow and lose requests."
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        @Option(help: "What each request of its links waits (to 60s).")
        var delay = DurationArgument(milliseconds: 300)

        @Option(help: "How many of a hundred are lost.")
        var loss = 5

        func validate() throws {
            guard (0...100).contains(loss) else { throw ValidationError("--loss is 0 to 100") }
            guard delay.milliseconds <= 60_000 else {
                throw ValidationError("--delay is at most 60s")
            }
        }

        func run() throws {
            try drill.run("lag", options) { LagFault(drill.region, $0, delay.milliseconds, loss) }
        }
    }

    struct Pause: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The region's process stands still, as a machine that is suspended."
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        func run() throws {
            try drill.run("pause", options) { PauseFault(drill.region, $0) }
        }
    }

    struct Kill: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The region's process ends as by kill -9, and is started again.",
            discussion: DrillArguments.startNote,
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        func run() throws {
            try drill.run("kill", options) { EndFault(drill.region, $0, losesDirectory: false) }
        }
    }

    struct ClockDrill: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "clock",
            abstract: "The region's clock is off.",
            discussion: """
                A clock that is further ahead than clock.driftMax (60s) makes the links from the \
                region hold what it writes, until the others' clocks have come so far: converging \
                then takes so long too. The region's other tables have the same clock: times to \
                live end early there, and what it writes meanwhile is held with the rest.
                """,
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        @Option(help: "By how much (to 10m): ahead, or behind with a minus (--by=-30s).")
        var by = DurationArgument(milliseconds: 30_000)

        func validate() throws {
            guard abs(by.milliseconds) <= 600_000 else {
                throw ValidationError("--by is at most 10m, ahead or behind")
            }
        }

        func run() throws {
            try drill.run("clock", options) { ClockFault(drill.region, $0, by.milliseconds) }
        }
    }

    struct Evacuate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The region is evacuated, and returns after the time.",
            discussion: """
                All tables of the region take no writes there meanwhile. --for counts from the \
                fence, and is longer if the others need longer to have everything.
                """,
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        @Option(help: "A table without a replica elsewhere, which does not count; may be repeated.")
        var withoutTable: [String] = []

        func run() throws {
            try drill.run("evacuate", options) {
                EvacuationFault(drill.region, $0, options, givenUp: withoutTable)
            }
        }
    }

    struct Heal: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End what an interrupted drill left: cuts, slow links, a clock that is off."
        )

        @OptionGroup var options: Options

        @Argument(help: "The region that suffers.")
        var region: String

        func run() throws {
            let regions = try options.regions()
            try regions.check(region)
            try IsolationFault(region, regions, .both).heal()
            options.show(.object([.init("healed", .string(region))])) { "\(region) is healed" }
        }
    }

    struct Lose: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The region's process ends and its directory is gone; it comes back empty.",
            discussion: """
                The directory is moved aside, not deleted; the report says where to. What no other \
                region had of the region's writes is lost with it, and counted. That goes for all \
                tables of the region, not for the scratch table alone.

                \(DrillArguments.startNote)
                """,
        )

        @OptionGroup var options: Options
        @OptionGroup var drill: DrillArguments

        func run() throws {
            try drill.run("lose", options) { EndFault(drill.region, $0, losesDirectory: true) }
        }
    }
}

/// What every drill takes.
struct DrillArguments: ParsableArguments {
    static let startNote = """
        The command drills.start of the settings starts the region again; without one, whatever \
        watches over the process is waited for.
        """

    @Argument(help: "The region that suffers.")
    var region: String

    @Option(name: .customLong("for"), help: "How long the fault lasts: 500ms, 30s, 5m (to 10m).")
    var duration = DurationArgument(milliseconds: 30_000)

    @Option(help: "How long the load runs before the fault, and after all is healed (to 10m).")
    var calm = DurationArgument(milliseconds: 3_000)

    @Option(help: "Writes a second in each region.")
    var rate = 20

    @Option(help: "How long a writer waits for an answer before it goes to another region.")
    var answer = DurationArgument(milliseconds: 1_000)

    @Option(help: "How long to wait at most for all regions to agree afterwards.")
    var timeout = DurationArgument(milliseconds: 300_000)

    @Flag(help: "Leave the scratch table.")
    var keepTable = false

    func validate() throws {
        guard (100...600_000).contains(duration.milliseconds) else {
            throw ValidationError("--for is 100ms to 10m")
        }
        guard (0...600_000).contains(calm.milliseconds) else {
            throw ValidationError("--calm is 0s to 10m")
        }
        guard (10...60_000).contains(answer.milliseconds) else {
            throw ValidationError("--answer is 10ms to 1m")
        }
        guard (1...500).contains(rate) else { throw ValidationError("--rate is 1 to 500") }
        guard (1_000...3_600_000).contains(timeout.milliseconds) else {
            throw ValidationError("--timeout is 1s to 1h")
        }
    }

    func run(
        _ name: String,
        _ options: Options,
        _ fault: (Regions) -> any DrillFault,
    ) throws {
        let regions = try options.regions()
        try regions.check(region)
        guard regions.names.count > 1 else {
            throw Failure("a drill needs a second region in the settings")
        }
        let run = DrillRun(name, self, regions, isQuiet: options.output == .json)
        let report = try run.perform(fault(regions))
        options.show(report.json) { DrillText.page(report) }
        guard report.isKept else {
            let broken = report.promises.filter { !$0.isKept }.map(\.name)
            throw Failure("not held: \(broken.joined(separator: "; "))")
        }
    }
}
