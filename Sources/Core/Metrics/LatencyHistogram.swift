/// How long things took: how many took at most so long, and all together.
///
/// A fixed row of counters: to count one costs a short search and two additions.
package struct LatencyHistogram: Equatable, Sendable {
    /// The buckets' upper bounds; what took longer than the last is in one more.
    package static let boundsMilliseconds: [UInt64] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000,
    ]
    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

    private var counts = [UInt64](repeating: 0, count: boundsMilliseconds.count + 1)
    private var sumNanoseconds: UInt64 = 0

    package init() {}

    package mutating func count(nanoseconds: UInt64) {
        let bucket = Self.boundsMilliseconds.firstIndex {
            nanoseconds <= $0 * Self.nanosecondsPerMillisecond
        }
        counts[bucket ?? Self.boundsMilliseconds.count] &+= 1
        sumNanoseconds &+= nanoseconds
    }

    package mutating func add(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sumNanoseconds &+= other.sumNanoseconds
    }

    /// The lines of a histogram in milliseconds: each bucket counts all that took at most its bound.
    package func samples(_ labels: KeyValuePairs<String, String>) -> [MetricSample] {
        let labels = labels.map { MetricSample.Label(name: $0.key, value: $0.value) }
        var samples: [MetricSample] = []
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total &+= count
            let bound =
                index < Self.boundsMilliseconds.count
                ? String(Self.boundsMilliseconds[index]) : "+Inf"
            let bucket = labels + [MetricSample.Label(name: "le", value: bound)]
            samples.append(MetricSample(.count(total), bucket, suffix: "_bucket"))
        }
        let sum = Double(sumNanoseconds) / Double(Self.nanosecondsPerMillisecond)
        samples.append(MetricSample(.number(sum), labels, suffix: "_sum"))
        samples.append(MetricSample(.count(total), labels, suffix: "_count"))
        return samples
    }
}
