/// What bytes may be where in a request (RFC 9110 section 5.6.2, RFC 9112 section 3.2).
enum RequestBytes {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")

    /// Which of the first and which of the second 64 characters are in, a bit for each.
    typealias Set = (low: UInt64, high: UInt64)

    /// ``!#$%&'*+-.^_`|~``, digits and letters.
    static let token: Set = (0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe)
    /// Visible characters but `#`, which begins what a client keeps to itself.
    static let target: Set = (0xffff_fff6_0000_0000, 0x7fff_ffff_ffff_ffff)
    /// What a URI's host and port are made of: no `@`, so that no user is mistaken for a host.
    static let authority: Set = (0x2fff_7ff2_0000_0000, 0x47ff_fffe_afff_fffe)

    static func contains(_ set: Set, _ byte: UInt8) -> Bool {
        let word = byte < 64 ? set.low : set.high
        return byte < 128 && word >> UInt64(byte & 63) & 1 != 0
    }

    /// The number that a hexadecimal digit stands for.
    static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of `range`, counted from 0.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Whether one of these is a control character other than a tab.
    ///
    /// Looks at eight bytes at a time, and at each only if one of the eight may be such: a tab, say.
    var hasControl: Bool {
        var index = 0
        while index + 8 <= count {
            let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // The highest bit of each byte below 32, and of each that is 127, perhaps of more.
            let low = (word &- 0x2020_2020_2020_2020) & ~word
            let deleted = word ^ 0x7f7f_7f7f_7f7f_7f7f
            let delete = (deleted &- 0x0101_0101_0101_0101) & ~deleted
            if (low | delete) & 0x8080_8080_8080_8080 != 0, hasControl(index..<index + 8) {
                return true
            }
            index += 8
        }
        return hasControl(index..<count)
    }

    private func hasControl(_ range: Range<Int>) -> Bool {
        for index in range {
            let byte = self[index]
            if byte < 32 && byte != RequestBytes.tab || byte == 127 { return true }
        }
        return false
    }

    /// Whether these are `text`, which is in lower case, but for the case of letters; there are no
    /// control characters among them, one of which would pass for a digit or a hyphen.
    func isEqual(ignoringCaseOf text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where self[index] | 32 != text.utf8Start[index] {
            return false
        }
        return true
    }

    /// `range` without the white space at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == RequestBytes.space || self[start] == RequestBytes.tab {
            start += 1
        }
        while end > start, self[end - 1] == RequestBytes.space || self[end - 1] == RequestBytes.tab
        {
            end -= 1
        }
        return start..<end
    }
}
