/// One whole request, as it arrived.
package struct HTTPRequest: Sendable {
    private let head: RequestHead
    package let body: [UInt8]
    /// The client's address, for logs.
    package let remote: String
    /// Which of the listener's event loops carries this request, from 0; the handler runs on it.
    package let eventLoopIndex: Int

    package init(
        method: String,
        uri: String,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        remote: String = "",
        eventLoopIndex: Int = 0,
    ) {
        self.init(
            head: RequestHead(method: method, target: uri, fields: HTTPFields(headers)),
            body: body,
            remote: remote,
            eventLoopIndex: eventLoopIndex,
        )
    }

    init(head: RequestHead, body: [UInt8], remote: String, eventLoopIndex: Int) {
        self.head = head
        self.body = body
        self.remote = remote
        self.eventLoopIndex = eventLoopIndex
    }

    package var method: String {
        head.method
    }

    /// The request target as sent: path and query, not decoded.
    package var uri: String {
        head.target
    }

    /// The first header of this name, whatever its case.
    package func header(_ name: String) -> String? {
        head.fields.first(name)
    }

    /// Calls `body` with the bytes of each header's name and value, in the order sent: whoever wants
    /// several of them looks at each once, and makes no strings.
    package func forEachHeader(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
    ) {
        head.fields.forEach(body)
    }

    /// Whether there is a header of this name.
    package func hasHeader(_ name: String) -> Bool {
        head.fields.withFirst(name) { _ in true } ?? false
    }

    /// The values of all headers of this name, in the order sent.
    func values(of name: String) -> [String] {
        head.fields[name]
    }

    /// All headers in the order sent.
    package var headers: [(String, String)] {
        head.fields.all
    }
}

/// One whole reply.
///
/// The listener adds Content-Length, Date, Server and Connection, and compresses the body for a
/// client that asks for it.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// Further headers.
    ///
    /// One whose name or value holds a control character is left out.
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// Writes headers as the reply leaves, of at most `HeadWriter.stampBytesMax` bytes together, and is
    /// given the body as it is sent, compressed if it is: for a checksum, say.
    package var stamp: (@Sendable ([UInt8], inout HeadWriter) -> Void)?
    /// The handler's own mark, for the listener's `onReply`; never sent.
    package var mark: UInt8

    package init(
        status: Int,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        stamp: (@Sendable ([UInt8], inout HeadWriter) -> Void)? = nil,
        mark: UInt8 = 0,
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.stamp = stamp
        self.mark = mark
    }
}
