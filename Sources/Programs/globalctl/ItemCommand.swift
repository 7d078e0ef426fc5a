import ArgumentParser
import JSON

struct ItemCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "item",
        abstract: "One item in every region, side by side, with its stamp and vector.",
        discussion: """
            KEY is the API's JSON, or ATTRIBUTE=VALUE separated by commas, where n: before a value \
            makes it a number and b: base64 of bytes.

            Examples:
              globalctl item orders '{"pk": {"S": "alice"}, "sk": {"N": "5"}}'
              globalctl item orders pk=alice,sk=n:5

            Fails if no region answers, or all refuse.
            """,
    )

    @OptionGroup var options: Options

    @Argument(help: "The table's name.")
    var table: String

    @Argument(help: "The item's key.")
    var key: KeyArgument

    func run() throws {
        let request = JSONValue.object([
            .init("table", .string(table)), .init("key", key.json),
        ])
        let answers = try options.regions().peers("/item", request)
        let found = answers.compactMap { try? $0.answer.get() }
        let isSame = found.allSatisfy { differs($0, from: found[0]).isEmpty }
        let regions = answers.map { region, answer -> JSONValue in
            switch answer {
            case .success(let item): item
            case .failure(let failure):
                .object([
                    .init("region", .string(region)),
                    .init("error", .string(failure.description)),
                ])
            }
        }
        let json = JSONValue.object([
            .init("same", .bool(isSame)), .init("regions", .array(regions)),
        ])
        options.show(json) { text(answers, isSame: isSame, count: found.count) }
        guard !found.isEmpty else { throw Failure("no region has an answer") }
    }

    /// What of an item is not as elsewhere.
    private func differs(_ item: JSONValue, from other: JSONValue) -> [String] {
        ["item", "stamp", "vector"].filter { canonical(item[$0]) != canonical(other[$0]) }
    }

    /// Attributes may come in any order.
    private func canonical(_ value: JSONValue?) -> JSONValue {
        switch value {
        case .object(let members)?:
            .object(
                members.map { .init($0.name, canonical($0.value)) }
                    .sorted { ($0.name, $0.value.compact) < ($1.name, $1.value.compact) }
            )
        case .array(let elements)?: .array(elements.map { canonical($0) })
        default: value ?? .null
        }
    }

    private func text(
        _ answers: [(region: String, answer: Result<JSONValue, Failure>)],
        isSame: Bool,
        count: Int,
    ) -> String {
        let reference = answers.lazy.compactMap { try? $0.answer.get() }.first ?? .null
        var lines: [String] = []
        for (region, answer) in answers {
            switch answer {
            case .failure(let failure):
                lines += ["\(region): \(failure)", ""]
            case .success(let item):
                let marks = differs(item, from: reference)
                lines.append("\(region): \(presence(item))")
                lines += lineup(item, marks) + [""]
            }
        }
        lines.append(isSame ? "the same in \(count) regions" : "DIFFERS (marked with !)")
        return lines.joined(separator: "\n")
    }

    private func presence(_ item: JSONValue) -> String {
        if item["tombstone"] == .bool(true) { return "deleted" }
        return item["found"] == .bool(true) ? "present" : "absent"
    }

    private func lineup(_ item: JSONValue, _ marks: [String]) -> [String] {
        guard let stamp = item["stamp"] else { return [] }
        func mark(_ part: String) -> String { marks.contains(part) ? "!" : " " }
        var lines = [
            "\(mark("stamp")) stamp   \(StampText.text(stamp))",
            "  floor   \(item["floor"]?.text ?? "-")",
        ]
        for entry in item["vector"]?.members ?? [] {
            lines.append("\(mark("vector")) vector  \(entry.name) \(entry.value.text ?? "-")")
        }
        lines.append("\(mark("item")) item    \(item["item"]?.compact ?? "null")")
        return lines
    }
}

/// A stamp as one word.
enum StampText {
    static func text(_ stamp: JSONValue) -> String {
        "\(stamp["time"]?.text ?? "?")@\(stamp["origin"]?.text ?? "?")"
    }
}
