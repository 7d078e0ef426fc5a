extension DecimalError {
    /// What the service's older operations say of a number, where that differs.
    ///
    /// They take exponent and scale for 32-bit integers and compute with them as such: so
    /// `1e99999999999` is no number to them, not one too large, and `1e2147483647` is too small. Nil
    /// for a number that is read as elsewhere, and for what is no number anyway.
    package static func withShortExponents(in text: String) -> DecimalError? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count == 2, isInteger(parts[1]) else { return nil }
        let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let fractionDigits = digits.count > 1 ? digits[1].utf8.count : 0
        guard let exponent = Int32(parts[1]),
            let scale = Int32(exactly: fractionDigits - Int(exponent))
        else { return .notANumber }
        let precision = parts[0].utf8.drop { $0 == 0x2B || $0 == 0x2D || $0 == 0x30 }.count
        return Int32(exactly: precision - Int(scale)) == nil ? .underflow : nil
    }

    private static func isInteger(_ text: Substring) -> Bool {
        let digits = text.utf8.first == 0x2B || text.utf8.first == 0x2D ? text.dropFirst() : text
        return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
