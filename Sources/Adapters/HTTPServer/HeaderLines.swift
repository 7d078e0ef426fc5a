/// Header lines that were written once, for all the replies that carry them.
package struct HeaderLines: Sendable {
    let bytes: [UInt8]

    package static let none = HeaderLines([])

    /// A header whose name or value holds a control character is left out.
    package init(_ headers: [(String, String)]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 })
        for (name, value) in headers where Self.isSafe(name) && Self.isSafe(value) {
            bytes += name.utf8
            bytes += ": ".utf8
            bytes += value.utf8
            bytes += "\r\n".utf8
        }
        self.bytes = bytes
    }

    /// Whether `text` has no control characters, so that it cannot end its header line early and
    /// smuggle in another.
    ///
    /// Looks at every byte without a branch, so that it is done many at a time.
    static func isSafe(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var controls: UInt8 = 0
            for byte in bytes {
                controls |= byte < 32 ? 1 : 0
            }
            return controls == 0
        }
    }
}
