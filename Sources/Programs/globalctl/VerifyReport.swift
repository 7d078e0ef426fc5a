import Causality
import Changes
import JSON
import Replication

/// What a comparison found, for people and for programs.
struct VerifyReport {
    let plan: VerifyPlan
    /// As JSON, those of an earlier run that this one goes on with included.
    private(set) var findings: [JSONValue]
    private var repairs: [VerifyRepair.Outcome] = []
    /// Items that were compared before a repair.
    private var itemsBefore: UInt64 = 0
    private var outcome: Verification.Outcome?
    private var milliseconds: UInt64 = 0
    /// Whether a comparison stopped because it had found so much, also if that was repaired since.
    private(set) var hasStopped = false

    /// Most findings of one comparison, which stops there.
    ///
    /// They are kept in memory, some 1 KB each.
    static let findingsMax = 100_000

    init(plan: VerifyPlan, findings: [JSONValue]) {
        self.plan = plan
        self.findings = findings
        hasStopped = isFull
    }

    /// Whether no more findings are taken.
    var isFull: Bool { findings.count >= VerifyReport.findingsMax }

    mutating func add(_ note: VerifyRun.Note) {
        if let json = VerifyText.json(note) { findings.append(json) }
        hasStopped = hasStopped || isFull
    }

    mutating func finish(_ run: VerifyRun) {
        outcome = run.outcome
        milliseconds = run.milliseconds
    }

    /// What is derived wrongly, one object each.
    var derived: [JSONValue] { findings.filter { $0["kind"]?.text == "derived" } }

    /// Whether something was found that a repair can mend.
    var isRepairable: Bool {
        !differing.isEmpty || derived.contains { $0["subject"]?.text?.hasPrefix("counts") ?? false }
    }

    /// What differs, one object each.
    var differing: [JSONValue] { findings.filter { $0["kind"]?.text == "differs" } }

    /// Forgets what was found, since all of it is looked at again after a repair.
    ///
    /// - Returns: the keys to look at.
    mutating func begin(after outcomes: [VerifyRepair.Outcome]) -> [[UInt8]] {
        let items = findings.filter {
            ["differs", "quarantined", "undecided"].contains($0["kind"]?.text)
        }
        repairs += outcomes
        itemsBefore = max(itemsBefore, outcome?.tally.items ?? 0)
        findings = []
        return items.compactMap { $0["keyBytes"]?.text.flatMap { Hexadecimal.bytes($0) } }
    }

    private func count(_ kind: String) -> Int {
        findings.count { $0["kind"]?.text == kind }
    }

    private var differences: Int { count("differs") + count("quarantined") + count("derived") }
    private var undecided: Int { count("undecided") }

    /// Whether every region that was to be compared was compared to the end.
    var isComplete: Bool {
        plan.isWhole && failure == nil
    }

    /// Why the comparison did not come to its end.
    private var failure: String? {
        if hasStopped {
            return "one comparison keeps \(VerifyReport.findingsMax) findings; repair them, and "
                + "compare the rest"
        }
        return outcome?.failure?.reason
    }

    /// The exit status; see `VerifyCommand`.
    var status: Int32 {
        if differences > 0 { return 3 }
        return isComplete && undecided + count("unchecked") == 0 ? 0 : 4
    }

    var verdict: String {
        switch status {
        case 0: "same"
        case 3: "different"
        default: "incomplete"
        }
    }

    // MARK: JSON

    var json: JSONValue {
        let tally = outcome?.tally ?? VerifyTally()
        return .object([
            .init("table", .string(plan.name)),
            .init("id", .string(plan.table.description)),
            .init("verdict", .string(verdict)),
            .init("complete", .bool(isComplete)),
            .init("failure", failure.map { .string($0) } ?? .null),
            .init("regions", .array(plan.parts.map(Self.json))),
            .init("items", .number(String(max(tally.items, itemsBefore)))),
            .init("rowsRead", .number(String(tally.rows))),
            .init("passing", .number(String(tally.passing))),
            .init("differing", .number(String(count("differs")))),
            .init("quarantined", .number(String(count("quarantined")))),
            .init("undecided", .number(String(undecided))),
            .init("derivedRows", .number(String(tally.derivedRows))),
            .init("derived", .number(String(count("derived")))),
            .init("unchecked", .number(String(count("unchecked")))),
            .init("milliseconds", .number(String(milliseconds))),
            .init("differences", .array(findings)),
            .init("repairs", .array(repairs.map(\.json))),
        ])
    }

    private static func json(_ region: String, _ part: VerifyPlan.Part) -> JSONValue {
        let (name, reason): (String, String?) =
            switch part {
            case .compared: ("compared", nil)
            case .skipped(let reason): ("skipped", reason)
            case .missing(let reason): ("missing", reason)
            }
        return .object([
            .init("region", .string(region)),
            .init("part", .string(name)),
            .init("reason", reason.map { .string($0) } ?? .null),
        ])
    }

    // MARK: Text

    /// The last lines; the findings were shown as they came.
    var text: String {
        let tally = outcome?.tally ?? VerifyTally()
        var lines: [String] = []
        if let failure { lines.append("NOT COMPLETE: \(failure)") }
        lines += plan.notes
        let rate = tally.items * 1_000 / max(1, milliseconds)
        lines.append(
            "\(plan.name): \(max(tally.items, itemsBefore)) items in \(plan.compared.joined(separator: ", ")), "
                + "\(rate) items/s; \(count("differs")) differ, \(count("quarantined")) in "
                + "quarantine, \(undecided) undecided, \(tally.passing) were on their way"
        )
        lines.append(
            "\(tally.derivedRows) rows looked at for what is derived: \(count("derived")) wrong, "
                + "\(count("unchecked")) could not be looked at"
        )
        if !repairs.isEmpty {
            let failed = repairs.count { $0.trouble != nil }
            lines.append("\(repairs.count) repairs tried, \(failed) not done; verified again")
        }
        switch status {
        case 0: lines.append(plan.compared.count > 1 ? "the same everywhere" : "nothing is wrong")
        case 3: lines.append("DIFFERENT")
        default: lines.append("NOT COMPLETE")
        }
        return lines.joined(separator: "\n")
    }
}

/// One finding as text and as JSON.
enum VerifyText {
    /// Nil for what is no finding.
    static func json(_ note: VerifyRun.Note) -> JSONValue? {
        switch note {
        case .place: nil
        case .finding(let finding): json(finding)
        case .derived(let region, let finding):
            .object([
                .init("kind", .string("derived")),
                .init("region", .string(region)),
                .init("subject", .string(finding.subject)),
                .init("problem", .string(finding.problem)),
                .init("key", key(finding.keyText)),
                .init("keyBytes", .string(Hexadecimal.text(finding.key))),
            ])
        case .unchecked(let region, let text):
            .object([
                .init("kind", .string("unchecked")),
                .init("region", .string(region)),
                .init("subject", .string(text)),
            ])
        }
    }

    static func text(_ note: VerifyRun.Note) -> String? {
        switch note {
        case .place: nil
        case .finding(let finding): text(finding)
        case .derived(let region, let finding):
            "WRONG in \(region): \(finding.subject) \(finding.problem)"
                + (finding.key.isEmpty ? "" : " \(keyText(finding.keyText, finding.key))")
        case .unchecked(let region, let text): "UNCHECKED in \(region): \(text)"
        }
    }

    static func json(_ finding: Verification.Finding) -> JSONValue {
        let (kind, reason): (String, String?) =
            switch finding.kind {
            case .differs: ("differs", nil)
            case .quarantined: ("quarantined", nil)
            case .undecided(let reason): ("undecided", reason)
            }
        return .object([
            .init("kind", .string(kind)),
            .init("reason", reason.map { .string($0) } ?? .null),
            .init("key", key(finding.text)),
            .init("keyBytes", .string(Hexadecimal.text(finding.key))),
            .init("regions", .array(finding.shown.map(json))),
        ])
    }

    private static func key(_ text: String) -> JSONValue {
        (try? JSONParser.parse(Array(text.utf8))) ?? .null
    }

    private static func keyText(_ text: String, _ bytes: [UInt8]) -> String {
        text.isEmpty ? "bytes \(Hexadecimal.text(bytes))" : text
    }

    private static func json(_ shown: Verification.Finding.Shown) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("region", .string(shown.region)),
            .init("state", .string(state(shown.sighting))),
            .init("quarantined", .bool(shown.sighting.isQuarantined)),
        ]
        if case .version(let version) = shown.sighting.content {
            members.append(
                .init(
                    "stamp",
                    .object([
                        .init("time", .string(version.stamp.time.description)),
                        .init("milliseconds", .number(String(version.stamp.time.milliseconds))),
                        .init("origin", .string(version.stamp.origin.description)),
                    ]),
                )
            )
            members.append(.init("digest", .string(version.digest.description)))
        }
        return .object(members)
    }

    private static func state(_ sighting: Sighting) -> String {
        switch sighting.content {
        case .absent: "absent"
        case .unreadable: "unreadable"
        case .version(let version): version.isTombstone ? "deleted" : "present"
        }
    }

    static func text(_ finding: Verification.Finding) -> String {
        let head =
            switch finding.kind {
            case .differs: "DIFFERS"
            case .quarantined: "QUARANTINED"
            case .undecided(let reason): "UNDECIDED (\(reason))"
            }
        let key = keyText(finding.text, finding.key)
        let width = finding.shown.map(\.region.count).max() ?? 0
        let lines = finding.shown.map { shown in
            let padding = String(repeating: " ", count: width - shown.region.count)
            return "    \(shown.region)\(padding)  \(text(shown.sighting))"
        }
        return (["\(head) \(key)"] + lines).joined(separator: "\n")
    }

    private static func text(_ sighting: Sighting) -> String {
        let quarantine = sighting.isQuarantined ? ", with changes in quarantine" : ""
        guard case .version(let version) = sighting.content else {
            return state(sighting) + quarantine
        }
        let content = version.isTombstone ? "" : ", content \(version.digest.description.prefix(8))"
        return "\(state(sighting)) \(version.stamp)\(content)\(quarantine)"
    }
}
