import ArgumentParser
import JSON

extension ConflictsCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One line for each conflict.",
            discussion: """
                Fails if a region does not answer that was asked; what the others have is shown.
                """,
        )

        @OptionGroup var options: Options
        @OptionGroup var filter: ConflictFilter

        @Argument(help: "Only those of this table, as --table.")
        var table: String?

        @Option(help: "The most from each region.")
        var limit = 50

        func validate() throws {
            guard (1...1_000_000).contains(limit) else {
                throw ValidationError("--limit is 1 to 1000000")
            }
            guard table == nil || filter.tableName == nil || table == filter.tableName else {
                throw ValidationError("two tables are named")
            }
        }

        func run() throws {
            let regions = try options.regions()
            let question = try filter.members(table: table)
            let answers = try regions.names(only: filter.region).map {
                (name) -> (name: String, answer: Result<Found, Failure>) in
                let answer = Result { try found(in: name, regions, question) }
                return (name: name, answer: answer.mapError { $0 as? Failure ?? Failure("\($0)") })
            }
            let json = answers.map { name, answer -> JSONValue in
                switch answer {
                case .success(let found):
                    .object([
                        .init("region", .string(name)), .init("conflicts", .array(found.records)),
                        .init("more", .bool(found.hasMore)),
                    ])
                case .failure(let error):
                    .object([
                        .init("region", .string(name)), .init("error", .string("\(error)")),
                    ])
                }
            }
            options.show(.object([.init("regions", .array(json))])) { text(answers) }
            let failures = answers.compactMap { _, answer -> Failure? in
                if case .failure(let failure) = answer { failure } else { nil }
            }
            try Failure.check(failures, has: failures.count < answers.count)
        }

        private struct Found {
            var records: [JSONValue] = []
            var hasMore = false
        }

        private func found(
            in name: String,
            _ regions: Regions,
            _ question: [JSONValue.Member],
        ) throws -> Found {
            var found = Found()
            // One more than is shown tells whether there are more.
            try ConflictPages(regions, name, question).read(limit: limit + 1) { records in
                found.records += records
                return true
            }
            if found.records.count > limit {
                found.records.removeLast(found.records.count - limit)
                found.hasMore = true
            }
            return found
        }

        private func text(
            _ answers: [(name: String, answer: Result<Found, Failure>)]
        ) -> String {
            var table = TextTable(
                ["REGION", "NOTICED", "TABLE", "KEY", "WINNER", "LOSER", "TORN", "ID"]
            )
            var notes: [String] = []
            for (name, answer) in answers {
                guard case .success(let found) = answer else { continue }
                for record in found.records { table.add([name] + ConflictText.row(record)) }
                if found.hasMore { notes.append("\(name) has more") }
            }
            return ([table.isEmpty ? "no conflicts" : table.text] + notes).joined(separator: "\n")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One conflict with both versions, and the items of a torn transaction."
        )

        @OptionGroup var options: Options

        @Argument(help: "The conflict's id, as the list shows it.")
        var id: String

        @Option(help: "The region that logged it; without, the first that has it.")
        var region: String?

        func run() throws {
            let regions = try options.regions()
            let (name, record) = try ConflictsCommand.find(id, region, regions)
            options.show(record.with("region", .string(name))) { ConflictText.page(record, name) }
        }
    }

    /// The record of an id, and the first region that has it.
    ///
    /// Regions that noticed a conflict at the same moment may name it alike; two conflicts that are
    /// named alike are told apart by their region only.
    static func find(
        _ id: String,
        _ region: String?,
        _ regions: Regions,
    ) throws -> (region: String, record: JSONValue) {
        var troubles: [String] = []
        var found: [(region: String, record: JSONValue)] = []
        for name in try regions.names(only: region) {
            do {
                let question = JSONValue.object([.init("id", .string(id))])
                let answer = try regions.peer(name, "/conflicts", question)
                if let record = answer["conflicts"]?.elements.first { found.append((name, record)) }
            } catch let failure as Failure {
                troubles.append(failure.description)
            }
        }
        guard let first = found.first else {
            throw Failure((["no conflict has this id"] + troubles).joined(separator: "; "))
        }
        guard found.allSatisfy({ isSame($0.record, first.record) }) else {
            let names = found.map(\.region).joined(separator: ", ")
            throw Failure("\(names) have different conflicts with this id: say --region")
        }
        return first
    }

    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        one["table"] == other["table"] && one["key"] == other["key"]
            && ["winner", "loser"].allSatisfy { one[$0]?["stamp"] == other[$0]?["stamp"] }
    }
}

/// Records of conflicts as text.
enum ConflictText {
    static func row(_ record: JSONValue) -> [String] {
        [
            record["detectedMilliseconds"]?.integer.map { Timestamp.text($0) } ?? "?",
            record["table"]?.text ?? "?", record["key"]?.compact ?? "?",
            record["winner"]?["stamp"].map(StampText.text) ?? "?",
            record["loser"]?["stamp"].map(StampText.text) ?? "?",
            record["transaction"]?["itemCount"]?.digits.map { "of \($0) items" } ?? "-",
            record["id"]?.text ?? "?",
        ]
    }

    static func page(_ record: JSONValue, _ region: String) -> String {
        var lines = [
            "region   \(region)",
            "table    \(record["table"]?.text ?? "?")",
            "key      \(record["key"]?.compact ?? "?")",
            "noticed  \(record["detectedMilliseconds"]?.integer.map { Timestamp.text($0) } ?? "?")",
        ]
        for (side, title) in [("winner", "winner  "), ("loser", "loser   ")] {
            let version = record[side] ?? .null
            lines.append("\(title) \(version["stamp"].map(StampText.text) ?? "?")")
            for entry in version["vector"]?.members ?? [] {
                lines.append("         has seen \(entry.name) \(entry.value.text ?? "")")
            }
            let item = version["item"] ?? .null
            lines.append("         \(item == .null ? "(deleted)" : item.compact)")
        }
        let items = record["transaction"]?["items"]?.elements ?? []
        if let count = record["transaction"]?["itemCount"]?.integer {
            lines.append("torn     a transaction of \(count) items, \(items.count) known here")
        }
        for item in items {
            let place = "\(item["table"]?.text ?? "?") \(item["key"]?.compact ?? "?")"
            let now = item["now"]?.text.map { "now \($0)" } ?? "not there now"
            lines.append("         \(place): \(item["stands"] == .bool(true) ? "stands" : now)")
        }
        return lines.joined(separator: "\n")
    }
}
