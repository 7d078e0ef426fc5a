/// A histogram of durations: 64 buckets per power of two, so that a quantile is right to 1.6 %.
struct Latencies {
    private static let bucketsPerPower = 64
    private var counts = Array(repeating: 0, count: 64 * Latencies.bucketsPerPower)
    private(set) var count = 0
    private(set) var maximum: UInt64 = 0

    mutating func add(nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] += 1
        count += 1
        maximum = max(maximum, nanoseconds)
    }

    /// Milliseconds that this share of the durations does not exceed; 0 without any.
    func milliseconds(quantile: Double) -> Double {
        let rank = max(1, Int((Double(count) * quantile).rounded(.up)))
        var seen = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return Double(min(Self.top(bucket), maximum)) / 1e6 }
        }
        return 0
    }

    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 64 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return (power - 5) * bucketsPerPower + Int((value >> UInt64(power - 6)) & 63)
    }

    /// The greatest value in the bucket.
    private static func top(_ bucket: Int) -> UInt64 {
        guard bucket >= 64 else { return UInt64(bucket) }
        let power = bucket / bucketsPerPower + 5
        let low = (64 + UInt64(bucket % bucketsPerPower)) << UInt64(power - 6)
        return low + (1 << UInt64(power - 6)) - 1
    }
}
