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

    func counters(of loop: Int) -> LoopCounters {
        loops[loop]
    }

    /// Writes the families, under DynamoDB's names for them.
    func write(to page: inout MetricsPage) {
        var total = RequestCounters()
        for loop in loops { total.add(loop.current) }
        let operations = total.operations.sorted { $0.key.rawValue < $1.key.rawValue }
        page.add(
            "SuccessfulRequestLatency",
            .histogram,
            "Milliseconds from a whole request to its reply, of requests that succeeded",
            operations.flatMap { $0.value.latency.samples(["Operation": $0.key.rawValue]) },
        )
        func add(_ name: String, _ help: String, _ outcome: RequestOutcome) {
            let samples = operations.map { operation, counters in
                MetricSample(
                    counters.outcomes[outcome, default: 0],
                    [
                        "Operation": operation.rawValue
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

    /// Counts one reply.
    ///
    /// `operation` is nil if what was asked for could not be told; `began` is when the request was
    /// there, by `MonotonicClock.nanoseconds`.
    func count(_ response: HTTPResponse, of operation: OperationName?, since began: UInt64) {
        let outcome = RequestOutcome(rawValue: response.mark) ?? .systemError
        let elapsed = MonotonicClock.nanoseconds() - began
        counters.withLock { $0.count(outcome, of: operation, nanoseconds: elapsed) }
    }

    var current: RequestCounters { counters.withLock { $0 } }
}

struct RequestCounters: Sendable {
    struct Operation: Sendable {
        var latency = LatencyHistogram()
        var outcomes: [RequestOutcome: UInt64] = [:]
    }

    var operations: [OperationName: Operation] = [:]
    /// Of known operations and of requests that are none.
    var userErrors: UInt64 = 0

    mutating func count(
        _ outcome: RequestOutcome,
        of operation: OperationName?,
        nanoseconds: UInt64,
    ) {
        if outcome == .userError { userErrors += 1 }
        guard let operation else { return }
        if outcome == .success {
            operations[operation, default: Operation()].latency.count(nanoseconds: nanoseconds)
        } else {
            operations[operation, default: Operation()].outcomes[outcome, default: 0] += 1
        }
    }

    mutating func add(_ other: RequestCounters) {
        userErrors += other.userErrors
        for (operation, counters) in other.operations {
            operations[operation, default: Operation()].latency.add(counters.latency)
            for (outcome, count) in counters.outcomes {
                operations[operation, default: Operation()].outcomes[outcome, default: 0] += count
            }
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
