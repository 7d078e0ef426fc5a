/// Reads Prometheus' text format, version 0.0.4, and takes nothing that is not of it: the judge of
/// what `MetricsPage` writes.
enum ExpositionReader {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Family: Equatable {
        var help: String
        var type: String
        var samples: [Sample] = []
    }

    struct Mistake: Error {
        let line: Substring
        let what: String
    }

    static func read(_ text: String) throws -> [String: Family] {
        guard text.isEmpty || text.hasSuffix("\n") else {
            throw Mistake(line: "", what: "the last line has no end")
        }
        var families: [String: Family] = [:]
        var current = ""
        var help: (name: String, text: String)?
        for line in text.dropLast(1).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                guard parts.count == 2 else { throw Mistake(line: line, what: "no help") }
                help = (String(parts[0]), try unescaped(parts[1], quotes: false, line))
            } else if line.hasPrefix("# TYPE ") {
                let parts = line.dropFirst(7).split(separator: " ")
                guard parts.count == 2, let about = help, about.name == parts[0],
                    ["counter", "gauge", "histogram"].contains(parts[1]),
                    families[about.name] == nil
                else { throw Mistake(line: line, what: "no help before it, or a second type") }
                current = about.name
                families[current] = Family(help: about.text, type: String(parts[1]))
                help = nil
            } else {
                let sample = try sample(line)
                let suffixes =
                    families[current]?.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                guard suffixes.contains(where: { sample.name == current + $0 }) else {
                    throw Mistake(line: line, what: "not of the family above it")
                }
                families[current]?.samples.append(sample)
            }
        }
        return families
    }

    private static func sample(_ line: Substring) throws -> Sample {
        var rest = line
        let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let label = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
                rest = rest.dropFirst(label.count)
                guard !label.isEmpty, rest.hasPrefix("=\"") else {
                    throw Mistake(line: line, what: "a label without a value")
                }
                rest = rest.dropFirst(2)
                let end = try closingQuote(of: rest, line)
                guard labels[label] == nil else { throw Mistake(line: line, what: "label twice") }
                labels[label] = try unescaped(rest[..<end], quotes: true, line)
                rest = rest[rest.index(after: end)...]
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard !name.isEmpty, rest.first == " ", let value = number(rest.dropFirst()) else {
            throw Mistake(line: line, what: "no name or no number")
        }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func closingQuote(
        of text: Substring,
        _ line: Substring,
    ) throws -> Substring.Index {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == "\"" { return index }
            index =
                text.index(index, offsetBy: text[index] == "\\" ? 2 : 1, limitedBy: text.endIndex)
                ?? text.endIndex
        }
        throw Mistake(line: line, what: "a label's value has no end")
    }

    private static func unescaped(
        _ text: Substring,
        quotes: Bool,
        _ line: Substring,
    ) throws -> String {
        var result = ""
        var rest = text
        while let next = rest.popFirst() {
            guard next == "\\" else {
                result.append(next)
                continue
            }
            switch rest.popFirst() {
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "\"" where quotes: result.append("\"")
            default: throw Mistake(line: line, what: "an unknown escape")
            }
        }
        return result
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.allSatisfy { $0.isNumber || "+-.e".contains($0) } ? Double(text) : nil
        }
    }
}
