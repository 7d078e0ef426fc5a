import Items

/// Who a request says it is from: the credential scope of its `Authorization` header, or of its
/// query string.
///
/// The signature itself is not verified here; a request without one is refused as the service
/// refuses it.
package struct CredentialScope: Equatable, Sendable {
    package let accessKeyId: String
    /// `YYYYMMDD`.
    package let date: String
    package let region: String
    package let service: String

    private static let algorithm = "AWS4-HMAC-SHA256"
    /// A header is echoed in a message up to this length.
    private static let echoBytesMax = 1024

    /// Reads the `Authorization` header of a request, and its `X-Amz-Date` header or else `Date`.
    ///
    /// `target` is the request's target, whose query may bear the signature instead.
    package init(
        authorization: String?,
        date: String?,
        target: String = "/",
    ) throws(ServiceError) {
        if let query = SignedQuery(target) {
            guard authorization == nil else { throw .hasTwoSignatures }
            try self.init(credential: query.credential()[...].utf8)
            return
        }
        guard let header = authorization, Self.isSigned(header) else {
            throw .missingAuthenticationToken
        }
        let bytes = Self.trimmed(header.utf8[...])
        let space = bytes.firstIndex(of: UInt8(ascii: " ")) ?? bytes.endIndex
        let parameters = Parameters(bytes[space...])
        guard let credential = parameters.credential, parameters.hasSignature,
            parameters.hasSignedHeaders, date != nil
        else { throw parameters.incomplete(in: header, hasDate: date != nil) }
        try Self.checkAlgorithm(bytes[..<space])
        try self.init(credential: credential)
    }

    /// Whether `init` takes this header for sure, with a date beside it: true only for headers in the
    /// form that the SDKs write, and false for many that `init` takes too.
    ///
    /// Looks at eight bytes at a time and makes nothing: whoever needs only to know that the scope is
    /// there saves a twentieth of a read by asking this first.
    package static func isUsual(
        authorization: UnsafeRawBufferPointer,
        target: String,
    ) -> Bool {
        guard target == "/" || !target.utf8.contains(UInt8(ascii: "?")) else { return false }
        var header = UsualHeader(bytes: authorization)
        return header.take("AWS4-HMAC-SHA256 Credential=")
            && header.takeValue(slashes: 4) && header.take("SignedHeaders=")
            && header.takeValue(slashes: 0) && header.take("Signature=")
            && header.takeLastValue()
    }

    fileprivate static func checkAlgorithm(_ name: Bytes) throws(ServiceError) {
        guard !name.elementsEqual(algorithm.utf8) else { return }
        throw .incompleteSignature(
            "Unsupported AWS 'algorithm': '\(String(Substring(name)).prefix(echoBytesMax))' "
                + "(only AWS4-HMAC-SHA256 for now). "
        )
    }

    private init(credential: Bytes) throws(ServiceError) {
        let parts = credential.split(
            separator: UInt8(ascii: "/"),
            maxSplits: 5,
            omittingEmptySubsequences: false,
        )
        guard parts.count == 5 else {
            throw .incompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, "
                    + "e.g. keyid/date/region/service/term, "
                    + "got '\(Substring(credential).prefix(Self.echoBytesMax))'"
            )
        }
        accessKeyId = String(Substring(parts[0]))
        date = String(Substring(parts[1]))
        region = String(Substring(parts[2]))
        service = String(Substring(parts[3]))
    }

    /// Headers are taken apart by bytes: going by characters costs more than the rest of a read.
    fileprivate typealias Bytes = Substring.UTF8View

    private static func isSigned(_ header: String) -> Bool {
        trimmed(header.utf8[...]).starts(with: "AWS4-".utf8)
    }

    fileprivate static func trimmed(_ bytes: Bytes) -> Bytes {
        let space = UInt8(ascii: " ")
        guard let first = bytes.firstIndex(where: { $0 != space }),
            let last = bytes.lastIndex(where: { $0 != space })
        else { return bytes[bytes.endIndex...] }
        return bytes[first...last]
    }

    /// The `name=value` pairs behind the algorithm, separated by commas or spaces.
    private struct Parameters {
        var credential: Bytes?
        var hasSignature = false
        var hasSignedHeaders = false

        init(_ bytes: Bytes) {
            let (comma, space) = (UInt8(ascii: ","), UInt8(ascii: " "))
            for pair in bytes.split(whereSeparator: { $0 == comma || $0 == space }) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let name = pair[..<equals]
                if name.elementsEqual("Credential".utf8) {
                    credential = credential ?? pair[pair.index(after: equals)...]
                } else if name.elementsEqual("Signature".utf8) {
                    hasSignature = true
                } else if name.elementsEqual("SignedHeaders".utf8) {
                    hasSignedHeaders = true
                }
            }
        }

        func incomplete(in header: String, hasDate: Bool) -> ServiceError {
            let present = [
                ("Credential", credential != nil), ("Signature", hasSignature),
                ("SignedHeaders", hasSignedHeaders),
            ]
            var faults = present.filter { !$0.1 }.map { name, _ in
                "Authorization header requires '\(name)' parameter."
            }
            if !hasDate {
                faults.append(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a "
                        + "'Date' header."
                )
            }
            let echo = String(Substring(trimmed(header.utf8[...]))).prefix(echoBytesMax)
            faults.append("Authorization=\(echo)")
            return .incompleteSignature(faults.joined(separator: " "))
        }
    }
}

/// What is left of an `Authorization` header in its usual form.
private struct UsualHeader {
    let bytes: UnsafeRawBufferPointer
    /// Where what was not taken yet begins.
    private var index = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        let next = UnsafeRawBufferPointer(rebasing: bytes[index..<index + count])
        let text = UnsafeRawBufferPointer(start: text.utf8Start, count: count)
        guard ByteOrder.compare(next, text) == 0 else { return false }
        index += count
        return true
    }

    /// Takes a value with so many slashes, the comma that ends it, and the spaces behind that.
    mutating func takeValue(slashes: Int) -> Bool {
        guard skipPlain() == slashes, index < bytes.count, bytes[index] == UInt8(ascii: ",") else {
            return false
        }
        index += 1
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
        return true
    }

    /// Whether all the rest is one value.
    mutating func takeLastValue() -> Bool {
        _ = skipPlain()
        return index == bytes.count
    }

    /// Passes characters that end nothing and begin nothing, eight at a time, and counts the slashes.
    private mutating func skipPlain() -> Int {
        var slashes = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard Self.isPlain(word) else { break }
            slashes += Self.slashes(in: word)
            index += 8
        }
        while index < bytes.count, Self.isPlain(bytes[index]) {
            slashes += bytes[index] == UInt8(ascii: "/") ? 1 : 0
            index += 1
        }
        return slashes
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "=") && byte != UInt8(ascii: ",")
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether all eight are plain: true only if they are, and perhaps false if they are too ("Determine
    /// if a word has a byte less than n", Bit Twiddling Hacks).
    private static func isPlain(_ word: UInt64) -> Bool {
        let low = (word &- ones &* 0x21) & ~word
        let delete = word ^ ones &* 0x7f
        let equals = word ^ ones &* UInt64(UInt8(ascii: "="))
        let comma = word ^ ones &* UInt64(UInt8(ascii: ","))
        let others =
            (delete &- ones) & ~delete | (equals &- ones) & ~equals | (comma &- ones) & ~comma
        return (word | low | others) & highBits == 0
    }

    /// How many of eight plain characters are slashes.
    private static func slashes(in word: UInt64) -> Int {
        let slash = word ^ ones &* UInt64(UInt8(ascii: "/"))
        // The high bit of a byte stays clear only where all of it is zero; none of them has one itself.
        let zeros = (~(slash &+ ~highBits) & highBits) >> 7
        // The sum of the bytes: not every processor has an instruction to count bits.
        return Int(truncatingIfNeeded: (zeros &* ones) >> 56)
    }
}

/// A query string that bears the signature of its request.
private struct SignedQuery {
    /// In the order in which missing ones are listed.
    private static let names = [
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders",
        "X-Amz-Date",
    ]
    /// By the place in `names`, percent encoded as sent.
    private var values: [CredentialScope.Bytes?]

    /// Nil if the query of this request target is none, or bears no signature.
    init?(_ target: String) {
        let bytes = target.utf8[...]
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        values = Array(repeating: nil, count: Self.names.count)
        for pair in bytes[bytes.index(after: mark)...].split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = pair[..<equals]
            for (place, known) in Self.names.enumerated() where name.elementsEqual(known.utf8) {
                values[place] = values[place] ?? pair[equals...].dropFirst()
            }
        }
        guard values[0] != nil else { return nil }
    }

    func credential() throws(ServiceError) -> String {
        let missing = zip(Self.names, values).filter { $0.1?.isEmpty != false }
        guard missing.isEmpty, let algorithm = values[0], let credential = values[1] else {
            let faults = missing.map { "AWS query-string parameters must include '\($0.0)'. " }
            throw .incompleteSignature(
                faults.joined() + "Re-examine the query-string parameters."
            )
        }
        try CredentialScope.checkAlgorithm(algorithm)
        return Self.decoded(credential)
    }

    /// With its percent encoding undone; what is none is left as it is.
    private static func decoded(_ bytes: CredentialScope.Bytes) -> String {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(Substring(rest.prefix(2)), radix: 16)
            {
                result.append(code)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension ServiceError {
    fileprivate static let hasTwoSignatures = ServiceError(
        "InvalidSignatureException",
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )

    package static let missingAuthenticationToken = ServiceError(
        "MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
    )

    package static func incompleteSignature(_ message: String) -> ServiceError {
        ServiceError("IncompleteSignatureException", message)
    }
}
