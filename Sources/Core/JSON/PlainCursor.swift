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
    @inline(__always)
    package mutating func take(_ byte: UInt8) -> Bool {
        if position < bytes.count, bytes[position] == byte {
            position += 1
            return true
        }
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
    @inline(__always)
    package mutating func take(name: StaticString) -> Bool {
        skipWhitespace()
        let count = name.utf8CodeUnitCount
        // Of several names that may be there, the first byte tells most apart.
        guard bytes.count - position >= count + 2, bytes[position] == UInt8(ascii: "\""),
            count == 0 || bytes[position + 1] == name.utf8Start[0]
        else { return false }
        return take(rest: name)
    }

    private mutating func take(rest name: StaticString) -> Bool {
        let start = position
        let end = position + 1 + name.utf8CodeUnitCount
        let found = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(bytes)[(start + 1)..<end]
        )
        let wanted = UnsafeRawBufferPointer(
            start: name.utf8Start,
            count: name.utf8CodeUnitCount,
        )
        guard bytes[end] == UInt8(ascii: "\""), Self.areEqual(found, wanted) else { return false }
        position = end + 1
        if take(UInt8(ascii: ":")) { return true }
        position = start
        return false
    }

    /// Whether these are the same, of which there are as many of both.
    @inline(__always)
    private static func areEqual(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer,
    ) -> Bool {
        var index = 0
        while index + 8 <= left.count {
            let mine = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard mine == right.loadUnaligned(fromByteOffset: index, as: UInt64.self) else {
                return false
            }
            index += 8
        }
        while index < left.count {
            guard left[index] == right[index] else { return false }
            index += 1
        }
        return true
    }

    /// Moves past a string of one byte and a colon, and gives the byte; nowhere where something else is, or
    /// a byte that is not itself in a string.
    package mutating func oneByteName() -> UInt8? {
        skipWhitespace()
        let start = position
        guard bytes.count - start >= 4, bytes[start] == UInt8(ascii: "\""),
            bytes[start + 2] == UInt8(ascii: "\""), (0x20..<0x7f).contains(bytes[start + 1]),
            bytes[start + 1] != UInt8(ascii: "\""), bytes[start + 1] != UInt8(ascii: "\\")
        else { return nil }
        position = start + 3
        if take(UInt8(ascii: ":")) { return bytes[start + 1] }
        position = start
        return nil
    }

    /// Moves past a comma or `closing`, and says whether it was the latter; nil for anything else.
    package mutating func takeEnd(_ closing: UInt8) -> Bool? {
        if take(UInt8(ascii: ",")) { return false }
        return take(closing) ? true : nil
    }

    /// What `read` makes of the object that comes next, from its bracket on: it moves the place it is given
    /// behind that, or gives nil.
    package mutating func object<Result>(
        _ read: (UnsafeBufferPointer<UInt8>, inout Int) -> Result?
    ) -> Result? {
        skipWhitespace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
        return read(bytes, &position)
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
