import ArgumentParser
import JSON

/// The conflict log's tools; each is a file of its own.
struct ConflictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: "Versions that lost against concurrent ones, as each region logged them.",
        discussion: """
            A region logs what it replaced or refused; regions that met the versions in another \
            order log other pairs. Records stay for conflicts.retention (30d).

            Examples:
              globalctl conflicts list orders --limit 20
              globalctl conflicts list --table orders --key id=1 --region eu-west-1
              globalctl conflicts list --since 2h --torn --output json
              globalctl conflicts show 00000002… --region eu-west-1
              globalctl conflicts export --since 2026-11-25T00:00:00Z --output conflicts.jsonl
              globalctl conflicts export --output conflicts.jsonl --resume
              globalctl conflicts restore 00000002… --dry-run
            """,
        subcommands: [List.self, Show.self, Export.self, Restore.self],
    )
}

/// Which records are wanted, the same for list and export.
struct ConflictFilter: ParsableArguments {
    @Option(name: .customLong("table"), help: "Only those of this table.")
    var tableName: String?

    @Option(help: "Only those of this item, as for globalctl item; needs the table.")
    var key: KeyArgument?

    @Option(help: "Only those noticed at or after: 2026-11-25T12:00:00Z, or 90s, 15m, 2h, 7d ago.")
    var since: TimeArgument?

    @Option(help: "Only those noticed before, in the same forms.")
    var until: TimeArgument?

    @Option(help: "Only those that this region logged.")
    var region: String?

    @Option(help: "Only those whose loser was written in this region.")
    var origin: String?

    @Flag(help: "Only transactions of which an item lost.")
    var torn = false

    /// The question for a region; `table` is another way to name the table.
    func members(table: String? = nil) throws -> [JSONValue.Member] {
        let name = table ?? tableName
        if key != nil, name == nil { throw Failure("--key needs the table") }
        var members: [JSONValue.Member] = []
        if let name { members.append(.init("table", .string(name))) }
        if let key { members.append(.init("key", key.json)) }
        if let since { members.append(.init("since", .number(String(since.milliseconds)))) }
        if let until { members.append(.init("until", .number(String(until.milliseconds)))) }
        if let origin { members.append(.init("origin", .string(origin))) }
        if torn { members.append(.init("torn", .bool(true))) }
        return members
    }
}

/// Asks one region for its records, answer by answer.
struct ConflictPages {
    private let regions: Regions
    private let region: String
    private let question: [JSONValue.Member]
    /// Records asked for at once.
    private static let pageMax = 500

    init(_ regions: Regions, _ region: String, _ question: [JSONValue.Member]) {
        self.regions = regions
        self.region = region
        self.question = question
    }

    /// Calls `body` with the records of each answer until it returns false or nothing is left.
    ///
    /// `seen` are ids, of a table each, behind which to begin; `limit` is how many records are wanted,
    /// nil for all.
    func read(
        behind seen: [String] = [],
        limit: Int? = nil,
        _ body: ([JSONValue]) throws -> Bool,
    ) throws {
        var left = limit ?? .max
        var after: String?
        while left > 0 {
            var members = question
            members.append(.init("limit", .number(String(min(left, Self.pageMax)))))
            members.append(.init("seen", .array(seen.map { .string($0) })))
            if let after { members.append(.init("after", .string(after))) }
            let page = try regions.peer(region, "/conflicts", .object(members))
            let records = page["conflicts"]?.elements ?? []
            left -= records.count
            guard try body(records) else { return }
            guard let next = page["next"]?.text else { return }
            after = next
        }
    }
}

enum ConflictID {
    /// An id begins with its table's local number, in hexadecimal.
    static let tableDigits = 8
}

extension Failure {
    /// Whether a region has no table of the name that was asked for.
    ///
    /// A table is in its members only: it is missing if no region has it.
    var isMissingTable: Bool { description.contains("ResourceNotFoundException") }

    /// Throws those that count together: those of missing tables only if nobody `has` it.
    static func check(_ failures: [Failure], has: Bool) throws {
        let counted = failures.filter { !has || !$0.isMissingTable }
        guard !counted.isEmpty else { return }
        throw Failure(counted.map(\.description).joined(separator: "; "))
    }
}
