/// A request's head while its lines come in: what each says of method, framing and connection.
///
/// Whatever could make two servers see two different requests in the same bytes is refused
/// (RFC 9112 section 11.2).
struct HeadDraft {
    private(set) var fieldCount = 0
    private var method = ""
    private var target = ""
    private var isVersion10 = false
    private var places: [HTTPFields.Place] = []
    private var contentLength: Int?
    private var isChunked = false
    private var hasHost = false
    private var expectation: RequestHead.Expectation?
    private var wantsOtherProtocol = false
    private var wantsClose = false
    private var wantsToStay = false

    /// More than the SDKs send: their heads are kept in one piece of memory.
    private static let usualFieldCount = 16

    var hasRequestLine: Bool {
        !method.isEmpty
    }

    // MARK: The request line

    mutating func take(requestLine line: UnsafeRawBufferPointer) throws(RequestFault) {
        // Nearly every request of the API.
        if line.isEqual("POST / HTTP/1.1") {
            (method, target, isVersion10) = ("POST", "/", false)
            return
        }
        guard let space = line.firstIndex(of: RequestBytes.space) else { throw .requestLine }
        let version = line.count - Self.versionCount
        guard version > space + 1 else { throw .requestLine }
        let method = try Self.method(line.part(0..<space))
        isVersion10 = try Self.isVersion10(line.part(version..<line.count))
        target = try Self.target(line.part(space + 1..<version))
        self.method = method
    }

    private static func method(_ name: UnsafeRawBufferPointer) throws(RequestFault) -> String {
        for method in methods where name.elementsEqual(method.utf8) {
            return method
        }
        throw .method
    }

    /// The one in use first.
    private static let methods = [
        "POST", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE",
    ]
    /// The length of ` HTTP/1.1`.
    private static let versionCount = 9

    private static func isVersion10(
        _ version: UnsafeRawBufferPointer
    ) throws(RequestFault) -> Bool {
        guard version.starts(with: " HTTP/".utf8) else { throw .requestLine }
        guard version[6] == UInt8(ascii: "1"), version[7] == UInt8(ascii: ".") else {
            throw .version
        }
        switch version[8] {
        case UInt8(ascii: "0"): return true
        case UInt8(ascii: "1"): return false
        default: throw .version
        }
    }

    private static func target(_ bytes: UnsafeRawBufferPointer) throws(RequestFault) -> String {
        let isPath = bytes[0] == UInt8(ascii: "/")
        if isPath, bytes.count == 1 { return "/" }
        for byte in bytes where !RequestBytes.contains(RequestBytes.target, byte) {
            throw byte == RequestBytes.space ? .requestLine : .target
        }
        guard isPath || bytes.elementsEqual("*".utf8) || isAbsolute(bytes) else { throw .target }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether this is `scheme://host` and perhaps more behind it.
    private static func isAbsolute(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let isLetter = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= byte | 32 }
        let rest = bytes.drop(while: isLetter)
        guard rest.count < bytes.count, rest.starts(with: "://".utf8) else { return false }
        let host = rest.dropFirst(3)
        let path = host.drop { RequestBytes.contains(RequestBytes.authority, $0) }
        guard path.count < host.count else { return false }
        return path.first.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? true
    }

    // MARK: Fields

    /// Takes a field of the head, which starts at `start` in `bytes`.
    mutating func take(
        _ field: FieldLine,
        in bytes: UnsafeRawBufferPointer,
        from start: Int,
    ) throws(RequestFault) {
        if places.isEmpty { places.reserveCapacity(Self.usualFieldCount) }
        places.append(
            HTTPFields.Place(
                nameStart: Int32(truncatingIfNeeded: field.name.lowerBound - start),
                nameCount: Int32(truncatingIfNeeded: field.name.count),
                valueStart: Int32(truncatingIfNeeded: field.value.lowerBound - start),
                valueCount: Int32(truncatingIfNeeded: field.value.count),
            )
        )
        fieldCount += 1
        guard let meaning = Meaning(bytes.part(field.name)) else { return }
        let value = bytes.part(field.value)
        switch meaning {
        case .host:
            guard !hasHost else { throw .host }
            hasHost = true
        case .expect:
            takeExpectation(value)
        case .upgrade:
            wantsOtherProtocol = true
        case .connection:
            takeConnection(field.value, in: bytes)
        case .contentLength:
            guard contentLength == nil else { throw .twoLengths }
            // White space, but not to every parser.
            guard bytes[field.value.upperBound] != RequestBytes.tab else { throw .length }
            contentLength = try Self.length(value)
        case .transferEncoding:
            guard !isChunked, value.isEqual(ignoringCaseOf: "chunked") else { throw .coding }
            isChunked = true
        }
    }

    /// Which field says something that HTTP itself must heed.
    private enum Meaning {
        case host
        case expect
        case upgrade
        case connection
        case contentLength
        case transferEncoding

        init?(_ name: UnsafeRawBufferPointer) {
            switch name.count {
            case 4 where name.isEqual(ignoringCaseOf: "host"): self = .host
            case 6 where name.isEqual(ignoringCaseOf: "expect"): self = .expect
            case 7 where name.isEqual(ignoringCaseOf: "upgrade"): self = .upgrade
            case 10 where name.isEqual(ignoringCaseOf: "connection"): self = .connection
            case 14 where name.isEqual(ignoringCaseOf: "content-length"): self = .contentLength
            case 17 where name.isEqual(ignoringCaseOf: "transfer-encoding"):
                self = .transferEncoding
            default: return nil
            }
        }
    }

    /// Refuses a field that comes too late to be heeded: another server may heed it.
    static func check(
        trailer field: FieldLine,
        in bytes: UnsafeRawBufferPointer,
    ) throws(RequestFault) {
        guard Meaning(bytes.part(field.name)) == nil else { throw .trailer }
    }

    /// Counts a field of the trailer, which says nothing that this server needs.
    mutating func countTrailer() {
        fieldCount += 1
    }

    /// Of several the first counts.
    private mutating func takeExpectation(_ value: UnsafeRawBufferPointer) {
        guard expectation == nil else { return }
        expectation = value.isEqual(ignoringCaseOf: "100-continue") ? .goAhead : .unknown
    }

    private mutating func takeConnection(_ value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        var rest = value
        while !rest.isEmpty {
            let comma = bytes[rest].firstIndex(of: UInt8(ascii: ",")) ?? rest.upperBound
            let option = bytes.part(bytes.trimmed(rest.lowerBound..<comma))
            if option.isEqual(ignoringCaseOf: "close") {
                wantsClose = true
            } else if option.isEqual(ignoringCaseOf: "keep-alive") {
                wantsToStay = true
            }
            rest = min(comma + 1, rest.upperBound)..<rest.upperBound
        }
    }

    private static func length(_ digits: UnsafeRawBufferPointer) throws(RequestFault) -> Int {
        guard !digits.isEmpty else { throw .length }
        var length = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= digit else { throw .length }
            let (tenfold, isTooLong) = length.multipliedReportingOverflow(by: 10)
            let (sum, isTooLongNow) = tenfold.addingReportingOverflow(
                Int(digit - UInt8(ascii: "0"))
            )
            guard !isTooLong, !isTooLongNow else { throw .hugeLength }
            length = sum
        }
        return length
    }

    // MARK: The end

    /// The head, whose bytes are `bytes`.
    func finish(_ bytes: UnsafeRawBufferPointer) throws(RequestFault) -> RequestHead {
        guard hasHost || isVersion10 else { throw .host }
        if isChunked {
            guard contentLength == nil else { throw .twoLengths }
            guard !isVersion10 else { throw .codingInVersion10 }
        }
        let length = isChunked ? RequestHead.Length.chunked : .bytes(contentLength ?? 0)
        let mayWait = !isVersion10 && length != .bytes(0)
        let isLast = wantsClose || wantsOtherProtocol || isVersion10 && !wantsToStay
        return RequestHead(
            method: method,
            target: target,
            isVersion10: isVersion10,
            length: length,
            expectation: expectation == .goAhead && !mayWait ? .nothing : expectation ?? .nothing,
            closes: isLast,
            fields: HTTPFields(bytes: Array(bytes), places: places),
        )
    }
}
