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

    private static func count(_ value: UInt64) -> Int {
        var count = 1
        while count < 20, value >= powers[count] { count += 1 }
        return count
    }

    /// 10^0 to 10^19, all that fit in 64 bits.
    private static let powers: [UInt64] = {
        var powers: [UInt64] = [1]
        while powers.count < 20 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// 10^20 to 10^38.
    private static let highPowers: [UInt128] = {
        var powers: [UInt128] = [UInt128(10_000_000_000) * 10_000_000_000]
        while powers.count < 19 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()
}
