import ArgumentParser
import JSON

struct TablesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "The tables as each region has them.",
        discussion: """
            Example:
              globalctl tables --output json

            Fails only if no region answers.
            """,
    )

    @OptionGroup var options: Options

    func run() throws {
        let answers = try options.regions().peers("/tables")
        let isAnswered = answers.contains { (try? $0.answer.get()) != nil }
        let json = answers.map { region, answer -> JSONValue in
            let name = JSONValue.Member("region", .string(region))
            switch answer {
            case .success(let tables): return tables.with("region", .string(region))
            case .failure(let failure):
                return .object([name, .init("unreachable", .string(failure.description))])
            }
        }
        options.show(.object([.init("regions", .array(json))])) { text(answers) }
        guard isAnswered else { throw Failure("no region answers") }
    }

    private func text(
        _ answers: [(region: String, answer: Result<JSONValue, Failure>)]
    )
        -> String
    {
        var rows: [[String]] = []
        var troubles: [String] = []
        for (region, answer) in answers {
            switch answer {
            case .success(let tables):
                for table in tables["tables"]?.elements ?? [] { rows.append(row(table, region)) }
            case .failure(let failure): troubles.append(failure.description)
            }
        }
        var table = TextTable(
            ["TABLE", "REGION", "STATUS", "PHASE", "ITEMS", "BYTES", "REPLICAS"],
            numeric: [4, 5],
        )
        for row in rows.sorted(by: { ($0[0], $0[1]) < ($1[0], $1[1]) }) { table.add(row) }
        return ([table.text] + troubles).joined(separator: "\n")
    }

    private func row(_ table: JSONValue, _ region: String) -> [String] {
        let replicas = (table["replicas"]?.elements ?? []).map { replica in
            let status = replica["status"]?.text ?? "?"
            let name = replica["region"]?.text ?? "?"
            return status == "ACTIVE" ? name : "\(name) (\(status))"
        }
        return [
            table["name"]?.text ?? "?", region, table["status"]?.text ?? "?",
            table["phase"]?.text ?? "?", table["items"]?.digits ?? "?",
            table["bytes"]?.digits ?? "?", replicas.joined(separator: ", "),
        ]
    }
}
