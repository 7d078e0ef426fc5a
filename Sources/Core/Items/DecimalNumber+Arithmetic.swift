/// Exact addition and subtraction.
///
/// The service refuses a result that needs more than 38 digits, and calls that an overflow
/// ("Number overflow. Attempting to store a number with magnitude larger than supported range");
/// so does this: no update of a counter loses digits in silence.
extension DecimalNumber {
    package func adding(_ other: DecimalNumber) throws(DecimalError) -> DecimalNumber {
        if magnitude == 0 { return other }
        if other.magnitude == 0 { return self }
        let (high, low) = exponent >= other.exponent ? (self, other) : (other, self)
        // Normal form has no trailing zeros, so the sum's last digit stands at the lower exponent
        // (unless both are equal), and shifting the higher number there costs no digit that the
        // result could do without.
        let shift = Int(high.exponent) - Int(low.exponent)
        guard shift <= Self.digitsMax else { throw .overflow }
        let (shifted, overflow) = high.magnitude.multipliedReportingOverflow(
            by: DecimalDigits.power(shift)
        )
        guard !overflow else { throw .overflow }
        let sum = try Self.sum(
            (shifted, high.isNegative),
            (low.magnitude, low.isNegative),
        )
        return try Self.fitted(sum.magnitude, Int(low.exponent), isNegative: sum.isNegative)
    }

    package func subtracting(_ other: DecimalNumber) throws(DecimalError) -> DecimalNumber {
        try adding(other.negated)
    }

    private static func sum(
        _ left: (magnitude: UInt128, isNegative: Bool),
        _ right: (magnitude: UInt128, isNegative: Bool),
    ) throws(DecimalError) -> (magnitude: UInt128, isNegative: Bool) {
        guard left.isNegative == right.isNegative else {
            return left.magnitude >= right.magnitude
                ? (left.magnitude - right.magnitude, left.isNegative)
                : (right.magnitude - left.magnitude, right.isNegative)
        }
        let (total, overflow) = left.magnitude.addingReportingOverflow(right.magnitude)
        guard !overflow else { throw .overflow }
        return (total, left.isNegative)
    }

    /// A sum of 39 digits still fits if it ends in zeros.
    private static func fitted(
        _ magnitude: UInt128,
        _ exponent: Int,
        isNegative: Bool,
    ) throws(DecimalError) -> DecimalNumber {
        var magnitude = magnitude
        var exponent = exponent
        while magnitude >= DecimalDigits.power(digitsMax) {
            guard magnitude % 10 == 0 else { throw .overflow }
            magnitude /= 10
            exponent += 1
        }
        return try DecimalNumber(
            normalizing: magnitude,
            exponent: exponent,
            isNegative: isNegative,
        )
    }
}
