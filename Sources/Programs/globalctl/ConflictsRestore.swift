import ArgumentParser
import JSON

extension ConflictsCommand {
    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a loser back, if its winner is still what the item is.",
            discussion: """
                The region that logged the conflict writes the loser over the winner, as a new write \
                that travels to all regions. If anything was written to the item since the \
                conflict, nothing is done, and the exit code is 1. A loser that is a delete deletes \
                the item.

                Examples:
                  globalctl conflicts restore 00000002… --dry-run
                  globalctl conflicts restore 00000002… --region eu-west-1
                """,
        )

        @OptionGroup var options: Options

        @Argument(help: "The conflict's id, as the list shows it.")
        var id: String

        @Option(help: "The region that logged it and writes; without, the first that has it.")
        var region: String?

        @Flag(help: "Say what would be done, and do nothing.")
        var dryRun = false

        func run() throws {
            let regions = try options.regions()
            let (name, record) = try ConflictsCommand.find(id, region, regions)
            let request = JSONValue.object([
                .init("id", .string(id)), .init("dryRun", .bool(dryRun)),
            ])
            let done = try regions.peer(name, "/conflicts/restore", request)
            let answer = JSONValue.object(
                [.init("region", .string(name))] + done.members
                    + ["table", "key"].map { .init($0, record[$0] ?? .null) }
            )
            options.show(answer) { text(done, record, name) }
        }

        private func text(_ done: JSONValue, _ record: JSONValue, _ region: String) -> String {
            let place = "\(record["table"]?.text ?? "?") \(record["key"]?.compact ?? "?")"
            let item = done["item"] ?? .null
            let verb = dryRun ? "would write" : "wrote"
            let what = item == .null ? "a delete" : item.compact
            return """
                \(verb) to \(place) in \(region): \(what)
                  over      \(done["winner"]?.text ?? "?"), which is current
                  again     \(done["loser"]?.text ?? "?")
                  as        \(done["stamp"]?.text ?? "nothing yet: --dry-run")
                """
        }
    }
}
