/// What names a table everywhere and for ever: 128 bits, written as a UUID.
///
/// Changes name the table by its id, so a table that was deleted and made again under its old name
/// never takes the old one's changes.
package struct TableID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The table that holds all tables' descriptions.
    ///
    /// Every region is a member of it.
    package static let system = TableID(high: 0, low: 1)

    /// A version 4 UUID of the given bits.
    package init(randomBits high: UInt64, _ low: UInt64) {
        self.high = high & ~0xf000 | 0x4000
        self.low = low & ~(0b11 << 62) | 0b10 << 62
    }

    package static func < (left: TableID, right: TableID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    package var description: String {
        let digits = hex(high) + hex(low)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    package init?(_ description: String) {
        let digits = description.filter { $0 != "-" }
        guard digits.utf8.count == 32,
            let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    private func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
