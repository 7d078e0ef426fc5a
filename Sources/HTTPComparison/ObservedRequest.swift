/// A request as one parser or the other saw it, in a form that both can be brought into.
package struct ObservedRequest: Equatable, Sendable {
    package struct Field: Equatable, Sendable {
        let name: String
        /// Without the white space around it.
        let value: String

        init(name: String, value: String) {
            self.name = name
            let isSpace = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" }
            var scalars = Substring(value).unicodeScalars
            scalars = scalars.drop(while: isSpace)
            while let last = scalars.last, isSpace(last) { scalars.removeLast() }
            self.value = String(scalars)
        }
    }

    package var method: String
    package var target: String
    package var isVersion10: Bool
    package var fields: [Field]
    /// Whether the connection ends with the reply.
    package var closes: Bool
    package var body: [UInt8] = []

    func values(of name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name }.map(\.value)
    }
}

/// What a parser makes of a connection's bytes.
package struct Reading: Sendable {
    /// The requests that are whole.
    package var requests: [ObservedRequest] = []
    /// In the parser's words; nil if it takes the bytes, or waits for more.
    package var refusal: String?
}

/// The bytes of one connection, and where they are cut into what arrives at once.
package struct Arrival: Sendable {
    package let bytes: [UInt8]
    package let pieces: [ArraySlice<UInt8>]

    /// `cuts` in any order; those outside of the bytes do not count.
    package init(_ bytes: [UInt8], cuts: [Int] = []) {
        self.bytes = bytes
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        for cut in cuts.sorted() where cut > start && cut < bytes.count {
            pieces.append(bytes[start..<cut])
            start = cut
        }
        self.pieces = pieces + [bytes[start...]]
    }

    /// The same with `bytes` arriving at the end.
    func with(_ bytes: String) -> Arrival {
        Arrival(self.bytes + Array(bytes.utf8), cuts: pieces.map(\.endIndex))
    }
}
