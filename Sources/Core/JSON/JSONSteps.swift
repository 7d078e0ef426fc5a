/// Steps over JSON that is expected to have a certain form, for readers that make no tree of it.
///
/// A step passes what it is asked for, white space before it included, and refuses anything else; then
/// the reader gives up, and nothing holds for where this stands.
package struct JSONSteps {
    private let text: UnsafeBufferPointer<UInt8>
    /// The place of the next byte.
    package private(set) var position: Int

    package init(_ text: UnsafeBufferPointer<UInt8>, at position: Int) {
        self.text = text
        self.position = position
    }

    /// Passes one byte.
    package mutating func pass(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Passes these very bytes.
    package mutating func pass(_ word: StaticString) -> Bool {
        guard peek() != nil, text.count - position >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount
        where text[position + index] != word.utf8Start[index] {
            return false
        }
        position += word.utf8CodeUnitCount
        return true
    }

    /// Passes a comma or `closing`, and says whether it was the latter; nil for anything else.
    package mutating func passEnd(_ closing: UInt8) -> Bool? {
        guard let byte = peek(), byte == closing || byte == UInt8(ascii: ",") else { return nil }
        position += 1
        return byte == closing
    }

    /// Passes a string that has no escapes, and gives its UTF-8.
    package mutating func plainString() -> UnsafeBufferPointer<UInt8>? {
        guard pass(UInt8(ascii: "\"")) else { return nil }
        let scan = StringScan(text, from: position)
        guard scan.end < text.count, text[scan.end] == UInt8(ascii: "\""), !scan.hasEscapes else {
            return nil
        }
        let inside = UnsafeBufferPointer(rebasing: text[position..<scan.end])
        guard scan.isASCII || UTF8Text.isValid(inside) else { return nil }
        position = scan.end + 1
        return inside
    }

    /// Passes a string of exactly these bytes, and a colon; moves nowhere where something else is.
    package mutating func passName(_ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard peek() == UInt8(ascii: "\""), text.count - position >= count + 2,
            text[position + count + 1] == UInt8(ascii: "\"")
        else { return false }
        for index in 0..<count where text[position + index + 1] != name.utf8Start[index] {
            return false
        }
        let start = position
        position += count + 2
        if pass(UInt8(ascii: ":")) { return true }
        position = start
        return false
    }

    /// The next byte that is no white space.
    @inline(__always)
    private mutating func peek() -> UInt8? {
        while position < text.count {
            let byte = text[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }
}
