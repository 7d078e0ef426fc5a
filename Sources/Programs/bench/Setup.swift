import ArgumentParser

struct Setup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the table, global if wanted, and puts every item once."
    )

    @OptionGroup var items: ItemOptions

    @Option(help: "The region's API endpoint.")
    var url = "http://127.0.0.1:8001"

    @Option(help: "How many connections to fill the table through.")
    var connections = 32

    @Option(help: "Another region of the table; may be repeated.")
    var replica: [String] = []

    @Flag(help: "Make the table only.")
    var empty = false

    @Option(help: "How to print the result.")
    var output = OutputFormat.text

    func run() throws {
        let endpoint = try Endpoint(url)
        let table = try TableCalls(items.table, at: endpoint)
        try table.create()
        try table.add(replicas: replica)
        guard !empty else { return }
        let choice = Choice(keys: items.keys, seed: 0, isInOrder: true)
        let result = try Load.run(
            PutWorkload(items, choice, at: endpoint, name: "setup"),
            LoadPlan(connections: connections, requestsMax: items.keys),
            at: endpoint,
        )
        print(result.text(output))
        guard result.isGood else { throw ExitCode.failure }
    }
}
