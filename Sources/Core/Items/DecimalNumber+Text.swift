/// Numbers as text: an optional sign, digits with an optional point, an optional exponent.
///
/// The service takes `+3`, `.5`, `5.`, `0001.23`, `1e+5` and `0e125`, and refuses spaces, `NaN`,
/// `Infinity` and zeros written with an exponent that is out of range. It always answers in plain digits without an exponent.
extension DecimalNumber: CustomStringConvertible {
    /// More bytes than any number needs, leading and trailing zeros included; the bound of the work.
    package static let textBytesMax = 1024

    package init(parsing text: String) throws(DecimalError) {
        var text = text
        let result = text.withUTF8 { utf8 in
            do throws(DecimalError) {
                return Result<DecimalNumber, DecimalError>.success(try DecimalNumber(parsing: utf8))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    package init(parsing text: UnsafeBufferPointer<UInt8>) throws(DecimalError) {
        if let usual = DecimalNumber(usual: text) {
            self = usual
            return
        }
        var parser = DecimalParser(text: text)
        self = try parser.number()
    }

    /// Reads digits of which 64 bits hold any, with a minus or a point or without; nil for all other
    /// texts, of which `DecimalParser` says what they are.
    ///
    /// Most numbers are such, and cost a fifth of what the parser for all of them takes.
    package init?(usual text: UnsafeBufferPointer<UInt8>) {
        guard let first = text.first, text.count <= Self.usualDigitsMax + 2 else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        var exponent = 0
        var digitCount = 0
        var hasPoint = false
        for index in (isNegative ? 1 : 0)..<text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit < 10 {
                magnitude = magnitude &* 10 &+ UInt64(digit)
                digitCount += 1
                if hasPoint { exponent -= 1 }
            } else {
                guard text[index] == UInt8(ascii: "."), !hasPoint else { return nil }
                hasPoint = true
            }
        }
        guard (1...Self.usualDigitsMax).contains(digitCount) else { return nil }
        guard magnitude != 0 else {
            self = .zero
            return
        }
        while magnitude % 10 == 0 {
            magnitude /= 10
            exponent += 1
        }
        self.init(
            magnitude: UInt128(magnitude),
            exponent: Int16(exponent),
            isNegative: isNegative,
        )
    }

    /// As many digits as 64 bits hold whatever they are.
    private static let usualDigitsMax = 19

    package var description: String {
        String(unsafeUninitializedCapacity: Self.plainBytesMax) { output in
            write(into: output)
        }
    }

    /// A sign, "0.", 129 zeros after the point and 38 digits.
    static let plainBytesMax = 176

    /// Writes the plain digits and returns how many bytes they are, at most `plainBytesMax`.
    func write(into output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        func put(_ byte: UInt8) {
            output[count] = byte
            count += 1
        }
        let zero = UInt8(ascii: "0")
        if isNegative { put(UInt8(ascii: "-")) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.digitsMax + 1) { buffer in
            let first = Self.digits(of: magnitude, into: buffer)
            let digits = buffer[first...]
            let wholeCount = digits.count + Int(exponent)
            if wholeCount <= 0 {
                put(zero)
                put(UInt8(ascii: "."))
                for _ in wholeCount..<0 { put(zero) }
                for digit in digits { put(digit) }
                return
            }
            for (index, digit) in zip(0..., digits) {
                if index == wholeCount { put(UInt8(ascii: ".")) }
                put(digit)
            }
            for _ in 0..<max(0, Int(exponent)) { put(zero) }
        }
        return count
    }

    /// Fills the end of `buffer` with the digits and returns where they begin.
    private static func digits(
        of magnitude: UInt128,
        into buffer: UnsafeMutableBufferPointer<UInt8>,
    ) -> Int {
        var first = buffer.count
        var high = magnitude
        // 64-bit division is many times faster than 128-bit division.
        while high > UInt128(UInt64.max) {
            let (quotient, remainder) = high.quotientAndRemainder(dividingBy: 10)
            first -= 1
            buffer[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
            high = quotient
        }
        var low = UInt64(truncatingIfNeeded: high)
        repeat {
            first -= 1
            buffer[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: low % 10)
            low /= 10
        } while low != 0
        return first
    }
}

/// One pass over the text of a number.
private struct DecimalParser {
    let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var magnitude: UInt128 = 0
    /// The digits of `magnitude` while they fit in 64 bits, where arithmetic is fast.
    private var low: UInt64 = 0
    /// Significant digits taken so far, leading zeros not counted.
    private var digitCount = 0
    /// Zeros seen after the last digit taken; they count only if another digit follows.
    private var pendingZeros = 0
    private var hasDigits = false
    private var fractionDigits = 0

    init(text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    mutating func number() throws(DecimalError) -> DecimalNumber {
        guard text.count <= DecimalNumber.textBytesMax else { throw .notANumber }
        let isNegative = sign()
        var tooMany = !digits(inFraction: false)
        if next() == UInt8(ascii: ".") {
            position += 1
            tooMany = !digits(inFraction: true) || tooMany
        }
        guard hasDigits else { throw .notANumber }
        let exponent = try self.exponent()
        guard position == text.count else { throw .notANumber }
        if digitCount == 0 { return try Self.zero(exponent - fractionDigits) }
        if tooMany { throw .tooManyDigits }
        if digitCount <= 18 { magnitude = UInt128(low) }
        return try DecimalNumber(
            normalizing: magnitude,
            exponent: exponent - fractionDigits + pendingZeros,
            isNegative: isNegative,
        )
    }

    /// Zero, as it is written: its exponent must be one that a number can have.
    private static func zero(_ exponent: Int) throws(DecimalError) -> DecimalNumber {
        if exponent > DecimalNumber.scaleMax { throw .overflow }
        if exponent < DecimalNumber.scaleMin { throw .underflow }
        return .zero
    }

    private func next() -> UInt8? {
        position < text.count ? text[position] : nil
    }

    private mutating func sign() -> Bool {
        guard let byte = next(), byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") else {
            return false
        }
        position += 1
        return byte == UInt8(ascii: "-")
    }

    /// Takes a run of digits; false if there are more significant ones than a number holds.
    private mutating func digits(inFraction: Bool) -> Bool {
        var isHeld = true
        while let byte = next(), byte &- UInt8(ascii: "0") < 10 {
            position += 1
            hasDigits = true
            if inFraction { fractionDigits += 1 }
            if byte == UInt8(ascii: "0") {
                if digitCount > 0 { pendingZeros += 1 }
                continue
            }
            isHeld = take(byte - UInt8(ascii: "0")) && isHeld
        }
        return isHeld
    }

    /// Takes the zeros that were waiting, and a digit.
    private mutating func take(_ digit: UInt8) -> Bool {
        let total = digitCount + pendingZeros + 1
        guard total <= DecimalNumber.digitsMax else { return false }
        for index in digitCount..<total {
            let digit = index == total - 1 ? UInt64(digit) : 0
            if index < 18 {
                low = low * 10 + digit
                if index == 17 { magnitude = UInt128(low) }
            } else {
                magnitude = magnitude * 10 + UInt128(digit)
            }
        }
        digitCount = total
        pendingZeros = 0
        return true
    }

    /// The exponent, cut to a range in which no sum overflows and no number is in range any more.
    private mutating func exponent() throws(DecimalError) -> Int {
        guard let byte = next(), byte | 0x20 == UInt8(ascii: "e") else { return 0 }
        position += 1
        let isNegative = sign()
        let first = position
        var value = Int64(0)
        while let byte = next(), byte &- UInt8(ascii: "0") < 10 {
            position += 1
            // The service reads exponents of 64 bits, and takes longer ones for no numbers.
            let (tens, isTooLong) = value.multipliedReportingOverflow(by: 10)
            let (sum, isLarge) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !isTooLong, !isLarge else { throw .notANumber }
            value = sum
        }
        guard position > first else { throw .notANumber }
        let cut = Int(min(value, 1_000_000))
        return isNegative ? -cut : cut
    }
}
