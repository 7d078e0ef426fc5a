/// A decimal number as the API knows it: up to 38 significant digits, magnitudes from 1E-130 to
/// 9.9999999999999999999999999999999999999E+125, and zero.
///
/// Normal form, kept by every initialiser: `magnitude` has no trailing zero digit; zero is
/// `(0, 0, positive)`. So equal numbers are equal values.
package struct DecimalNumber: Hashable, Sendable {
    /// The significant digits as an integer below 10^38.
    package let magnitude: UInt128
    /// The number is ± magnitude × 10^exponent.
    package let exponent: Int16
    package let isNegative: Bool

    package static let digitsMax = 38
    /// The greatest power of ten that the leading digit may stand for.
    package static let scaleMax = 125
    /// The least power of ten that the leading digit may stand for.
    package static let scaleMin = -130

    package static let zero = DecimalNumber(magnitude: 0, exponent: 0, isNegative: false)

    /// Takes parts that are in normal form and in range, as the caller knows.
    init(magnitude: UInt128, exponent: Int16, isNegative: Bool) {
        self.magnitude = magnitude
        self.exponent = exponent
        self.isNegative = isNegative
    }

    /// Brings any digits below 10^38 to normal form and checks the range.
    init(
        normalizing magnitude: UInt128,
        exponent: Int,
        isNegative: Bool,
    ) throws(DecimalError) {
        guard magnitude != 0 else {
            self = .zero
            return
        }
        var magnitude = magnitude
        var exponent = exponent
        while magnitude > UInt128(UInt64.max), magnitude % 10 == 0 {
            magnitude /= 10
            exponent += 1
        }
        if var low = UInt64(exactly: magnitude), low % 10 == 0 {
            while low % 10 == 0 {
                low /= 10
                exponent += 1
            }
            magnitude = UInt128(low)
        }
        let scale = exponent + DecimalDigits.count(magnitude) - 1
        if scale > Self.scaleMax { throw .overflow }
        if scale < Self.scaleMin { throw .underflow }
        self.init(magnitude: magnitude, exponent: Int16(exponent), isNegative: isNegative)
    }

    package init(_ integer: Int) {
        var magnitude = integer.magnitude
        var exponent: Int16 = 0
        while magnitude != 0, magnitude % 10 == 0 {
            magnitude /= 10
            exponent += 1
        }
        self.init(
            magnitude: UInt128(magnitude),
            exponent: exponent,
            isNegative: integer < 0,
        )
    }

    /// The number as an integer, if it is one that fits.
    package var intValue: Int? {
        guard exponent >= 0, exponent < 19, let digits = UInt64(exactly: magnitude) else {
            return nil
        }
        var value = isNegative ? Int(exactly: -Int128(digits)) : Int(exactly: digits)
        for _ in 0..<exponent {
            guard let (product, overflow) = value?.multipliedReportingOverflow(by: 10), !overflow
            else { return nil }
            value = product
        }
        return value
    }

    /// The power of ten that the leading digit stands for; 0 for zero.
    package var scale: Int {
        magnitude == 0 ? 0 : Int(exponent) + DecimalDigits.count(magnitude) - 1
    }

    package var negated: DecimalNumber {
        DecimalNumber(
            magnitude: magnitude,
            exponent: exponent,
            isNegative: magnitude != 0 && !isNegative,
        )
    }
}

/// Why some text or some result is not a number of the API.
package enum DecimalError: Error, Equatable, Sendable {
    case notANumber
    /// More than 38 significant digits.
    case tooManyDigits
    /// A magnitude of 1E+126 or more.
    case overflow
    /// A magnitude below 1E-130 that is not zero.
    case underflow
}

extension DecimalNumber: Comparable {
    package static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        if left.magnitude == 0 { return right.magnitude != 0 && !right.isNegative }
        if right.magnitude == 0 { return left.isNegative }
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? left.exceeds(right) : right.exceeds(left)
    }

    /// Whether the absolute value is greater than that of `other`; neither is zero.
    private func exceeds(_ other: DecimalNumber) -> Bool {
        let scales = (scale, other.scale)
        if scales.0 != scales.1 { return scales.0 > scales.1 }
        // With equal scales, the one with fewer digits has the greater exponent, and scaling its
        // digits up by the difference gives at most 38 digits.
        let difference = Int(exponent) - Int(other.exponent)
        return difference >= 0
            ? magnitude * DecimalDigits.power(difference) > other.magnitude
            : magnitude > other.magnitude * DecimalDigits.power(-difference)
    }
}
