/// Numbers for a monitoring system, as one page in Prometheus' text format (version 0.0.4).
///
/// A page is made for each scrape, of counters that live elsewhere: nothing is kept here, and the
/// work that is counted pays for no more than its counters. It is written by hand because the format
/// is a page of rules; `MetricsPageTests` read it back by those rules.
///
/// Invariants: a family is written once, with its help and type before its samples; every name is one
/// that Prometheus takes; any text may stand in a help or a label's value.
package struct MetricsPage: Sendable {
    package enum Kind: String, Sendable {
        /// Only grows, and begins at zero with each start of the process unless the help says more.
        case counter
        case gauge
        case histogram
    }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""
    private var families: Set<String> = []

    package init() {}

    /// Writes one family; nothing for one without samples.
    package mutating func add(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ samples: [MetricSample],
    ) {
        guard !samples.isEmpty else { return }
        precondition(Self.isName(name), "a metric's name is made of letters, digits and _")
        precondition(families.insert(name).inserted, "a family is written once")
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += name + sample.suffix + Self.labels(sample.labels) + " \(sample.value.text)\n"
        }
    }

    package var bytes: [UInt8] { Array(text.utf8) }

    private static func labels(_ labels: [MetricSample.Label]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { label in
            precondition(isName(label.name), "a label's name is made of letters, digits and _")
            return "\(label.name)=\"\(escaped(label.value, quotes: true))\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// One line of a family.
package struct MetricSample: Sendable {
    package struct Label: Sendable {
        package let name: String
        package let value: String
    }

    package enum Value: Sendable {
        case count(UInt64)
        case number(Double)

        var text: String {
            switch self {
            case .count(let count): String(count)
            case .number(let number) where number.isNaN: "NaN"
            case .number(let number) where number.isInfinite: number < 0 ? "-Inf" : "+Inf"
            case .number(let number): "\(number)"
            }
        }
    }

    /// `_bucket`, `_sum` or `_count` in a histogram; empty otherwise.
    let suffix: String
    let labels: [Label]
    let value: Value

    package init(_ value: Value, _ labels: KeyValuePairs<String, String> = [:]) {
        self.init(value, labels.map { Label(name: $0.key, value: $0.value) }, suffix: "")
    }

    package init(_ count: UInt64, _ labels: KeyValuePairs<String, String> = [:]) {
        self.init(.count(count), labels)
    }

    init(_ value: Value, _ labels: [Label], suffix: String) {
        self.value = value
        self.labels = labels
        self.suffix = suffix
    }
}
