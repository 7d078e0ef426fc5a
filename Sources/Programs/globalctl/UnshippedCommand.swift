import ArgumentParser
import JSON

struct UnshippedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unshipped",
        abstract: "What a region wrote and shipped to nobody before it was removed.",
        discussion: """
            A region that was removed by force and comes back keeps these changes aside. merge \
            writes them anew, as the table stands now: over the version that they were written \
            over, or over a concurrent one that is older. What another version outdoes, or what \
            is replaced so, is in the conflict log of the region merged into.

            Examples:
              globalctl unshipped list
              globalctl unshipped export --table orders > unshipped.jsonl
              globalctl unshipped merge eu-west-1 --table orders --into us-east-1
            """,
        subcommands: [List.self, Export.self, Merge.self],
    )

    struct Filter: ParsableArguments {
        @Option(help: "Only those of this table.")
        var table: String?

        @Option(help: "Only those of this region.")
        var region: String?
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line for each change.")

        @OptionGroup var options: Options
        @OptionGroup var filter: Filter

        @Option(help: "The most from each region.")
        var limit = 50

        func validate() throws {
            guard (1...10_000).contains(limit) else {
                throw ValidationError("--limit is 1 to 10000")
            }
        }

        func run() throws {
            let regions = try options.regions()
            var table = TextTable(["REGION", "TABLE", "KIND", "ITEM", "WRITTEN", "MERGED"])
            var lists: [JSONValue] = []
            for name in try regions.names(only: filter.region) {
                let changes = try Unshipped(in: name, regions).prefix(limit, of: filter.table)
                for change in changes {
                    let isMerged = change["mergedMilliseconds"]?.integer ?? 0 > 0
                    table.add([
                        name, change["table"]?.text ?? "?", change["kind"]?.text ?? "?",
                        UnshippedCommand.item(change), change["time"]?.text ?? "?",
                        isMerged ? "yes" : "no",
                    ])
                }
                lists.append(
                    .object([
                        .init("region", .string(name)), .init("changes", .array(changes)),
                    ])
                )
            }
            options.show(.object([.init("regions", .array(lists))])) {
                table.isEmpty ? "nothing is unshipped" : table.text
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All of them, as JSON, one change in a line."
        )

        @OptionGroup var options: Options
        @OptionGroup var filter: Filter

        func run() throws {
            let regions = try options.regions()
            for name in try regions.names(only: filter.region) {
                try Unshipped(in: name, regions).each(of: filter.table) { page in
                    for change in page {
                        Terminal.show(change.with("region", .string(name)).compact)
                    }
                }
            }
        }
    }

    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write them anew in a region that has the table.",
            discussion: "Of each item the latest change alone is merged. It may be repeated.",
        )

        @OptionGroup var options: Options

        @Argument(help: "The region that keeps them.")
        var from: String

        @Option(help: "Only those of this table.")
        var table: String?

        @Option(help: "The region to write them in (default: the one that keeps them).")
        var into: String?

        func run() throws {
            let regions = try options.regions()
            let target = into ?? from
            try regions.check(from)
            try regions.check(target)
            var counts = MergeCounts()
            try Unshipped(in: from, regions).each(of: table) { page in
                let open = page.filter { $0["mergedMilliseconds"]?.integer == 0 }
                let latest = open.filter { $0["isLatest"] == .bool(true) }
                let changes = latest.compactMap { $0["change"] }
                let answer = try regions.peer(
                    target,
                    "/unshipped/merge",
                    .object([.init("changes", .array(changes))]),
                )
                let outcomes = answer["outcomes"]?.elements ?? []
                for outcome in outcomes { counts.add(outcome) }
                let refused = zip(latest, outcomes).filter { $0.1.text == nil }.map(\.0)
                let done = open.filter { change in
                    !refused.contains {
                        $0["keyBytes"] == change["keyBytes"] && $0["tableId"] == change["tableId"]
                    }
                }
                let ids = done.compactMap { $0["id"] }
                let note = JSONValue.object([.init("ids", .array(ids))])
                _ = try regions.peer(from, "/unshipped/merged", note)
            }
            options.show(counts.json) { counts.text }
            if let refusal = counts.refusal { throw Failure("\(target): \(refusal)") }
        }
    }

    fileprivate static func item(_ change: JSONValue) -> String {
        for name in ["item", "key"] {
            if let value = change[name], value != .null { return value.compact }
        }
        return "key bytes \(change["keyBytes"]?.text ?? "?")"
    }
}

/// The unshipped changes of one region, page by page.
private struct Unshipped {
    let region: String
    let regions: Regions
    private static let pageMax = 500

    init(in region: String, _ regions: Regions) {
        self.region = region
        self.regions = regions
    }

    func each(of table: String?, _ body: ([JSONValue]) throws -> Void) throws {
        var after: String?
        repeat {
            let answer = try page(of: table, after, Self.pageMax)
            try body(answer["changes"]?.elements ?? [])
            after = answer["next"]?.text
        } while after != nil
    }

    func prefix(_ limit: Int, of table: String?) throws -> [JSONValue] {
        var found: [JSONValue] = []
        var after: String?
        repeat {
            let answer = try page(of: table, after, min(Self.pageMax, limit - found.count))
            found += answer["changes"]?.elements ?? []
            after = answer["next"]?.text
        } while after != nil && found.count < limit
        return found
    }

    private func page(of table: String?, _ after: String?, _ limit: Int) throws -> JSONValue {
        var members: [JSONValue.Member] = [.init("limit", .number(String(limit)))]
        if let table { members.append(.init("table", .string(table))) }
        if let after { members.append(.init("after", .string(after))) }
        return try regions.peer(region, "/unshipped", .object(members))
    }
}

/// What became of the changes that were merged.
private struct MergeCounts {
    private var written = 0
    private var lost = 0
    private var refused = 0
    /// Why the first of those refused was.
    private(set) var refusal: String?

    mutating func add(_ outcome: JSONValue) {
        switch outcome.text {
        case "written": written += 1
        case "lost": lost += 1
        default:
            refused += 1
            if refusal == nil { refusal = outcome["refused"]?.text ?? "?" }
        }
    }

    var json: JSONValue {
        .object([
            .init("written", .number(String(written))),
            .init("lost", .number(String(lost))),
            .init("refused", .number(String(refused))),
        ])
    }

    var text: String {
        "written \(written), lost to other versions \(lost), refused \(refused)"
    }
}
