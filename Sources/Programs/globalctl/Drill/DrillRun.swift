import Causality
import Glibc
import JSON
import Replication

/// One drill from its scratch table to its report.
///
/// Prepare, load, fault, survey, heal, settle, judge. Whatever happens in between, the fault is
/// ended and the load stopped.
struct DrillRun {
    private let kind: String
    private let arguments: DrillArguments
    private let regions: Regions
    private let isQuiet: Bool
    private let table: ScratchTable

    private static let pauseMicroseconds: UInt32 = 20_000
    /// How long the survivors of a lost region get to bring each other to the same.
    private static let survivorsMilliseconds: UInt64 = 60_000

    init(_ kind: String, _ arguments: DrillArguments, _ regions: Regions, isQuiet: Bool) {
        self.kind = kind
        self.arguments = arguments
        self.regions = regions
        self.isQuiet = isQuiet
        table = ScratchTable(regions, sparing: arguments.region)
    }

    private var region: String { arguments.region }
    private var others: [String] { regions.names.filter { $0 != region } }
    private var calmMicroseconds: UInt32 { UInt32(arguments.calm.milliseconds) * 1_000 }
    private var timeoutMilliseconds: UInt64 { UInt64(arguments.timeout.milliseconds) }

    /// What the drill knows of a course of events; moments are the monotonic clock's.
    private struct Course {
        var loadStarted: UInt64 = 0
        var faultBegan: UInt64 = 0
        var faultEnded: UInt64 = 0
        /// When the survey below began, and what it found among the others.
        var surveyBegan: UInt64 = 0
        var survey: DrillSurvey?
        var converged: UInt64?
        var loadStopped: UInt64 = 0
    }

    func perform(_ fault: any DrillFault) throws -> DrillReport {
        try checkAllowed()
        say("drill \(kind) \(region): \(fault.description) for \(arguments.duration)")
        var report: DrillReport
        do {
            try table.create()
            say("\(table.name) has a replica in \(regions.names.joined(separator: ", "))")
            report = try rehearse(fault)
        } catch {
            cleanUp()
            throw error
        }
        report.figures += fault.figures
        cleanUp()
        return report
    }

    private func checkAllowed() throws {
        for (name, answer) in regions.peers("/status") {
            let status = try answer.get()
            guard status["drill"]?.members.isEmpty == false else {
                throw Failure("\(name) allows no drills (drills.allow in its settings)")
            }
            // A drill that evacuates would lift it.
            let fenced = (status["fences"]?.elements ?? []).compactMap { $0["region"]?.text }
            if let fenced = fenced.first(where: { regions.names.contains($0) }) {
                throw Failure("\(fenced) is fenced: globalctl return \(fenced) first")
            }
        }
    }

    private func cleanUp() {
        guard !arguments.keepTable else { return say("\(table.name) is left as it is") }
        do {
            try table.delete()
        } catch {
            Terminal.note("globalctl: \(table.name) is left: \(error)")
        }
    }

    // MARK: The course

    private func rehearse(_ fault: any DrillFault) throws -> DrillReport {
        let load = DrillLoad(
            regions,
            table: table.name,
            rate: arguments.rate,
            answerMilliseconds: arguments.answer.milliseconds,
        )
        var course = Course()
        course.loadStarted = Clock.milliseconds()
        load.start()
        defer { load.stop() }
        usleep(calmMicroseconds)
        course.faultBegan = Clock.milliseconds()
        do {
            try fault.inject(forMilliseconds: arguments.duration.milliseconds)
            say(fault.description)
            watch(load, until: course.faultBegan + UInt64(arguments.duration.milliseconds))
            course.surveyBegan = Clock.milliseconds()
            course.survey = try survey(fault)
        } catch {
            try? fault.heal()
            throw error
        }
        course.faultEnded = Clock.milliseconds()
        try fault.heal()
        say("healed")
        try settle(&course, fault)
        usleep(calmMicroseconds)
        load.stop()
        course.loadStopped = Clock.milliseconds()
        return try judge(course, load.writes, fault)
    }

    /// What the others hold of the region's writes.
    ///
    /// Of a region that is lost, once they have brought each other to the same: what they lack then,
    /// nobody will ever have.
    private func survey(_ fault: any DrillFault) throws -> DrillSurvey {
        if fault.losesUnshipped {
            _ = try waitUntilCovered(others, Self.survivorsMilliseconds)
        }
        return try DrillSurvey(others, table)
    }

    /// Waits until every region holds what all had when the fault ended.
    private func settle(_ course: inout Course, _ fault: any DrillFault) throws {
        try table.waitUntilActive(in: region, timeoutMilliseconds)
        course.converged = try waitUntilCovered(regions.names, timeoutMilliseconds)
    }

    /// - Returns: when it was so; nil if time ran out.
    private func waitUntilCovered(_ names: [String], _ milliseconds: UInt64) throws -> UInt64? {
        let deadline = Clock.milliseconds() + milliseconds
        var wanted: VersionVector?
        var trouble: (any Error)?
        while Clock.milliseconds() < deadline {
            do {
                let vectors = try names.map { try table.vector(in: $0) }
                let all = wanted ?? vectors.reduce(into: VersionVector()) { $0.join($1) }
                wanted = all
                if vectors.allSatisfy({ $0.covers(all) }) { return Clock.milliseconds() }
            } catch {
                trouble = error
            }
            usleep(Self.pauseMicroseconds)
        }
        if wanted == nil, let trouble { throw trouble }
        return nil
    }

    // MARK: The verdict

    private func judge(
        _ course: Course,
        _ ledger: DrillLedger,
        _ fault: any DrillFault,
    ) throws -> DrillReport {
        let agreedAt = try waitUntilCovered(regions.names, timeoutMilliseconds)
        let final = try DrillSurvey(regions.names, table)
        var report = DrillReport(drill: kind, region: region, table: table.name)
        report.faultMilliseconds = course.faultEnded - course.faultBegan
        report.conflicts = final.losers.count
        report.convergenceMilliseconds = course.converged.map { $0 - course.faultEnded }
        let unshipped = self.unshipped(course, ledger)
        report.unshippedWrites = unshipped.count
        let lossMoment = fault.losesUnshipped ? course.faultBegan : course.surveyBegan
        report.recoveryPointMilliseconds =
            unshipped.map(\.endMilliseconds).min().map { lossMoment - min($0, lossMoment) } ?? 0
        report.recoveryTimeMilliseconds =
            ledger.firstAcknowledged(
                after: course.faultBegan,
                by: fault.serves ? [region] : regions.names.filter { $0 != region },
                home: region,
            )
            .map { $0.endMilliseconds - course.faultBegan }
        report.failbackMilliseconds = ledger.firstAcknowledged(
            after: course.faultEnded,
            by: [region]
        )
        .map { $0.endMilliseconds - course.faultEnded }
        report.service = regions.names.map { name in
            DrillReport.Regional(
                region: name,
                during: ledger.service(of: name, from: course.faultBegan, to: course.faultEnded),
                total: ledger.service(of: name, from: course.loadStarted, to: course.loadStopped),
            )
        }
        let findings = ledger.audit(items: final.agreed, losers: final.losers)
        let lost = Set(fault.losesUnshipped ? unshipped : [])
        let missing = findings.missing.filter { !lost.contains($0) }
        report.promises = [
            agreement(final, agreedAt),
            traces(ledger, missing, findings.strange, lost.count),
            availability(report.service, fault),
            try comparison(),
            try accounts(),
        ]
        if fault.handsOver {
            report.promises.append(
                .init(
                    "nothing is left behind",
                    unshipped.isEmpty,
                    unshipped.isEmpty
                        ? "the others had all that \(region) had acknowledged"
                        : "\(unshipped.count) writes were nowhere else",
                )
            )
        }
        if course.converged == nil {
            report.promises.append(
                .init("converges", false, "not within \(arguments.timeout) after the fault's end")
            )
        }
        return report
    }

    /// The region's writes before the survey that no other region held then.
    private func unshipped(_ course: Course, _ ledger: DrillLedger) -> [DrillWrite] {
        guard let survey = course.survey else { return [] }
        let missing = survey.items.values.map { items in
            Set(ledger.audit(items: items, losers: survey.losers).missing)
        }
        guard let first = missing.first else { return [] }
        return missing.dropFirst().reduce(first) { $0.intersection($1) }
            .filter { $0.region == region && $0.endMilliseconds <= course.surveyBegan }
    }

    private func agreement(_ survey: DrillSurvey, _ agreedAt: UInt64?) -> DrillReport.Promise {
        guard agreedAt != nil else {
            return .init("the regions agree", false, "their vectors do not cover each other")
        }
        let differing = survey.differing
        return .init(
            "the regions agree",
            differing.isEmpty,
            differing.isEmpty
                ? "\(survey.agreed.count) items are the same in \(regions.names.count) regions"
                : "they differ in \(differing.prefix(10).joined(separator: ", "))",
        )
    }

    private func traces(
        _ ledger: DrillLedger,
        _ missing: [DrillWrite],
        _ strange: [String],
        _ lost: Int,
    ) -> DrillReport.Promise {
        let name = "no write is lost silently"
        guard missing.isEmpty else {
            let shown = missing.prefix(5).map {
                "\($0.item) = \($0.value ?? "deleted") in \($0.region)"
            }
            return .init(name, false, "\(missing.count) are: \(shown.joined(separator: ", "))")
        }
        guard strange.isEmpty else {
            let shown = strange.prefix(5).joined(separator: ", ")
            return .init(name, false, "items hold what nobody wrote: \(shown)")
        }
        let but = lost > 0 ? ", but for the \(lost) that were lost with the region" : ""
        return .init(name, true, "all \(ledger.acknowledged) acknowledged writes are told of\(but)")
    }

    /// Regions that do not suffer take every write; so does one that is only cut off.
    private func availability(
        _ service: [DrillReport.Regional],
        _ fault: any DrillFault,
    ) -> DrillReport.Promise {
        let expected = service.filter { $0.region != region || fault.serves }
        let failed = expected.filter { $0.total.refused + $0.total.unknown > 0 }
        let gap = expected.map(\.during.longestGapMilliseconds).max() ?? 0
        return .init(
            "the others take every write",
            failed.isEmpty,
            failed.isEmpty
                ? "longest time without one: \(gap) ms"
                : failed.map {
                    "\($0.region): \($0.total.refused) refused, \($0.total.unknown) unanswered"
                }
                .joined(separator: "; "),
        )
    }

    /// What `globalctl verify` says of the table: digests, indexes, expiry and counts.
    private func comparison() throws -> DrillReport.Promise {
        let plan = try VerifyPlan(table.name, nil, regions)
        var report = VerifyReport(plan: plan, findings: [])
        let run = try VerifyRun(plan, regions, VerifySettings(), from: Verification.Place())
        try run.compare { note in
            report.add(note)
            return !report.isFull
        }
        report.finish(run)
        return .init(
            "verify finds no difference",
            report.status == 0,
            "\(report.verdict) in \(plan.compared.count) regions",
        )
    }

    /// For each link, fetched = applied + stale + conflicts + quarantined, counted at its target.
    private func accounts() throws -> DrillReport.Promise {
        var off: [String] = []
        var links = 0
        for name in regions.names {
            for peer in try regions.peer(name, "/status")["peers"]?.elements ?? [] {
                guard let account = peer["accounting"] else { continue }
                links += 1
                let parts = ["applied", "stale", "conflicts", "quarantined"]
                let sum = parts.reduce(0) { $0 + (account[$1]?.integer ?? 0) }
                let quarantined = account["quarantined"]?.integer ?? 0
                if account["fetched"]?.integer != sum || quarantined > 0 {
                    off.append("\(peer["region"]?.text ?? "?") → \(name)")
                }
            }
        }
        return .init(
            "the accounts add up",
            off.isEmpty,
            off.isEmpty ? "\(links) links" : off.joined(separator: ", "),
        )
    }

    // MARK: Progress

    private func watch(_ load: DrillLoad, until end: UInt64) {
        let everyMilliseconds: UInt64 = 5_000
        var next = Clock.milliseconds() + everyMilliseconds
        while Clock.milliseconds() < end {
            usleep(Self.pauseMicroseconds)
            if Clock.milliseconds() >= next {
                next += everyMilliseconds
                say("\(load.writes.acknowledged) writes acknowledged")
            }
        }
    }

    private func say(_ text: String) {
        if !isQuiet { Terminal.note("  \(text)") }
    }
}
