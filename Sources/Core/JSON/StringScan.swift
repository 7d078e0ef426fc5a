/// Looks for the end of a JSON string, eight bytes a step, and sixteen in a long one.
struct StringScan {
    /// The place of the closing quote, or of a control character, or the end of the bytes.
    private(set) var end: Int
    private(set) var hasEscapes = false
    /// Whether everything before `end` is ASCII.
    private(set) var isASCII = true

    /// Looks from `start`, just behind the opening quote.
    @inline(__always)
    init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) {
        let raw = UnsafeRawBufferPointer(bytes)
        end = start
        while true {
            var high: UInt64 = 0
            if !Self.passWords(Self.shortWords, of: raw, &end, &high) {
                Self.passLong(raw, &end, &high)
            }
            if high & Self.highBits != 0 { isASCII = false }
            // So nearly every string ends.
            if end < raw.count, raw[end] == UInt8(ascii: "\"") { return }
            while end < raw.count, !Self.isSpecial(raw[end]) {
                if raw[end] >= 0x80 { isASCII = false }
                end += 1
            }
            guard end + 1 < raw.count, raw[end] == UInt8(ascii: "\\") else {
                // A backslash with nothing behind it leaves the string open.
                if end < raw.count, raw[end] == UInt8(ascii: "\\") { end = raw.count }
                return
            }
            hasEscapes = true
            if raw[end + 1] < 0x20 {
                end += 1
                return
            }
            if raw[end + 1] >= 0x80 { isASCII = false }
            end += 2
        }
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Marks the high bit of quotes, backslashes and control characters in `word`.
    ///
    /// The lowest mark is exact; a borrow can put false ones only above it ("Determine if a word has
    /// a byte less than n", Bit Twiddling Hacks).
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let control = (word &- ones &* 0x20) & ~word
        return (control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & highBits
    }

    /// Names and most values end within so many words, for which vectors do not pay.
    private static let shortWords = 2

    /// Passes up to `wordsMax` words, to the first special byte; `high` gets the high bits of what it passed.
    /// - Returns: whether it found one, or less than a word is left.
    @inline(__always)
    private static func passWords(
        _ wordsMax: Int,
        of raw: UnsafeRawBufferPointer,
        _ end: inout Int,
        _ high: inout UInt64,
    ) -> Bool {
        for _ in 0..<wordsMax {
            guard end + 8 <= raw.count else { return true }
            let word = UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            )
            let special = special(word)
            guard special == 0 else {
                let plainBits = special.trailingZeroBitCount & ~7
                high |= word & (1 << plainBits &- 1)
                end += plainBits / 8
                return true
            }
            high |= word
            end += 8
        }
        return false
    }

    /// Passes a longer text: pairs of words are looked at at once, by vector instructions, which saves a text of
    /// 300 bytes 500 of 1,000.
    @inline(never)
    private static func passLong(
        _ raw: UnsafeRawBufferPointer,
        _ end: inout Int,
        _ high: inout UInt64,
    ) {
        var both = SIMD2<UInt64>()
        while end + 16 <= raw.count {
            let pair = raw.loadUnaligned(fromByteOffset: end, as: SIMD2<UInt64>.self)
            guard !hasSpecial(pair) else { break }
            both |= pair
            end += 16
        }
        high |= both[0] | both[1]
        _ = passWords(.max, of: raw, &end, &high)
    }

    /// Whether `special` marks anything in one of two words.
    @inline(__always)
    private static func hasSpecial(_ pair: SIMD2<UInt64>) -> Bool {
        let quote = pair ^ SIMD2(repeating: ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = pair ^ SIMD2(repeating: ones &* UInt64(UInt8(ascii: "\\")))
        let control = pair &- SIMD2(repeating: ones &* 0x20)
        // A byte with its high bit set is none of these; as in `special`, where each has its own mask.
        let any =
            (control | (quote &- SIMD2(repeating: ones)) | (backslash &- SIMD2(repeating: ones)))
            & ~pair
        return (any[0] | any[1]) & highBits != 0
    }

    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20
    }

    /// The place of the first quote, backslash or control character from `start` on, or the end.
    @inline(__always)
    static func firstSpecial(_ raw: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= raw.count {
            let word = UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            )
            let special = special(word)
            if special != 0 { return index + special.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < raw.count, !isSpecial(raw[index]) { index += 1 }
        return index
    }
}
