import ArgumentParser
import JSON
import Replication

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares what all regions hold of a table, while it is written.",
        discussion: """
            Compares by digests over ranges of keys, and names every item that regions do not hold \
            alike and that nothing on its way explains. Then looks in each region at whether \
            indexes, the orders of expiry and deletes, item collections and counts are what its \
            items say. Replicas that are being made or removed are skipped. Progress goes to stderr.

            Examples:
              globalctl verify orders
              globalctl verify orders --rate 50000 --resume orders.verify
              globalctl verify orders --regions us-east-1,eu-west-1 --output json
              globalctl verify orders --repair

            Exit codes: 0 all regions agree and nothing is wrong in any, 1 nothing could be compared, 2 bad usage, \
            3 differences were found, 4 no difference was found but the comparison is not complete: \
            a region does not answer, some items could not be told, or something derived could not be \
            looked at.
            """,
    )

    /// Rows a second; faster, and a region's requests would feel it.
    static let rateDefault = 400_000
    private static let rateMax = 1_000_000_000
    private static let waitSecondsMax = 86_400
    /// The first mends items and counts, the second the counts that mended items changed.
    private static let repairRoundsMax = 2

    @OptionGroup var options: Options

    @Argument(help: "The table's name.")
    var table: String

    @Option(help: "Only these regions, separated by commas; at least two.")
    var regions: String?

    @Option(help: "The most items a second that each region reads for it; 0 for no bound.")
    var rate = VerifyCommand.rateDefault

    @Option(help: "Seconds for which an item that may be on its way is looked at again.")
    var wait = 30

    @Flag(help: "Have the regions agree on items that differ, by versions that exist.")
    var repair = false

    @Flag(help: "Do not look at what each region derives from its items: indexes, counts, expiry.")
    var skipDerived = false

    @Option(help: "Go on where this file says, and note there how far it came.")
    var resume: String?

    func validate() throws {
        guard (0...VerifyCommand.rateMax).contains(rate) else {
            throw ValidationError("--rate is 0 to \(VerifyCommand.rateMax)")
        }
        guard (0...VerifyCommand.waitSecondsMax).contains(wait) else {
            throw ValidationError("--wait is 0 to \(VerifyCommand.waitSecondsMax)")
        }
        if let regions, Set(regions.split(separator: ",")).count < 2 {
            throw ValidationError("--regions takes at least two")
        }
    }

    func run() throws {
        let all = try options.regions()
        let only = regions.map { $0.split(separator: ",").map(String.init) }
        let plan = try VerifyPlan(table, only, all)
        for line in plan.notes { Terminal.note("globalctl: \(line)") }
        guard !plan.compared.isEmpty else {
            throw Failure("no region that answers has an active replica of \(table)")
        }
        let state = try resume.map { try VerifyState.load($0, plan) } ?? nil
        var report = VerifyReport(plan: plan, findings: state?.findings ?? [])
        let settings = VerifySettings(
            rowsPerSecond: rate,
            patienceMilliseconds: UInt64(wait) * 1_000,
            looksAtDerived: !skipDerived,
        )
        var place = state?.place ?? Verification.Place()
        if !report.isFull { place = try run(plan, all, settings, from: place, &report) }
        if repair, report.isComplete || report.hasStopped {
            try repair(plan, all, settings, &report)
            if report.hasStopped { try note(place, report, plan) }
        }
        if let resume, report.isComplete { VerifyState.remove(resume) }
        options.show(report.json) { report.text }
        if report.status != 0 { throw ExitCode(report.status) }
    }

    /// Items first: one that comes back is counted once more than the rows it had.
    private func repair(
        _ plan: VerifyPlan,
        _ regions: Regions,
        _ settings: VerifySettings,
        _ report: inout VerifyReport,
    ) throws {
        let repair = VerifyRepair(plan: plan, regions: regions)
        for round in 0..<VerifyCommand.repairRoundsMax where report.isRepairable {
            let outcomes = repair.repair(report.differing)
            for line in repair.recount(report.derived) { Terminal.note("globalctl: \(line)") }
            let keys = report.begin(after: round == 0 ? outcomes : [])
            if options.output == .text { for one in outcomes { Terminal.show(one.text) } }
            let place = Verification.Place(next: nil, suspects: keys)
            // The file goes on to say where the comparison stands, which is not at its end yet.
            _ = try run(plan, regions, settings, from: place, &report, isNoted: false)
            // What was not mended will not be by another try; what mended items did to counts will.
            guard report.differing.isEmpty else { return }
        }
    }

    /// Writes down where a later run is to go on, if that is wanted.
    private func note(
        _ place: Verification.Place,
        _ report: VerifyReport,
        _ plan: VerifyPlan,
    ) throws {
        guard let resume else { return }
        try VerifyState(place: place, findings: report.findings).save(resume, plan)
    }

    /// - Returns: the place it came to.
    private func run(
        _ plan: VerifyPlan,
        _ regions: Regions,
        _ settings: VerifySettings,
        from place: Verification.Place,
        _ report: inout VerifyReport,
        isNoted: Bool = true,
    ) throws -> Verification.Place {
        let run = try VerifyRun(plan, regions, settings, from: place)
        var latest = place
        try run.compare { note in
            report.add(note)
            if options.output == .text, let text = VerifyText.text(note) { Terminal.show(text) }
            if case .place(let place) = note {
                latest = place
                if isNoted { try self.note(place, report, plan) }
            }
            return !report.isFull
        }
        report.finish(run)
        return latest
    }
}
