import Testing

@testable import JSON

/// The end of a string, found in steps of many bytes, against what one sees byte by byte.
struct StringScanTests {
    private struct Seen: Equatable {
        var end = 0
        var hasEscapes = false
        var isASCII = true
    }

    private func quick(_ bytes: [UInt8], from start: Int) -> Seen {
        bytes.withUnsafeBufferPointer { bytes in
            let scan = StringScan(bytes, from: start)
            return Seen(end: scan.end, hasEscapes: scan.hasEscapes, isASCII: scan.isASCII)
        }
    }

    private func slow(_ bytes: [UInt8], from start: Int) -> Seen {
        var seen = Seen(end: start)
        while seen.end < bytes.count {
            let byte = bytes[seen.end]
            if byte == UInt8(ascii: "\"") || byte < 0x20 { return seen }
            if byte >= 0x80 { seen.isASCII = false }
            seen.end += 1
            guard byte == UInt8(ascii: "\\") else { continue }
            guard seen.end < bytes.count else { return seen }
            seen.hasEscapes = true
            if bytes[seen.end] < 0x20 { return seen }
            if bytes[seen.end] >= 0x80 { seen.isASCII = false }
            seen.end += 1
        }
        return seen
    }

    private static let special: [UInt8] = [
        UInt8(ascii: "\""), UInt8(ascii: "\\"), 0, 0x0a, 0x1f, 0x80, 0xc3, 0xff, 0x20, 0x21, 0x23,
        0x5b, 0x5d, 0x7f, 0xa2, 0xdc, 0xa0,
    ]

    @Test func `one byte that is not a letter is seen wherever it is`() {
        for count in 0...50 {
            for filler in [UInt8(ascii: "a"), 0x21, 0x7f, 0xe9] {
                let plain = [UInt8](repeating: filler, count: count)
                #expect(quick(plain, from: 0) == slow(plain, from: 0))
                for place in plain.indices {
                    for byte in Self.special {
                        var bytes = plain
                        bytes[place] = byte
                        for start in [0, min(3, place)] {
                            #expect(quick(bytes, from: start) == slow(bytes, from: start))
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: UInt64(1)...20)
    func `strings made from seeds end where they end`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let rarity = Int.random(in: 2...40, using: &random)
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                Int.random(in: 0..<rarity, using: &random) == 0
                    ? Self.special.randomElement(using: &random) ?? 0
                    : UInt8.random(in: 0x30...0x7e, using: &random)
            }
            #expect(quick(bytes, from: 0) == slow(bytes, from: 0))
        }
    }
}
