import Glibc

/// Writes the head of a reply into space that was measured beforehand.
package struct HeadWriter {
    /// What the headers of one `HTTPResponse.stamp` may have together.
    package static let stampBytesMax = 160

    private let space: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(space: UnsafeMutableRawBufferPointer) {
        self.space = space
    }

    /// A header whose value is a number; the name has no control characters.
    package mutating func header(_ name: StaticString, decimal value: Int) {
        put(name)
        put(": ")
        put(decimal: value)
        put("\r\n")
    }

    /// A header whose value of `count` bytes, none of them a control character, `fill` writes.
    package mutating func header(
        _ name: StaticString,
        bytes count: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void,
    ) {
        put(name)
        put(": ")
        fill(take(count))
        put("\r\n")
    }

    mutating func put(_ text: StaticString) {
        copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(text: String) {
        var text = text
        text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    mutating func put(bytes: [UInt8]) {
        bytes.withUnsafeBytes { copy($0) }
    }

    /// A number that is not negative.
    mutating func put(decimal value: Int) {
        var digits = 1
        var bound = 10
        while digits < Self.digitsMax, value >= bound {
            digits += 1
            bound *= 10
        }
        let target = take(digits)
        var rest = value
        while digits > 0 {
            digits -= 1
            target[digits] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        }
    }

    /// Of numbers below 10¹⁸, beyond which no length or checksum goes.
    private static let digitsMax = 18

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let target = take(bytes.count).baseAddress else {
            return
        }
        memcpy(target, source, bytes.count)
    }

    private mutating func take(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
        precondition(bytes <= space.count - count, "A reply's head has the room measured for it.")
        defer { count += bytes }
        return UnsafeMutableRawBufferPointer(rebasing: space[count..<count + bytes])
    }
}
