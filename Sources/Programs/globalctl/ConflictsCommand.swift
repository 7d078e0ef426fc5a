import ArgumentParser
import JSON

struct ConflictsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts",
        abstract: "Versions that lost against concurrent ones, as each region logged them.",
        discussion: """
            A region logs what it replaced or refused; regions that met the versions in another \
            order log other pairs.

            Examples:
              globalctl conflicts list orders --limit 20
              globalctl conflicts list --region eu-west-1 --output json
              globalctl conflicts show 00000002… --region eu-west-1
            """,
        subcommands: [List.self, Show.self],
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line for each conflict.")

        @OptionGroup var options: Options

        @Argument(help: "Only those of this table.")
        var table: String?

        @Option(help: "Only those that this region logged.")
        var region: String?

        @Option(help: "The most from each region.")
        var limit = 50

        func validate() throws {
            guard (1...1_000).contains(limit) else {
                throw ValidationError("--limit is 1 to 1000")
            }
        }

        func run() throws {
            let regions = try options.regions()
            let pages = try ConflictsCommand.ask(regions, table, region, limit: limit)
            let json = pages.map { name, page -> JSONValue in
                switch page {
                case .success(let answer): answer.with("region", .string(name))
                case .failure(let failure):
                    .object([
                        .init("region", .string(name)),
                        .init("error", .string(failure.description)),
                    ])
                }
            }
            options.show(.object([.init("regions", .array(json))])) { text(pages) }
            guard pages.contains(where: { (try? $0.page.get()) != nil }) else {
                throw Failure("no region has an answer")
            }
        }

        private func text(_ pages: [(name: String, page: Result<JSONValue, Failure>)]) -> String {
            var table = TextTable(["REGION", "TABLE", "KEY", "WINNER", "LOSER", "ID"])
            var notes: [String] = []
            for (name, page) in pages {
                switch page {
                case .failure(let failure): notes.append(failure.description)
                case .success(let answer):
                    for conflict in answer["conflicts"]?.elements ?? [] {
                        table.add(row(conflict, name))
                    }
                    if answer["next"]?.text != nil { notes.append("\(name) has more") }
                }
            }
            return ([table.isEmpty ? "no conflicts" : table.text] + notes).joined(separator: "\n")
        }

        private func row(_ conflict: JSONValue, _ region: String) -> [String] {
            [
                region, conflict["table"]?.text ?? "?", conflict["key"]?.compact ?? "?",
                conflict["winner"]?["stamp"].map(StampText.text) ?? "?",
                conflict["loser"]?["stamp"].map(StampText.text) ?? "?",
                conflict["id"]?.text ?? "?",
            ]
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One conflict with both versions."
        )

        @OptionGroup var options: Options

        @Argument(help: "The conflict's id, as the list shows it.")
        var id: String

        @Option(help: "The region that logged it; all are searched without.")
        var region: String?

        /// Pages looked through in each region before giving up.
        private static let pagesMax = 1_000

        func run() throws {
            let regions = try options.regions()
            var troubles: [String] = []
            for name in try regions.names(only: region) {
                do {
                    guard let conflict = try find(in: name, regions) else { continue }
                    return options.show(conflict.with("region", .string(name))) {
                        text(conflict, name)
                    }
                } catch let failure as Failure {
                    troubles.append(failure.description)
                }
            }
            throw Failure((["no conflict has this id"] + troubles).joined(separator: "; "))
        }

        private func find(in name: String, _ regions: Regions) throws -> JSONValue? {
            var after: String?
            for _ in 0..<Self.pagesMax {
                let page = try ConflictsCommand.page(regions, name, nil, limit: 1_000, after)
                let found = page["conflicts"]?.elements.first { $0["id"]?.text == id }
                if let found { return found }
                guard let next = page["next"]?.text else { return nil }
                after = next
            }
            return nil
        }

        private func text(_ conflict: JSONValue, _ region: String) -> String {
            var lines = [
                "region   \(region)",
                "table    \(conflict["table"]?.text ?? "?")",
                "key      \(conflict["key"]?.compact ?? "?")",
                "detected \(conflict["detectedMilliseconds"]?.digits ?? "?") ms since 1970",
            ]
            for (side, title) in [("winner", "winner  "), ("loser", "loser   ")] {
                let version = conflict[side] ?? .null
                lines.append("\(title) \(version["stamp"].map(StampText.text) ?? "?")")
                for entry in version["vector"]?.members ?? [] {
                    lines.append("         has seen \(entry.name) \(entry.value.text ?? "")")
                }
                let item = version["item"] ?? .null
                lines.append("         \(item == .null ? "(deleted)" : item.compact)")
            }
            return lines.joined(separator: "\n")
        }
    }

    fileprivate static func ask(
        _ regions: Regions,
        _ table: String?,
        _ region: String?,
        limit: Int,
    ) throws -> [(name: String, page: Result<JSONValue, Failure>)] {
        try regions.names(only: region).map { name in
            let answer = Result { try page(regions, name, table, limit: limit, nil) }
            return (name, answer.mapError { $0 as? Failure ?? Failure("\($0)") })
        }
    }

    fileprivate static func page(
        _ regions: Regions,
        _ region: String,
        _ table: String?,
        limit: Int,
        _ after: String?,
    ) throws -> JSONValue {
        var members: [JSONValue.Member] = [.init("limit", .number(String(limit)))]
        if let table { members.append(.init("table", .string(table))) }
        if let after { members.append(.init("after", .string(after))) }
        return try regions.peer(region, "/conflicts", .object(members))
    }
}
