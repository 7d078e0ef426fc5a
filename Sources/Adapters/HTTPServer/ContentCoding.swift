/// The compressed forms in which bodies travel (RFC 9110 section 8.4.1).
package enum ContentCoding: String, Sendable {
    case gzip
    /// The format of zlib (RFC 1950), not bare deflate, whatever the name says.
    case deflate

    /// zlib's way of naming the format around the compressed bytes.
    var windowBits: Int32 {
        switch self {
        case .gzip: 15 + 16
        case .deflate: 15
        }
    }

    /// The coding of this name, whatever its case.
    init?(name: Substring.UTF8View) {
        if name.isEqual(ignoringCaseOf: "gzip") {
            self = .gzip
        } else if name.isEqual(ignoringCaseOf: "deflate") {
            self = .deflate
        } else {
            return nil
        }
    }
}

/// Why a body could not be taken out of its codings.
package enum ContentCodingError: Error, Equatable {
    /// A coding that is not known, or more of them than `ContentCoding.layersMax`.
    case unsupported
    /// The bytes are not of the format that was declared, or not all of them are there.
    case corrupt
    /// What they stand for is longer than a body may be.
    case tooLarge
}

extension ContentCoding {
    /// How many codings of one body, one in another, are undone at most.
    static let layersMax = 4

    /// The codings that a Content-Encoding header names, in the order in which they were applied.
    static func layers(_ header: String) throws(ContentCodingError) -> [ContentCoding] {
        var layers: [ContentCoding] = []
        for part in Substring(header).utf8.split(separator: UInt8(ascii: ",")) {
            let name = part.trimmed
            if name.isEmpty || name.isEqual(ignoringCaseOf: "identity") { continue }
            guard let coding = ContentCoding(name: name), layers.count < layersMax else {
                throw .unsupported
            }
            layers.append(coding)
        }
        return layers
    }
}

extension HTTPRequest {
    /// The body without the codings that its Content-Encoding headers name.
    ///
    /// However little the client sent, no more than `bytesMax` bytes are made of it.
    package func decodedBody(bytesMax: Int) throws(ContentCodingError) -> [UInt8] {
        guard hasHeader("content-encoding") else { return body }
        var layers: [ContentCoding] = []
        for value in values(of: "content-encoding") {
            layers += try ContentCoding.layers(value)
        }
        guard layers.count <= ContentCoding.layersMax else { throw .unsupported }
        var bytes = body
        for coding in layers.reversed() {
            bytes = try coding.decoded(bytes, bytesMax: bytesMax)
        }
        return bytes
    }
}

extension Substring.UTF8View {
    /// Without the white space around it.
    var trimmed: Substring.UTF8View {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = firstIndex(where: { !isSpace($0) }),
            let last = lastIndex(where: { !isSpace($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }

    /// Whether this is `text`, which is in lower case, but for the case of letters.
    func isEqual(ignoringCaseOf text: StaticString) -> Bool {
        text.withUTF8Buffer { expected in
            elementsEqual(expected) { byte, lower in
                byte == lower
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= byte && byte | 32 == lower
            }
        }
    }
}
