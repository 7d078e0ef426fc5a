/// Numbers as bytes whose order is the order of the numbers.
///
/// Layout: one byte 1, 2 or 3 for negative, zero and positive; zero ends there. Then the scale plus
/// 130 in one byte (-130...125 is just 256 values), the digits from the left in pairs, each pair
/// plus one in a byte, a lone last digit with a zero beside it, and a byte 0 that ends them. For
/// negative numbers every byte after the first is inverted. The bytes say where they end, no
/// number's bytes begin another's, and equal numbers have equal bytes; these bytes are stored, as
/// keys and in items, so the layout is fixed for ever.
extension DecimalNumber {
    /// Sign, scale, 19 pairs, end.
    static let orderedBytesMax = 22

    package func appendOrdered(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(
            of: UInt8.self,
            capacity: Self.orderedBytesMax,
        ) { buffer in
            let count = writeOrdered(into: buffer)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Reads a number from the start of `bytes`; nil if they hold none in exactly this form.
    package static func decodeOrdered(
        _ bytes: UnsafeRawBufferPointer
    ) -> (number: DecimalNumber, count: Int)? {
        guard let first = bytes.first, first >= 1, first <= 3 else { return nil }
        if first == 2 { return (.zero, 1) }
        let mask: UInt8 = first == 1 ? 0xff : 0
        guard bytes.count >= 4 else { return nil }
        let scale = Int(bytes[1] ^ mask) - 130
        var low: UInt64 = 0
        var magnitude: UInt128 = 0
        var index = 2
        var last: UInt8 = 0
        while true {
            guard index < bytes.count else { return nil }
            let byte = bytes[index] ^ mask
            if byte == 0 { break }
            // The last of the bytes can only be the end.
            guard byte <= 100, index < orderedBytesMax - 1 else { return nil }
            last = byte - 1
            // Nine pairs fit in 64 bits, where arithmetic is fast.
            if index < 11 {
                low = low * 100 + UInt64(last)
                magnitude = UInt128(low)
            } else {
                magnitude = magnitude * 100 + UInt128(last)
            }
            // The first digit is never zero.
            if index == 2, last < 10 { return nil }
            index += 1
        }
        guard last != 0 else { return nil }
        var digitCount = (index - 2) * 2
        if last % 10 == 0 {
            magnitude = index <= 11 ? UInt128(low / 10) : magnitude / 10
            digitCount -= 1
        }
        let number = DecimalNumber(
            magnitude: magnitude,
            exponent: Int16(scale - digitCount + 1),
            isNegative: first == 1,
        )
        return (number, index + 1)
    }

    /// Returns how many bytes it wrote, at most `orderedBytesMax`.
    func writeOrdered(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        guard magnitude != 0 else {
            buffer[0] = 2
            return 1
        }
        let mask: UInt8 = isNegative ? 0xff : 0
        let digitCount = DecimalDigits.count(magnitude)
        let pairCount = (digitCount + 1) / 2
        buffer[0] = isNegative ? 1 : 3
        buffer[1] = UInt8(truncatingIfNeeded: Int(exponent) + digitCount - 1 + 130) ^ mask
        var high = magnitude
        var index = 1 + pairCount
        if digitCount % 2 == 1 {
            let (rest, digit) = Self.divide(high, by: 10)
            buffer[index] = (digit * 10 + 1) ^ mask
            high = rest
            index -= 1
        }
        while index > 1, high > UInt128(UInt64.max) {
            let (rest, pair) = Self.divide(high, by: 100)
            buffer[index] = (pair + 1) ^ mask
            high = rest
            index -= 1
        }
        var low = UInt64(truncatingIfNeeded: high)
        while index > 1 {
            buffer[index] = (UInt8(truncatingIfNeeded: low % 100) + 1) ^ mask
            low /= 100
            index -= 1
        }
        buffer[2 + pairCount] = mask
        return 3 + pairCount
    }

    private static func divide(
        _ value: UInt128,
        by divisor: UInt64,
    ) -> (quotient: UInt128, remainder: UInt8) {
        if let low = UInt64(exactly: value) {
            return (UInt128(low / divisor), UInt8(truncatingIfNeeded: low % divisor))
        }
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: UInt128(divisor))
        return (quotient, UInt8(truncatingIfNeeded: remainder))
    }
}
