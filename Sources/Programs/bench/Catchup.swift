import ArgumentParser
import Foundation

struct Catchup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how fast one region takes over what another has written.",
        discussion: """
            Runs --before (to stop the link), puts --changes items at one region, runs --resume, \
            and measures from its end until the last write is visible at the other region. \
            Without the two commands the measurement starts when the last write is acknowledged.
            """,
    )

    @OptionGroup var items: ItemOptions

    @Option(help: "The API endpoint to write to.")
    var from = "http://127.0.0.1:8001"

    @Option(help: "The API endpoint to look at.")
    var to = "http://127.0.0.1:8002"

    @Option(help: "How many items to put.")
    var changes = 100_000

    @Option(help: "How many connections to write through.")
    var connections = 32

    @Option(help: "A shell command to run before the writes.")
    var before: String?

    @Option(help: "A shell command to run after the writes.")
    var resume: String?

    @Option(help: "How long the last write may take to become visible, in seconds.")
    var patience = 300.0

    @Option(help: "How to print the result.")
    var output = OutputFormat.text

    func run() throws {
        let source = try Endpoint(from)
        let target = try Marker(items.table, at: try Endpoint(to))
        let number = wallMilliseconds() * 1_000
        if let before { try shell(before) }
        let written = try Load.run(
            PutWorkload(items, Choice(keys: items.keys, seed: 1), at: source, name: "writes"),
            LoadPlan(connections: connections, requestsMax: changes),
            at: source,
        )
        try Marker(items.table, at: source).write(number)
        if let resume { try shell(resume) }
        let start = now()
        let end = try target.wait(for: number, seconds: patience)
        let taken = Double(end - start) / 1e9
        print(written.text(output))
        print(text(seconds: taken))
        guard written.isGood else { throw ExitCode.failure }
    }

    private func text(seconds: Double) -> String {
        let perSecond = Int(Double(changes) / max(seconds, 1e-9))
        return switch output {
        case .text: "catchup: \(changes) changes in \(rounded(seconds)) s, \(perSecond) changes/s"
        case .json:
            """
            {"name":"catchup","changes":\(changes),"seconds":\(rounded(seconds)),\
            "perSecond":\(perSecond)}
            """
        }
    }

    private func shell(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("\(command): exit code \(process.terminationStatus)")
        }
    }
}
