/// Parses a JSON text (RFC 8259, strictly) to a `JSONValue`.
///
/// Strict means: UTF-8 is checked, lone surrogates are refused (they have no UTF-8, so no stored
/// string could hold them), numbers follow the grammar, and nothing but whitespace follows the
/// value. Members keep their order and duplicates. The parser reads raw bytes and makes each
/// `String` once, because it stands in the path of every request.
package struct JSONParser {
    /// How many arrays and objects may be open at once.
    ///
    /// The API allows 32 nested levels of attribute values; each is two levels of JSON
    /// (`{"L": [`), and the widest envelope (a batch of requests by table) adds seven. The rest is
    /// room for values that are too deep, of which requests tell in their turn, after what is wrong
    /// elsewhere.
    package static let depthMaxDefault = 256

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private let depthMax: Int
    private let packing: JSONPacking?

    /// Parses the whole of `bytes`; `depthMax` bounds the recursion, and so the stack.
    package static func parse(
        _ bytes: [UInt8],
        depthMax: Int = depthMaxDefault,
        packing: JSONPacking? = nil,
    ) throws(JSONError) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { buffer in
            attempt(buffer, depthMax, packing)
        }
        return try result.get()
    }

    /// As `parse(_:depthMax:)` on bytes that the caller keeps alive.
    package static func parse(
        _ bytes: UnsafeBufferPointer<UInt8>,
        depthMax: Int = depthMaxDefault,
    ) throws(JSONError) -> JSONValue {
        try attempt(bytes, depthMax, nil).get()
    }

    private static func attempt(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ depthMax: Int,
        _ packing: JSONPacking?,
    ) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes: bytes, depthMax: depthMax, packing: packing)
        do throws(JSONError) {
            return .success(try parser.text())
        } catch {
            return .failure(error)
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, depthMax: Int, packing: JSONPacking?) {
        self.bytes = bytes
        self.depthMax = depthMax
        self.packing = packing
    }

    private mutating func text() throws(JSONError) -> JSONValue {
        let value = try value(depth: 0)
        skipWhitespace()
        guard position == bytes.count else { throw failure(.trailingBytes) }
        return value
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipWhitespace()
        switch try peek() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number())
        default: throw failure(.unexpectedByte)
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= depthMax else { throw failure(.tooDeep) }
        position += 1
        skipWhitespace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object([])
        }
        var members: [JSONValue.Member] = []
        // Most objects are typed values, of one member; the outermost is not.
        if depth == 1 { members.reserveCapacity(Self.reserve) }
        members.append(try member(depth: depth))
        if try isLast(closing: UInt8(ascii: "}")) { return .object(members) }
        members.reserveCapacity(Self.reserve)
        while true {
            members.append(try member(depth: depth))
            if try isLast(closing: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    @inline(__always)
    private mutating func member(depth: Int) throws(JSONError) -> JSONValue.Member {
        skipWhitespace()
        guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedByte) }
        let name = try string()
        skipWhitespace()
        guard try peek() == UInt8(ascii: ":") else { throw failure(.unexpectedByte) }
        position += 1
        if let packing, packing.depth == depth, let packed = packed(name, packing) {
            return JSONValue.Member(name, .packed(packed))
        }
        return JSONValue.Member(name, try value(depth: depth))
    }

    /// The value of a member that does not go into the tree; nil for all others.
    private mutating func packed(_ name: String, _ packing: JSONPacking) -> PackedJSON? {
        guard packing.names.contains(name) else { return nil }
        skipWhitespace()
        var end = position
        guard end < bytes.count, bytes[end] == UInt8(ascii: "{"),
            let packed = packing.pack(bytes, &end)
        else { return nil }
        position = end
        return packed
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= depthMax else { throw failure(.tooDeep) }
        position += 1
        skipWhitespace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        var elements = [try value(depth: depth)]
        if try isLast(closing: UInt8(ascii: "]")) { return .array(elements) }
        elements.reserveCapacity(Self.reserve)
        while true {
            elements.append(try value(depth: depth))
            if try isLast(closing: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Room made when a second member or element comes.
    private static let reserve = 8

    /// Passes the comma or the closing bracket after an element.
    @inline(__always)
    private mutating func isLast(closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let byte = try peek()
        guard byte == closing || byte == UInt8(ascii: ",") else { throw failure(.unexpectedByte) }
        position += 1
        return byte == closing
    }

    private mutating func word(
        _ word: StaticString,
        _ value: JSONValue,
    ) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        for index in 0..<count {
            guard position + index < bytes.count else {
                throw JSONError(kind: .unexpectedEnd, offset: bytes.count)
            }
            guard bytes[position + index] == word.utf8Start[index] else {
                throw failure(.unexpectedByte)
            }
        }
        position += count
        return value
    }

    // MARK: Numbers

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`, kept as it stands.
    private mutating func number() throws(JSONError) -> String {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = position
        try digits(from: start)
        if bytes[whole] == UInt8(ascii: "0"), position > whole + 1 {
            throw JSONError(kind: .invalidNumber, offset: start)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(from: start)
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits(from: start)
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Passes at least one digit.
    private mutating func digits(from start: Int) throws(JSONError) {
        let first = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        if position == first { throw JSONError(kind: .invalidNumber, offset: start) }
    }

    // MARK: Strings

    /// The string whose opening quote is at `position`.
    private mutating func string() throws(JSONError) -> String {
        let opening = position
        let start = opening + 1
        let scan = StringScan(bytes, from: start)
        guard scan.end < bytes.count else {
            throw JSONError(kind: .unexpectedEnd, offset: bytes.count)
        }
        guard bytes[scan.end] == UInt8(ascii: "\"") else {
            throw JSONError(kind: .controlCharacter, offset: scan.end)
        }
        let raw = UnsafeBufferPointer(rebasing: bytes[start..<scan.end])
        position = scan.end + 1
        if scan.isASCII, !scan.hasEscapes { return UTF8Text.ascii(raw) }
        let decoded =
            scan.hasEscapes
            ? try StringEscapes.decode(raw, offset: start)
            : UTF8Text.string(raw)
        guard let decoded else { throw JSONError(kind: .invalidUTF8, offset: opening) }
        return decoded
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func skipWhitespace() {
        // Compact text has none.
        guard position < bytes.count, bytes[position] <= 0x20 else { return }
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
            position += 1
        }
    }

    @inline(__always)
    private func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw failure(.unexpectedEnd) }
        return bytes[position]
    }

    private func failure(_ kind: JSONError.Kind) -> JSONError {
        JSONError(kind: kind, offset: position)
    }
}
