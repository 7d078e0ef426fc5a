import Glibc

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

    /// Whether eight bytes are letters and hyphens, which nearly all names of fields are made of.
    static func areUsual(_ word: UInt64) -> Bool {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        guard word & highBits == 0 else { return false }
        // Each byte's highest bit says whether it is at least `a`, above `z`, and anything but a hyphen:
        // none of the sums runs over into the next byte.
        let lower = word | 0x2020_2020_2020_2020
        let fromA = lower &+ 0x1f1f_1f1f_1f1f_1f1f
        let beyondZ = lower &+ 0x0505_0505_0505_0505
        let isOther = (word ^ 0x2d2d_2d2d_2d2d_2d2d) &+ 0x7f7f_7f7f_7f7f_7f7f
        return (fromA & ~beyondZ | ~isOther) & highBits == highBits
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
        guard count >= 8 else { return hasControl(0..<count) }
        var index = 0
        while index + 8 <= count {
            if mayHaveControl(at: index), hasControl(index..<index + 8) { return true }
            index += 8
        }
        guard index < count else { return false }
        // The last eight once more, rather than one by one those that were not looked at.
        return mayHaveControl(at: count - 8) && hasControl(count - 8..<count)
    }

    private func mayHaveControl(at index: Int) -> Bool {
        let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
        // The highest bit of each byte below 32, and of each that is 127, perhaps of more.
        let low = (word &- 0x2020_2020_2020_2020) & ~word
        let deleted = word ^ 0x7f7f_7f7f_7f7f_7f7f
        let delete = (deleted &- 0x0101_0101_0101_0101) & ~deleted
        return (low | delete) & 0x8080_8080_8080_8080 != 0
    }

    private func hasControl(_ range: Range<Int>) -> Bool {
        for index in range {
            let byte = self[index]
            if byte < 32 && byte != RequestBytes.tab || byte == 127 { return true }
        }
        return false
    }

    /// Whether these are the bytes of `text`.
    package func isEqual(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }

    /// Whether these are `text`, which is in lower case, but for the case of letters; there are no
    /// control characters among them, one of which would pass for a digit or a hyphen.
    package func isEqual(ignoringCaseOf text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let expected = UnsafeRawPointer(text.utf8Start)
        var index = 0
        while index + 8 <= count {
            let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard
                word | 0x2020_2020_2020_2020
                    == expected.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            else { return false }
            index += 8
        }
        while index < count {
            guard self[index] | 32 == text.utf8Start[index] else { return false }
            index += 1
        }
        return true
    }

    /// The end of the bytes of a token that `range` begins with.
    func tokenEnd(_ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index + 8 <= range.upperBound,
            RequestBytes.areUsual(loadUnaligned(fromByteOffset: index, as: UInt64.self))
        {
            index += 8
        }
        while index < range.upperBound, RequestBytes.contains(RequestBytes.token, self[index]) {
            index += 1
        }
        return index
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
