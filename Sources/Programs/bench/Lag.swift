import ArgumentParser
import Foundation

struct Lag: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how long after its acknowledgement a write is visible elsewhere.",
        discussion: """
            Puts items at one region at a fixed rate, and among them, every --every milliseconds, \
            an item with a growing number, which is looked for at the other region every half \
            millisecond. The table must be global, with both regions (bench setup --replica).
            """,
    )

    @OptionGroup var items: ItemOptions

    @Option(help: "The API endpoint to write to.")
    var from = "http://127.0.0.1:8001"

    @Option(help: "The API endpoint to look at.")
    var to = "http://127.0.0.1:8002"

    @Option(help: "Writes a second.")
    var rate = 2_000.0

    @Option(help: "How long to measure.")
    var seconds = 10.0

    @Option(help: "How many connections to write through.")
    var connections = 8

    @Option(help: "Milliseconds between two markers.")
    var every = 10.0

    @Option(help: "How long the last write may take to become visible, in seconds.")
    var patience = 60.0

    @Option(help: "How to print the result.")
    var output = OutputFormat.text

    private static let lookNanoseconds: UInt64 = 500_000

    func run() throws {
        let source = try Endpoint(from)
        let marker = try Marker(items.table, at: try Endpoint(to))
        let log = MarkerLog(first: wallMilliseconds() * 1_000)
        let writes = Outcome()
        try startLoad(at: source, writes)
        try startMarkers(at: source, log)

        let result = try watch(marker, log)
        print(result.text(output))
        let written = try writes.wait()
        print(written.text(output))
        guard result.isGood, written.isGood else { throw ExitCode.failure }
    }

    /// The writes beside the markers, on a thread of their own.
    private func startLoad(at endpoint: Endpoint, _ outcome: Outcome) throws {
        let work = PutWorkload(
            items,
            Choice(keys: items.keys, seed: 1),
            at: endpoint,
            name: "writes",
        )
        let plan = LoadPlan(
            connections: connections,
            nanoseconds: nanoseconds(seconds),
            rate: rate,
        )
        Thread.detachNewThread {
            outcome.set(Swift.Result { try Load.run(work, plan, at: endpoint) })
        }
    }

    /// A marker at fixed times, on a thread of its own.
    private func startMarkers(at endpoint: Endpoint, _ log: MarkerLog) throws {
        let table = items.table
        let step = nanoseconds(every / 1_000)
        let count = Int(seconds * 1_000 / every)
        Thread.detachNewThread {
            do {
                let marker = try Marker(table, at: endpoint)
                let start = now()
                for index in 0..<count {
                    let due = start + UInt64(index) * step
                    let time = now()
                    if due > time { pause(nanoseconds: due - time) }
                    try marker.write(log.first + UInt64(index))
                    log.acknowledged(at: now())
                }
                log.finish(failure: nil)
            } catch {
                log.finish(failure: "\(error)")
            }
        }
    }

    /// Looks until every marker has been seen.
    private func watch(_ marker: Marker, _ log: MarkerLog) throws -> LoadResult {
        var result = LoadResult(name: "lag")
        let start = now()
        let deadline = start + nanoseconds(seconds + patience)
        var seen = 0
        while try log.total().map({ seen < $0 }) ?? true {
            guard now() < deadline else {
                result.lost = (try log.total() ?? seen) - seen
                break
            }
            let number = try marker.read()
            let time = now()
            for acknowledged in log.times(after: seen, through: number) {
                result.latencies.add(nanoseconds: time - min(time, acknowledged))
                seen += 1
            }
            pause(nanoseconds: Self.lookNanoseconds)
        }
        result.seconds = Double(now() - start) / 1e9
        return result
    }
}

/// A result that one thread leaves for another.
final class Outcome: @unchecked Sendable {
    // `condition` guards `value`.
    private let condition = NSCondition()
    private var value: Swift.Result<LoadResult, any Error>?

    func set(_ result: Swift.Result<LoadResult, any Error>) {
        condition.lock()
        value = result
        condition.signal()
        condition.unlock()
    }

    func wait() throws -> LoadResult {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value { return try value.get() }
            condition.wait()
        }
    }
}
