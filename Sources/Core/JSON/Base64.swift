/// Base64 with padding (RFC 4648, section 4): how the API carries binary values.
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBufferPointer { encode($0, appendingTo: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    package static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>,
        appendingTo text: inout [UInt8],
    ) {
        text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let rest = bytes.count - index
            let first = UInt32(bytes[index])
            let second = rest > 1 ? UInt32(bytes[index + 1]) : 0
            let third = rest > 2 ? UInt32(bytes[index + 2]) : 0
            let group = first << 16 | second << 8 | third
            text.append(letter(group >> 18))
            text.append(letter(group >> 12))
            text.append(rest > 1 ? letter(group >> 6) : padding)
            text.append(rest > 2 ? letter(group) : padding)
            index += 3
        }
    }

    /// The bytes that `text` stands for; nil unless it is padded to fours, of the standard alphabet
    /// only, and with zeros in the bits that the padding leaves over.
    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode($0) }
    }

    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        guard let last = text.last else { return [] }
        let paddingCount = last != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        let count = text.count / 4 * 3 - paddingCount
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { output, initializedCount in
            initializedCount = count
            isValid = decode(text, paddingCount: paddingCount, into: output)
        }
        return isValid ? bytes : nil
    }

    /// Fills the whole of `output`, with anything where it returns false.
    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>,
        paddingCount: Int,
        into output: UnsafeMutableBufferPointer<UInt8>,
    ) -> Bool {
        var isValid: UInt8 = 0
        var written = 0
        for start in stride(from: 0, to: text.count, by: 4) {
            let isLast = start + 4 == text.count
            let digitCount = isLast ? 4 - paddingCount : 4
            var group: UInt32 = 0
            for index in 0..<4 {
                let digit = index < digitCount ? value(text[start + index]) : 0
                isValid |= digit
                group = group << 6 | UInt32(digit & 0x3f)
            }
            for index in 0..<(digitCount - 1) {
                output[written] = UInt8(truncatingIfNeeded: group >> (16 - 8 * UInt32(index)))
                written += 1
            }
            let unusedBits: UInt32 = digitCount == 4 ? 0 : digitCount == 3 ? 0xff : 0xffff
            if group & unusedBits != 0 { return false }
        }
        return isValid & notADigit == 0
    }

    private static let padding = UInt8(ascii: "=")
    /// A bit that no six-bit digit has.
    private static let notADigit: UInt8 = 0x80

    private static func letter(_ bits: UInt32) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: bits & 0x3f)
        return switch digit {
        case 0..<26: UInt8(ascii: "A") + digit
        case 26..<52: UInt8(ascii: "a") + (digit - 26)
        case 52..<62: UInt8(ascii: "0") + (digit - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: notADigit
        }
    }
}
