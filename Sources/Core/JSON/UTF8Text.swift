/// Strings from UTF-8 that may be anything, checked before they are made.
///
/// The library's `String(validating:as:)` is generic code that costs some hundred nanoseconds for a
/// short string; this takes a few, and texts are mostly ASCII, which it passes eight bytes a step.
package enum UTF8Text {
    /// The string of these bytes; nil if they are not UTF-8.
    package static func string(_ utf8: UnsafeBufferPointer<UInt8>) -> String? {
        isValid(utf8) ? String(decoding: utf8, as: UTF8.self) : nil
    }

    /// The string of bytes that are known to be ASCII.
    @inline(__always)
    static func ascii(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        // Copying is cheaper than `decoding:`, which would look at every byte again.
        String(unsafeUninitializedCapacity: bytes.count) { output in
            output.update(fromContentsOf: bytes)
        }
    }

    /// Whether the bytes are UTF-8 as Unicode's table 3-7 has it: no overlong form, no surrogate,
    /// nothing above U+10FFFF.
    package static func isValid(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(utf8)
        if isASCII(raw) { return true }
        var index = 0
        while index < raw.count {
            if index + 8 <= raw.count,
                raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits == 0
            {
                index += 8
                continue
            }
            if raw[index] < 0x80 {
                index += 1
                continue
            }
            guard let length = lengthOfScalar(raw, at: index) else { return false }
            index += length
        }
        return true
    }

    /// Whether all bytes are below 128: eight bytes a step, the last ones twice.
    @inline(__always)
    private static func isASCII(_ raw: UnsafeRawBufferPointer) -> Bool {
        func word(_ place: Int) -> UInt64 {
            raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        }
        var high: UInt64 = 0
        guard raw.count >= 8 else {
            for byte in raw { high |= UInt64(byte) }
            return high < 0x80
        }
        var index = 0
        while index + 8 < raw.count {
            high |= word(index)
            index += 8
        }
        return (high | word(raw.count - 8)) & highBits == 0
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// How many bytes the scalar at `index`, which is not ASCII, takes; nil if it is not well formed.
    private static func lengthOfScalar(_ raw: UnsafeRawBufferPointer, at index: Int) -> Int? {
        let lead = raw[index]
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return nil
        }
        guard index + length <= raw.count, second.contains(raw[index + 1]) else { return nil }
        for offset in 2..<max(2, length) where raw[index + offset] & 0xc0 != 0x80 { return nil }
        return length
    }
}
