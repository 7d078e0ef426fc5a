/// The escapes of JSON strings: `\n`, `\u00e9` and so on.
enum StringEscapes {
    /// The text that `raw`, the inside of a string with at least one escape, stands for; nil when
    /// its other bytes are not UTF-8.
    ///
    /// Every backslash in `raw` is followed by a byte; `offset` is where it begins in the whole text.
    static func decode(
        _ raw: UnsafeBufferPointer<UInt8>,
        offset: Int,
    ) throws(JSONError) -> String? {
        // An escape is never shorter than the UTF-8 it stands for.
        let result: Result<String?, JSONError> = withUnsafeTemporaryAllocation(
            of: UInt8.self,
            capacity: raw.count,
        ) { output in
            do throws(JSONError) {
                let count = try unescape(raw, into: output, offset: offset)
                let text = UnsafeBufferPointer(rebasing: output[..<count])
                return .success(UTF8Text.string(text))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Returns how many bytes it wrote.
    private static func unescape(
        _ raw: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutableBufferPointer<UInt8>,
        offset: Int,
    ) throws(JSONError) -> Int {
        var input = 0
        var count = 0
        while input < raw.count {
            let byte = raw[input]
            guard byte == UInt8(ascii: "\\"), input + 1 < raw.count else {
                output[count] = byte
                count += 1
                input += 1
                continue
            }
            if raw[input + 1] == UInt8(ascii: "u") {
                let (scalar, length) = try scalar(raw, at: input, offset: offset)
                for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    output[count] = unit
                    count += 1
                }
                input += length
                continue
            }
            guard let character = single(raw[input + 1]) else {
                throw JSONError(kind: .invalidEscape, offset: offset + input)
            }
            output[count] = character
            count += 1
            input += 2
        }
        return count
    }

    private static func single(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The scalar of the `\u` escape, or pair of them, at `index`, and how many bytes it takes.
    private static func scalar(
        _ raw: UnsafeBufferPointer<UInt8>,
        at index: Int,
        offset: Int,
    ) throws(JSONError) -> (Unicode.Scalar, length: Int) {
        guard let first = unit(raw, at: index) else {
            throw JSONError(kind: .invalidEscape, offset: offset + index)
        }
        if let scalar = Unicode.Scalar(first) { return (scalar, 6) }
        guard first < 0xdc00, let second = unit(raw, at: index + 6),
            (0xdc00...0xdfff).contains(second),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
            )
        else {
            throw JSONError(kind: .loneSurrogate, offset: offset + index)
        }
        return (scalar, 12)
    }

    /// The four hexadecimal digits of `\uXXXX` at `index`.
    private static func unit(_ raw: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16? {
        guard index + 6 <= raw.count, raw[index] == UInt8(ascii: "\\"),
            raw[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var value: UInt16 = 0
        for digit in raw[(index + 2)..<(index + 6)] {
            let number: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): number = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(number)
        }
        return value
    }
}
