/// Goes through a JSON text of which the caller expects a certain form, once, from the left, and makes
/// nothing of it.
///
/// Whoever meets something else gives up and has `JSONParser` read the text. So what is taken here
/// must be what the parser would make of the same bytes; much that it takes is refused here.
package struct PlainCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// The place of the next byte.
    package private(set) var position: Int

    /// The bytes must stay while the cursor and what it found are used.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Moves past `byte`, and white space before it, if it is what comes next.
    package mutating func take(_ byte: UInt8) -> Bool {
        skipWhitespace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// The bytes of the string that comes next, if it is ASCII with nothing escaped; nil for anything
    /// else.
    package mutating func string() -> UnsafeBufferPointer<UInt8>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = position
        let scan = StringScan(bytes, from: start)
        guard scan.end < bytes.count, bytes[scan.end] == UInt8(ascii: "\""), scan.isASCII,
            !scan.hasEscapes
        else { return nil }
        position = scan.end + 1
        return UnsafeBufferPointer(rebasing: bytes[start..<scan.end])
    }

    /// The same of any UTF-8.
    package mutating func utf8String() -> UnsafeBufferPointer<UInt8>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let scan = StringScan(bytes, from: position)
        guard scan.end < bytes.count, bytes[scan.end] == UInt8(ascii: "\""), !scan.hasEscapes
        else { return nil }
        let inside = UnsafeBufferPointer(rebasing: bytes[position..<scan.end])
        guard scan.isASCII || UTF8Text.isValid(inside) else { return nil }
        position = scan.end + 1
        return inside
    }

    /// Moves past a string of exactly these bytes and a colon; nowhere where something else is.
    package mutating func take(name: StaticString) -> Bool {
        skipWhitespace()
        let start = position
        if take(word: "\""), take(word: name), take(word: "\""), take(UInt8(ascii: ":")) {
            return true
        }
        position = start
        return false
    }

    /// Moves past a comma or `closing`, and says whether it was the latter; nil for anything else.
    package mutating func takeEnd(_ closing: UInt8) -> Bool? {
        if take(UInt8(ascii: ",")) { return false }
        return take(closing) ? true : nil
    }

    /// `true` or `false`, if that comes next.
    package mutating func bool() -> Bool? {
        skipWhitespace()
        if take(word: "true") { return true }
        return take(word: "false") ? false : nil
    }

    /// Whether nothing but white space is left.
    package mutating func isAtEnd() -> Bool {
        skipWhitespace()
        return position == bytes.count
    }

    private mutating func take(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            return false
        }
        position += count
        return true
    }

    @inline(__always)
    private mutating func skipWhitespace() {
        while position < bytes.count, bytes[position] <= 0x20 {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            position += 1
        }
    }
}

extension String {
    /// The string of what `PlainCursor.string` found, or of other bytes that are known to be ASCII.
    package init(ascii bytes: UnsafeBufferPointer<UInt8>) {
        self = UTF8Text.ascii(bytes)
    }
}
