/// The two kinds of quantity that settings files write with units.
enum Quantities {
    private static let durationUnits: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    private static let sizeUnits: [(suffix: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("B", 1), ("", 1),
    ]

    /// The milliseconds of `24h`, `30m`, `90s`, `500ms` or `7d`.
    static func milliseconds(_ text: String) -> Int64? {
        for unit in durationUnits where text.hasSuffix(unit.suffix) {
            guard let count = digits(text.dropLast(unit.suffix.count)) else { continue }
            return product(Int64(count), unit.milliseconds)
        }
        return nil
    }

    /// The bytes of `64GiB`, `10MB` or a plain number.
    static func bytes(_ text: String) -> Int? {
        for unit in sizeUnits where text.hasSuffix(unit.suffix) {
            guard let count = digits(text.dropLast(unit.suffix.count)) else { continue }
            return product(count, unit.bytes)
        }
        return nil
    }

    /// A number of digits alone: no sign, no spaces.
    static func digits(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func product<Number: FixedWidthInteger>(_ a: Number, _ b: Number) -> Number? {
        let (result, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? nil : result
    }

    /// Shows a duration in the largest unit that divides it.
    static func show(milliseconds: Int64) -> String {
        for unit in durationUnits.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }

    /// Shows a size in the largest binary unit that divides it.
    static func show(bytes: Int) -> String {
        for unit in sizeUnits[..<4].reversed() where bytes != 0 && bytes % unit.bytes == 0 {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return "\(bytes)"
    }
}
