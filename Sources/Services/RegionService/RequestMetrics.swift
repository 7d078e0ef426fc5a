import HTTPServer
import Metrics
import Synchronization
import Wire

/// What became of the API's requests, counted as their replies leave.
///
/// Each event loop has counters of its own, under a lock that only a scrape ever contends for, so a
/// request pays two looks at the clock and a few additions.
final class RequestMetrics: Sendable {
    private let loops: [LoopCounters]

    init(loops count: Int) {
        loops = (0..<max(1, count)).map { _ in LoopCounters() }
    }

    /// Counts one reply, of which `note` says what was asked for and when.
    @Sendable func count(_ response: HTTPResponse, _ note: ReplyNote, loop: Int) {
        loops[loop].count(response, note)
    }

    /// Writes the families, under DynamoDB's names for them.
    func write(to page: inout MetricsPage) {
        var total = RequestCounters()
        for loop in loops { total.add(loop.current) }
        let operations = total.byName
        page.add(
            "SuccessfulRequestLatency",
            .histogram,
            "Milliseconds from a whole request to its reply, of requests that succeeded",
            operations.flatMap { $0.counters.latency.samples(["Operation": $0.name.rawValue]) },
        )
        func add(_ name: String, _ help: String, _ outcome: RequestOutcome) {
            let samples = operations.map { name, counters in
                MetricSample(
                    counters.outcomes[outcome, default: 0],
                    [
                        "Operation": name.rawValue
                    ]
                )
            }
            page.add(name, .counter, help, samples)
        }
        add("SystemErrors", "Requests answered with a status of 500 or more", .systemError)
        add("ThrottledRequests", "Requests refused because there were too many", .throttled)
        add(
            "ConditionalCheckFailedRequests",
            "Writes refused because their condition did not hold",
            .conditionFailed,
        )
        page.add(
            "UserErrors",
            .counter,
            "Requests answered with a status of 400, but for throttling and failed conditions",
            [MetricSample(total.userErrors)],
        )
    }
}

/// The counters of one event loop.
final class LoopCounters: Sendable {
    private let counters = Mutex(RequestCounters())

    func count(_ response: HTTPResponse, _ note: ReplyNote) {
        let outcome = RequestOutcome(rawValue: response.mark) ?? .systemError
        let elapsed = MonotonicClock.nanoseconds() - note.began
        counters.withLock { $0.count(outcome, of: note.kind.map { Int($0) }, nanoseconds: elapsed) }
    }

    var current: RequestCounters { counters.withLock { $0 } }
}

struct RequestCounters: Sendable {
    struct Operation: Sendable {
        var latency = LatencyHistogram()
        var outcomes: [RequestOutcome: UInt64] = [:]

        mutating func add(_ other: Operation) {
            latency.add(other.latency)
            for (outcome, count) in other.outcomes { outcomes[outcome, default: 0] += count }
        }
    }

    /// By the operations' ordinals; nil for one that nobody asked for.
    private var operations = [Operation?](repeating: nil, count: OperationName.allCases.count)
    /// Of known operations and of requests that are none.
    private(set) var userErrors: UInt64 = 0

    /// The operations that somebody asked for.
    var byName: [(name: OperationName, counters: Operation)] {
        OperationName.allCases
            .compactMap { name in operations[name.ordinal].map { (name, $0) } }
            .sorted { $0.0.rawValue < $1.0.rawValue }
    }

    /// `ordinal` is the operation's; nil if what was asked for could not be told.
    mutating func count(_ outcome: RequestOutcome, of ordinal: Int?, nanoseconds: UInt64) {
        if outcome == .userError { userErrors += 1 }
        guard let ordinal else { return }
        if operations[ordinal] == nil { operations[ordinal] = Operation() }
        if outcome == .success {
            operations[ordinal]?.latency.count(nanoseconds: nanoseconds)
        } else {
            operations[ordinal]?.outcomes[outcome, default: 0] += 1
        }
    }

    mutating func add(_ other: RequestCounters) {
        userErrors += other.userErrors
        for (ordinal, counters) in other.operations.enumerated() {
            guard let counters else { continue }
            if operations[ordinal] == nil { operations[ordinal] = Operation() }
            operations[ordinal]?.add(counters)
        }
    }
}

/// How a request ended, as DynamoDB's metrics tell requests apart.
///
/// The raw value is the mark of its reply.
enum RequestOutcome: UInt8, Sendable {
    case success
    case userError
    case systemError
    case throttled
    case conditionFailed

    init(_ error: ServiceError) {
        self =
            switch error.code {
            case "ConditionalCheckFailedException": .conditionFailed
            case "ProvisionedThroughputExceededException", "ThrottlingException",
                "RequestLimitExceeded":
                .throttled
            default: error.status >= 500 ? .systemError : .userError
            }
    }
}
