/// The extensions behind a chunk's size, `;name=value` (RFC 9112 section 7.1.1): checked, and passed
/// over, since this server knows none.
enum ChunkExtensions {
    /// Checks `bytes`, which are empty or begin with a semicolon.
    static func check(_ bytes: UnsafeRawBufferPointer) throws(RequestFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.popFirst() == UInt8(ascii: ";"), dropToken(&rest) else {
                throw .chunkExtension
            }
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest.removeFirst()
            guard rest.first == quote ? dropQuoted(&rest) : dropToken(&rest) else {
                throw .chunkExtension
            }
        }
    }

    private static let quote = UInt8(ascii: "\"")

    /// Whether there was one.
    private static func dropToken(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        let count = rest.count
        rest = rest.drop { RequestBytes.contains(RequestBytes.token, $0) }
        return rest.count < count
    }

    /// Whether the quotes that open here close.
    private static func dropQuoted(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        rest.removeFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case quote: return true
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), isText(escaped) else { return false }
            case _ where !isText(byte): return false
            default: break
            }
        }
        return false
    }

    private static func isText(_ byte: UInt8) -> Bool {
        byte >= 32 && byte != 127 || byte == RequestBytes.tab
    }
}
