import Glibc

/// Goes through an answer of which the form is known, once, from the left.
struct AnswerCursor {
    private let json: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ json: UnsafeRawBufferPointer) {
        self.json = json
    }

    @inline(__always)
    func starts(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard let base = json.baseAddress, json.count - position >= count else { return false }
        return memcmp(base + position, text.utf8Start, count) == 0
    }

    /// Moves past the text if it is next.
    @inline(__always)
    mutating func take(_ text: StaticString) -> Bool {
        guard starts(with: text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    /// The next so many bytes, whatever they are.
    mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard json.count - position >= count else { return nil }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: json[position..<position + count])
    }

    /// The number of all decimal digits that are next, at most `digitsMax`; nil if there is none.
    mutating func decimal() -> UInt64? {
        let start = position
        var number: UInt64 = 0
        while position < json.count, position - start < Self.digitsMax {
            let digit = json[position] &- 48
            guard digit < 10 else { break }
            number = number &* 10 &+ UInt64(digit)
            position += 1
        }
        return position > start ? number : nil
    }

    /// The number of exactly so many decimal digits.
    mutating func decimal(digits: Int) -> UInt64? {
        let start = position
        guard let number = decimal(), position - start == digits else { return nil }
        return number
    }

    /// Moves behind the quote that ends the string which is next.
    ///
    /// It is a short one with nothing escaped.
    mutating func skipString() -> Bool {
        while position < json.count {
            let byte = json[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return true }
            guard byte >= 0x20, byte != UInt8(ascii: "\\") else { return false }
        }
        return false
    }

    /// As many as any number of the load has.
    private static let digitsMax = 20
}
