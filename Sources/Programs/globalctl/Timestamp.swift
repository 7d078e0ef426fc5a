import ArgumentParser
import Glibc

/// Moments as people write them.
enum Timestamp {
    /// `2026-11-25T12:00:00.123Z`, of milliseconds since 1970.
    static func text(_ milliseconds: Int) -> String {
        var seconds = time_t(milliseconds / 1_000)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(milliseconds)" }
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [
            padded(Int(parts.tm_year) + 1_900, 4), padded(Int(parts.tm_mon) + 1, 2),
            padded(Int(parts.tm_mday), 2),
        ]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0), 2) }
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "."
            + padded(milliseconds % 1_000, 3) + "Z"
    }

    static func now() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }
}

/// A moment on the command line: `2026-11-25`, `2026-11-25T12:00:00Z` with or without a fraction,
/// milliseconds since 1970, or how long ago: `90s`, `15m`, `2h`, `7d`.
struct TimeArgument: ExpressibleByArgument {
    let milliseconds: Int

    private static let units: [Character: Int] = [
        "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]
    /// A hundred years: no clock is that far off.
    private static let agoMax = 36_500 * 86_400_000

    init?(argument: String) {
        if let unit = argument.last.flatMap({ Self.units[$0] }),
            let count = Int(argument.dropLast())
        {
            let (ago, overflow) = count.multipliedReportingOverflow(by: unit)
            guard count >= 0, !overflow, ago <= Self.agoMax else { return nil }
            milliseconds = Timestamp.now() - ago
            return
        }
        if let number = Int(argument), number >= 0 {
            milliseconds = number
            return
        }
        guard let date = Self.date(argument) else { return nil }
        milliseconds = date
    }

    private static func date(_ text: String) -> Int? {
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count <= 2, let day = numbers(halves[0], "-", [4, 2, 2]) else { return nil }
        var time = [0, 0, 0]
        var fraction = 0
        if halves.count == 2 {
            guard halves[1].hasSuffix("Z") else { return nil }
            let parts = halves[1].dropLast().split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2, let read = numbers(parts[0], ":", [2, 2, 2]) else { return nil }
            time = read
            if parts.count == 2 {
                guard parts[1].count <= 3, let read = Int(parts[1]), read >= 0 else { return nil }
                fraction = read * [100, 10, 1][parts[1].count - 1]
            }
        }
        guard (1...12).contains(day[1]), (1...31).contains(day[2]), time[0] < 24, time[1] < 60,
            time[2] < 61
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(day[0] - 1_900)
        parts.tm_mon = Int32(day[1] - 1)
        parts.tm_mday = Int32(day[2])
        parts.tm_hour = Int32(time[0])
        parts.tm_min = Int32(time[1])
        parts.tm_sec = Int32(time[2])
        let seconds = timegm(&parts)
        return seconds < 0 ? nil : Int(seconds) * 1_000 + fraction
    }

    /// Numbers of so many digits each with a separator between them.
    private static func numbers(
        _ text: Substring,
        _ separator: Character,
        _ digits: [Int],
    ) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.count) == digits, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }) else {
            return nil
        }
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == digits.count ? numbers : nil
    }
}
