/// A string that is compared, ordered and hashed by its UTF-8 bytes, as DynamoDB does.
///
/// Swift's own `String` treats canonically equivalent texts as equal ("é" in one scalar or in two);
/// two such strings are different keys and different attribute names to the API. Everything that is
/// a key, an attribute name or a string value is a `Text`.
package struct Text: Hashable, Comparable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    package let string: String

    package init(_ string: String) {
        self.string = string
    }

    package init(stringLiteral value: String) {
        string = value
    }

    package var utf8Count: Int { string.utf8.count }

    package var description: String { string }

    package static func == (left: Text, right: Text) -> Bool {
        left.hasBits(of: right)
            || left.utf8Count == right.utf8Count && left.order(against: right) == 0
    }

    /// Whether both are the same to the bit, as short equal strings are: then so are their bytes, and
    /// nothing else is to be looked at.
    private func hasBits(of other: Text) -> Bool {
        let (mine, theirs) = (
            unsafeBitCast(string, to: (UInt64, UInt64).self),
            unsafeBitCast(other.string, to: (UInt64, UInt64).self),
        )
        return mine == theirs
    }

    package static func < (left: Text, right: Text) -> Bool {
        left.order(against: right) < 0
    }

    package func hash(into hasher: inout Hasher) {
        var copy = string
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xff))
    }

    /// Negative, zero or positive as `self` sorts before, with or after `other`.
    @inline(__always)
    func order(against other: Text) -> Int {
        withUTF8 { left in
            other.withUTF8 { right in ByteOrder.compare(left, right) }
        }
    }

    /// Calls `body` with the bytes, which are only there during the call.
    @inline(__always)
    func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        // Swift's own strings are contiguous; only ones bridged from elsewhere need a copy.
        if let result = string.utf8.withContiguousStorageIfAvailable({
            body(UnsafeRawBufferPointer($0))
        }) {
            return result
        }
        return Array(string.utf8).withUnsafeBytes(body)
    }
}
