import ArgumentParser

/// A span of time on the command line: `500ms`, `30s`, `5m`, `1h`; a number alone is seconds; with a
/// minus, back.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    let milliseconds: Int

    private static let units = ["ms": 1, "": 1_000, "s": 1_000, "m": 60_000, "h": 3_600_000]
    /// More of any unit is past every bound.
    private static let countMax = 86_400_000
    static let dayMilliseconds = 86_400_000

    init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        let isNegative = argument.hasPrefix("-")
        let text = isNegative ? argument.dropFirst() : argument[...]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), count <= Self.countMax,
            let unit = Self.units[String(text.dropFirst(digits.count))]
        else { return nil }
        milliseconds = isNegative ? -count * unit : count * unit
    }

    /// - Throws: unless it is more than nothing and at most a day.
    func checkWait(_ option: String) throws {
        guard (1...Self.dayMilliseconds).contains(milliseconds) else {
            throw ValidationError("\(option) is more than 0s and at most 24h")
        }
    }

    var description: String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }

    var defaultValueDescription: String { description }
}
