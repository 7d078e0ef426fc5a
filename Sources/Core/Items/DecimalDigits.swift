/// Powers of ten and digit counts of integers below 10^38.
enum DecimalDigits {
    /// 10^exponent, for 0...38.
    static func power(_ exponent: Int) -> UInt128 {
        exponent < 20 ? UInt128(powers[exponent]) : highPowers[exponent - 20]
    }

    /// How many digits `value` has; 1 for zero.
    static func count(_ value: UInt128) -> Int {
        if let low = UInt64(exactly: value) { return count(low) }
        var count = 20
        while count < 39, value >= power(count) { count += 1 }
        return count
    }

    static func count(_ value: UInt64) -> Int {
        // 1233/4096 is a little more than the logarithm of 2 to base 10.
        let guess = ((64 - value.leadingZeroBitCount) * 1233) >> 12
        return max(1, guess + (value >= power64(min(guess, 19)) ? 1 : 0))
    }

    /// 10^exponent, for 0...19, all that fit in 64 bits.
    static func power64(_ exponent: Int) -> UInt64 {
        powers[exponent]
    }

    private static let powers: [UInt64] = [
        1, 10, 100, 1000, 10000, 100000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// 10^20 to 10^38.
    private static let highPowers: [UInt128] = {
        var powers: [UInt128] = [UInt128(10_000_000_000) * 10_000_000_000]
        while powers.count < 19 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()
}
