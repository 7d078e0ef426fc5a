import ArgumentParser
import Changes
import Glibc
import JSON
import Replication

struct EvacuateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evacuate",
        abstract: "Take a region out of service without losing a write that it acknowledged.",
        discussion: """
            Fences the region: from then on it refuses writes with status 503, time to live deletes \
            nothing there, and it goes on to serve reads and to send what it has. Then waits until \
            every other region has all that it had at the fence, its own writes and what it had of \
            others, shows what is lacking meanwhile, and only then says that the region is safe to \
            take away, with the proof: for each table and region, the fence's vector and the one held.

            The fence stands until it is lifted: after a time-out, when this tool is interrupted, and \
            when the region is started again. Asked again, the evacuation goes on where it was. \
            --abort lifts the fence at once; globalctl return does so when the region has caught up.

            A region that does not answer is waited for, then named as lacking. --without goes on \
            without its word: what it lacks it gets from the others later. A table without a replica \
            elsewhere is named as lacking; --without-table gives it up. What goes with the region in \
            any case is what only it has by nature: its conflict log, its streams, its quarantine.

            Exit codes: 0 safe, or the fence is lifted; 1 not safe.

            Examples:
              globalctl evacuate us-east-1
              globalctl evacuate us-east-1 --timeout 10m --output json
              globalctl evacuate us-east-1 --without ap-northeast-1
              globalctl evacuate us-east-1 --abort
            """,
    )

    @OptionGroup var options: Options

    @Argument(help: "The region to take out of service.")
    var region: String

    @Option(help: "How long to wait at most: 90s, 10m, 2h (to a day); a number alone is seconds.")
    var timeout = DurationArgument(milliseconds: 60_000)

    @Option(help: "A region that need not answer; may be repeated.")
    var without: [String] = []

    @Option(help: "A table that may be lost with the region; may be repeated.")
    var withoutTable: [String] = []

    @Flag(help: "Lift the fence: the region takes writes again at once.")
    var abort = false

    func validate() throws {
        guard !without.contains(region) else {
            throw ValidationError("--without names the region that is to be evacuated")
        }
        try timeout.checkWait("--timeout")
        guard !abort || (without.isEmpty && withoutTable.isEmpty) else {
            throw ValidationError("--abort goes with no --without")
        }
    }

    func run() throws {
        let regions = try options.regions()
        try regions.check(region)
        if abort { return try FenceCalls(region, regions).abort(options) }
        var run = EvacuationRun(
            Evacuation(
                region,
                without: Set(without),
                givenUp: Set(withoutTable),
                deadlineMilliseconds: UInt64(Timestamp.now() + timeout.milliseconds),
            ),
            FenceCalls(region, regions),
            options,
        )
        let outcome = run.run()
        let report = EvacuationReport(run.machine, outcome, without, withoutTable)
        options.show(report.json) { report.text }
        if let complaint = report.complaint { throw Failure(complaint) }
    }
}

/// Carries out what an evacuation wants, and shows what it waits for.
struct EvacuationRun {
    private(set) var machine: Evacuation
    private let calls: FenceCalls
    private let options: Options
    private var shown = ""

    init(_ machine: Evacuation, _ calls: FenceCalls, _ options: Options) {
        self.machine = machine
        self.calls = calls
        self.options = options
    }

    mutating func run() -> Evacuation.Outcome {
        var event = Evacuation.Event.started
        while true {
            switch machine.handle(event, nowMilliseconds: UInt64(Timestamp.now())) {
            case .setFence:
                do {
                    event = .fenceSet(try calls.set())
                } catch {
                    event = .fenceFailed("\(error)")
                }
            case .ask: event = .answered(calls.ask())
            case .wait(let milliseconds):
                showProgress()
                usleep(UInt32(milliseconds) * 1_000)
                event = .waited
            case .finish(let outcome): return outcome
            }
        }
    }

    private mutating func showProgress() {
        guard options.output == .text else { return }
        let lines = machine.drain.map { $0.lacks.map(calls.describe).joined(separator: "\n") }
        let text = lines ?? "\(machine.region) is not fenced yet"
        if text != shown { Terminal.note(text) }
        shown = text
    }
}
