/// What a load measured.
struct LoadResult {
    var name: String
    var seconds = 0.0
    var latencies = Latencies()
    /// Answers that were not what they had to be, the time before measuring included.
    var wrong = 0
    /// Requests without an answer.
    var lost = 0
    /// Requests that were due but never sent, because no connection was free.
    var unsent = 0
    /// The first wrong answer, for its reader.
    var firstWrong: String?
    /// The share of one processor that the load itself took.
    var processorShare = 0.0

    var isGood: Bool { wrong == 0 && lost == 0 }

    func text(_ format: OutputFormat) -> String {
        switch format {
        case .text: textLines
        case .json: jsonObject
        }
    }

    private var perSecond: Double { seconds > 0 ? Double(latencies.count) / seconds : 0 }

    private var textLines: String {
        let quantiles = Self.quantiles.map { name, quantile in
            "\(name) \(rounded(latencies.milliseconds(quantile: quantile))) ms"
        }
        var lines = [
            "\(name): \(Int(perSecond.rounded())) answers/s (\(latencies.count) in "
                + "\(rounded(seconds)) s, load at \(Int(processorShare * 100)) % of a processor)",
            "  latency: \(quantiles.joined(separator: ", ")), "
                + "max \(rounded(Double(latencies.maximum) / 1e6)) ms",
        ]
        if unsent > 0 { lines.append("  not sent in time: \(unsent)") }
        if !isGood { lines.append("  WRONG ANSWERS: \(wrong), without an answer: \(lost)") }
        if let firstWrong { lines.append("  first wrong answer: \(firstWrong)") }
        return lines.joined(separator: "\n")
    }

    private var jsonObject: String {
        let quantiles = Self.quantiles.map { name, quantile in
            "\"\(name)Milliseconds\":\(rounded(latencies.milliseconds(quantile: quantile)))"
        }
        return """
            {"name":"\(name)","perSecond":\(rounded(perSecond)),"count":\(latencies.count),\
            "seconds":\(rounded(seconds)),\(quantiles.joined(separator: ",")),\
            "maxMilliseconds":\(rounded(Double(latencies.maximum) / 1e6)),"wrong":\(wrong),\
            "lost":\(lost),"unsent":\(unsent),"loadProcessorShare":\(rounded(processorShare))}
            """
    }

    static let quantiles: [(String, Double)] = [
        ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999),
    ]
}

/// Three digits behind the point.
func rounded(_ number: Double) -> Double { (number * 1_000).rounded() / 1_000 }
