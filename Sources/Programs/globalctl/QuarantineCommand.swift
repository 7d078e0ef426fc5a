import ArgumentParser
import JSON

struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Changes that a region could not apply, and what to do with them.",
        discussion: """
            A change that a region cannot apply is set aside there, byte for byte, with all later \
            changes of its item; the link goes on. After the mend (a newer program, say) retry \
            merges what can be merged by then. discard gives one change up for good and keeps it \
            on record; the region then differs from the others in that item until it is written \
            anew.

            Examples:
              globalctl quarantine list
              globalctl quarantine show 0000000203… --region eu-west-1
              globalctl quarantine retry orders
              globalctl quarantine retry orders --key pk=alice --region eu-west-1
              globalctl quarantine discard 0000000203… --region eu-west-1
              globalctl quarantine list --discarded
            """,
        subcommands: [List.self, Show.self, Retry.self, Discard.self],
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line for each change.")

        @OptionGroup var options: Options

        @Argument(help: "Only those of this table.")
        var table: String?

        @Option(help: "Only those of this region.")
        var region: String?

        @Option(help: "The most from each region.")
        var limit = 50

        @Flag(help: "Those that were discarded, instead.")
        var discarded = false

        func validate() throws {
            guard (1...1_000).contains(limit) else {
                throw ValidationError("--limit is 1 to 1000")
            }
        }

        func run() throws {
            let regions = try options.regions()
            var members: [JSONValue.Member] = [
                .init("limit", .number(String(limit))), .init("discarded", .bool(discarded)),
            ]
            if let table { members.append(.init("table", .string(table))) }
            let request = JSONValue.object(members)
            let pages = try regions.names(only: region).map { name in
                (name, Result { try regions.peer(name, "/quarantine", request) })
            }
            let json = pages.map { name, page -> JSONValue in
                switch page {
                case .success(let answer): answer.with("region", .string(name))
                case .failure(let error):
                    .object([
                        .init("region", .string(name)), .init("error", .string("\(error)")),
                    ])
                }
            }
            options.show(.object([.init("regions", .array(json))])) { text(pages) }
            guard pages.contains(where: { (try? $0.1.get()) != nil }) else {
                throw Failure("no region has an answer")
            }
        }

        private func text(_ pages: [(String, Result<JSONValue, any Error>)]) -> String {
            var table = TextTable(["REGION", "TABLE", "KEY", "STAMP", "FROM", "REASON", "ID"])
            var notes: [String] = []
            for (name, page) in pages {
                switch page {
                case .failure(let error): notes.append("\(error)")
                case .success(let answer):
                    for change in answer["changes"]?.elements ?? [] {
                        table.add(QuarantineText.row(change, name))
                    }
                    if answer["next"]?.text != nil { notes.append("\(name) has more") }
                }
            }
            let nothing = discarded ? "nothing was discarded" : "nothing is in quarantine"
            return ([table.isEmpty ? nothing : table.text] + notes).joined(separator: "\n")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One change in quarantine, with its bytes as they came."
        )

        @OptionGroup var options: Options
        @OptionGroup var change: QuarantinedChange

        func run() throws {
            let answer = try change.ask("/quarantine", options)
            options.show(answer) { QuarantineText.text(answer, change.region) }
        }
    }

    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Merge what can be merged by now.",
            discussion: "Fails if something still cannot be applied, or a region does not answer.",
        )

        @OptionGroup var options: Options

        @Argument(help: "The table's name.")
        var table: String

        @Option(help: "Only the item with this key.")
        var key: KeyArgument?

        @Option(help: "Only in this region.")
        var region: String?

        func run() throws {
            let regions = try options.regions()
            var outcomes: [(name: String, outcome: RetryOutcome)] = []
            var troubles: [String] = []
            for name in try regions.names(only: region) {
                do {
                    outcomes.append((name, try retry(in: name, regions)))
                } catch let failure as Failure {
                    troubles.append(failure.description)
                }
            }
            let json = outcomes.map { $0.outcome.json.with("region", .string($0.name)) }
            options.show(.object([.init("regions", .array(json))])) {
                outcomes.map { "\($0.name): \($0.outcome.text)" }.joined(separator: "\n")
            }
            let held = outcomes.reduce(0) { $0 + $1.outcome.held }
            if held > 0 { troubles.append("\(held) changes still cannot be applied") }
            guard troubles.isEmpty else { throw Failure(troubles.joined(separator: "; ")) }
        }

        private func retry(in region: String, _ regions: Regions) throws -> RetryOutcome {
            var outcome = RetryOutcome()
            var after: String?
            repeat {
                var members: [JSONValue.Member] = [.init("table", .string(table))]
                if let key { members.append(.init("key", key.json)) }
                if let after { members.append(.init("after", .string(after))) }
                let answer = try regions.peer(region, "/quarantine/retry", .object(members))
                outcome.add(answer)
                after = answer["next"]?.text
            } while after != nil
            return outcome
        }
    }

    struct Discard: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up the change that stands in front of its item's others.",
            discussion: "What waited behind it is merged at once, as far as it can be.",
        )

        @OptionGroup var options: Options
        @OptionGroup var change: QuarantinedChange

        func run() throws {
            var outcome = RetryOutcome()
            outcome.add(try change.ask("/quarantine/discard", options))
            options.show(outcome.json) { "\(change.region): discarded; \(outcome.text)" }
        }
    }
}

/// Names one change in quarantine: an id means another change in another region.
struct QuarantinedChange: ParsableArguments {
    @Argument(help: "The change's id, as the list shows it.")
    var id: String

    @Option(help: "The region that set it aside.")
    var region: String

    func ask(_ path: String, _ options: Options) throws -> JSONValue {
        try options.regions().peer(region, path, .object([.init("id", .string(id))]))
    }
}

/// What a retry did, in one or more pieces.
struct RetryOutcome {
    private var counts: [(name: String, count: Int)] = [
        ("merged", 0), ("newer", 0), ("stale", 0), ("conflicts", 0), ("held", 0),
    ]

    var held: Int { count("held") }

    mutating func add(_ answer: JSONValue) {
        for place in counts.indices {
            counts[place].count += answer[counts[place].name]?.integer ?? 0
        }
    }

    var json: JSONValue {
        .object(counts.map { .init($0.name, .number(String($0.count))) })
    }

    var text: String {
        "merged \(count("merged")) (newer \(count("newer")), stale \(count("stale")), "
            + "conflicts \(count("conflicts"))), still held \(held)"
    }

    private func count(_ name: String) -> Int {
        counts.first { $0.name == name }?.count ?? 0
    }
}

/// Changes in quarantine as text.
enum QuarantineText {
    static func row(_ change: JSONValue, _ region: String) -> [String] {
        [
            region, change["table"]?.text ?? "?", key(change),
            change["stamp"].map(StampText.text) ?? "?", change["source"]?.text ?? "?",
            change["reason"]?.text ?? "(waits)", change["id"]?.text ?? "?",
        ]
    }

    static func text(_ change: JSONValue, _ region: String) -> String {
        let item = change["item"] ?? .null
        return [
            "region    \(region)",
            "table     \(change["table"]?.text ?? "?")",
            "key       \(key(change))",
            "stamp     \(change["stamp"].map(StampText.text) ?? "?")",
            "came from \(change["source"]?.text ?? "?")",
            "since     \(change["sinceMilliseconds"]?.digits ?? "?") ms since 1970",
            "reason    \(change["reason"]?.text ?? "waits behind an earlier change of its item")",
            "item      \(item == .null ? "(cannot be read, or a delete)" : item.compact)",
            "change    \(change["change"]?.text ?? "?")",
        ].joined(separator: "\n")
    }

    private static func key(_ change: JSONValue) -> String {
        guard let key = change["key"], key != .null else {
            return "bytes \(change["keyBytes"]?.text ?? "?")"
        }
        return key.compact
    }
}
