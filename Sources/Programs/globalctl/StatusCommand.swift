import ArgumentParser
import Glibc
import JSON
import Replication

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "The regions, the links with their lag, and how far each region has the others.",
        discussion: """
            A region or a daemon that does not answer is shown so; that is no failure.

            LINKS are globald's, counted since it started. A link is idle if nothing is left to \
            ship and heartbeats arrive, shipping if something is left and arrives, and stalled, \
            with the reason, if something is left and does not arrive or no heartbeats do. \
            RECEIVED is what each region has counted of what came from each other, in the \
            transactions that merged it, ever since it began: \
            fetched = applied + stale + conflicts + quarantined.

            Examples:
              globalctl status
              globalctl status --watch --interval 2
              globalctl status --output json
            """,
    )

    @OptionGroup var options: Options

    @Flag(help: "Show it again and again until interrupted.")
    var watch = false

    @Option(help: "Seconds between two looks with --watch.")
    var interval = 1.0

    func validate() throws {
        guard interval >= 0.1, interval <= 3_600 else {
            throw ValidationError("--interval is 0.1 to 3600 seconds")
        }
    }

    func run() throws {
        let regions = try options.regions()
        repeat {
            let report = StatusReport(regions)
            if watch, options.output == .text { Terminal.clear() }
            options.show(report.json) { report.text }
            // As long as was asked for, between two looks.
            if watch { usleep(UInt32(interval * 1_000_000)) }
        } while watch
    }
}

/// What all regions and the daemon say of themselves at one time.
struct StatusReport {
    private let answers: [(region: String, answer: Result<JSONValue, Failure>)]
    private let links: Result<JSONValue, Failure>
    private let controlURL: String

    init(_ regions: Regions) {
        answers = regions.peers("/status")
        links = Result { try regions.control(Control.linksPath) }
            .mapError { $0 as? Failure ?? Failure("\($0)") }
        controlURL = regions.controlURL
    }

    var json: JSONValue {
        let regions = answers.map { name, answer -> JSONValue in
            switch answer {
            case .success(let status): status.with("reachable", .bool(true))
            case .failure(let failure):
                .object([
                    .init("reachable", .bool(false)),
                    .init("region", .string(name)),
                    .init("reason", .string(failure.description)),
                ])
            }
        }
        var members: [JSONValue.Member] = [.init("regions", .array(regions))]
        switch links {
        case .success(let answer):
            members.append(.init("links", answer["links"] ?? .array([])))
        case .failure(let failure):
            members.append(.init("links", .null))
            members.append(.init("linksReason", .string(failure.description)))
        }
        return .object(members)
    }

    var text: String {
        [
            regionsText, fencesText, recoveredText, resyncText, linksText, accountsText, vectorsText,
        ].filter {
            !$0.isEmpty
        }
        .joined(
            separator: "\n\n"
        )
    }

    private var regionsText: String {
        var table = TextTable(
            [
                "REGION", "STATE", "TABLES", "CONFLICTS", "TORN", "QUARANTINE", "TOMBSTONES",
                "ORIGIN",
            ],
            numeric: [2, 3, 4, 5, 6],
        )
        for (name, answer) in answers {
            switch answer {
            case .success(let status):
                let numbers = ["tables", "conflicts", "torn", "quarantine", "tombstones"].map {
                    status[$0]?.digits ?? "-"
                }
                table.add(
                    [name, fence(name, status) == nil ? "up" : "FENCED"] + numbers + [
                        status["origin"]?.text ?? "-"
                    ]
                )
            case .failure(let failure):
                table.add([name, "UNREACHABLE", "-", "-", "-", "-", "-", failure.description])
            }
        }
        return table.text
    }

    private func fence(_ region: String, _ status: JSONValue) -> JSONValue? {
        status["fences"]?.elements.first { $0["region"]?.text == region }
    }

    /// The regions that take no writes: by their own word, or by what others know of one that does
    /// not answer.
    private var fencesText: String {
        answers.compactMap { name, answer in
            let fence: JSONValue?
            if case .success(let status) = answer {
                fence = self.fence(name, status)
            } else {
                let others = answers.compactMap { try? $0.answer.get() }
                fence = others.compactMap { self.fence(name, $0) }.first
            }
            guard let since = fence?["sinceMilliseconds"]?.integer else { return nil }
            return
                "\(name) takes no writes since \(Timestamp.text(since)): globalctl return \(name)"
        }.joined(separator: "\n")
    }

    /// The regions that lost part of their files, and what came back.
    private var recoveredText: String {
        answers.compactMap { name, answer in
            guard case .success(let status) = answer,
                let changes = status["recovered"]?["changes"]?.digits
            else { return nil }
            let through = status["recovered"]?["through"]?.text ?? "-"
            return "\(name) got back \(changes) writes of its own from peers, through \(through)"
        }.joined(separator: "\n")
    }

    /// The tables that were too far behind, and how far they have been brought up.
    private var resyncText: String {
        answers.flatMap { name, answer -> [String] in
            guard case .success(let status) = answer else { return [] }
            return (status["resync"]?.elements ?? []).map { resync in
                let what = "RESYNC: \(resync["table"]?.text ?? "?") in \(name) was too far behind"
                let stage = resync["stage"]?.text ?? "?"
                guard let source = resync["source"]?.text else { return "\(what); \(stage)" }
                let merged = resync["rowsMerged"]?.digits ?? "0"
                let expected = resync["rowsExpected"]?.digits ?? "0"
                return "\(what); \(stage) from \(source), \(merged) of about \(expected) rows"
            }
        }.joined(separator: "\n")
    }

    private var linksText: String {
        guard case .success(let answer) = links else {
            return "LINKS: globald does not answer at \(controlURL)"
        }
        return LinksText.table(answer["links"]?.elements ?? [])
    }

    private var accountsText: String {
        LinksText.accounts(
            answers.compactMap { name, answer in
                (try? answer.get()).map { (name, $0["peers"]?.elements ?? []) }
            }
        )
    }

    /// Per region and group of tables in step, the time of each origin applied.
    private var vectorsText: String {
        var table = TextTable(["REGION", "TABLES", "HAS", "THROUGH"])
        for (name, answer) in answers {
            guard case .success(let status) = answer else { continue }
            for group in status["vectors"]?.elements ?? [] {
                let tables = (group["tables"]?.elements ?? []).compactMap(\.text)
                var first = [name, Self.shortened(tables)]
                for entry in group["vector"]?.members ?? [] {
                    table.add(first + [entry.name, entry.value.text ?? "-"])
                    first = ["", ""]
                }
            }
        }
        return table.isEmpty ? "" : table.text
    }

    private static func shortened(_ tables: [String]) -> String {
        let shownMax = 4
        let shown = tables.prefix(shownMax).joined(separator: ",")
        return tables.count > shownMax ? "\(shown),… (\(tables.count))" : shown
    }
}
