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
}
