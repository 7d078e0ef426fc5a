/// One request to send.
package struct TransferRequest: Sendable {
    package var method: String
    /// An absolute http or https URL.
    package var url: String
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// The bound on the whole transfer, connecting included.
    package var timeoutMilliseconds: Int
    /// The bound on connecting alone.
    package var connectTimeoutMilliseconds: Int
    /// The most bytes of a reply's body; a longer one fails the transfer.
    package var responseBytesMax: Int

    package init(
        method: String,
        url: String,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        timeoutMilliseconds: Int = 30_000,
        connectTimeoutMilliseconds: Int = 3_000,
        responseBytesMax: Int = 16 << 20,
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.responseBytesMax = responseBytesMax
    }
}

/// One whole reply, whatever its status.
package struct TransferResponse: Sendable {
    package let status: Int
    /// In the order received; names in lower case.
    package let headers: [(String, String)]
    package let body: [UInt8]

    /// The first header of this name, which is given in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.0 == name }?.1
    }
}

/// Why no whole reply came back.
package struct TransferError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The request itself cannot be sent: a bad URL, method or header.
        case invalid
        /// No connection: unknown host, refused, unreachable, or too slow to connect.
        case connect
        /// Sent, but no whole reply within the time given; the server may have acted on it.
        case timeout
        /// The connection broke on the way; the server may have acted on the request.
        case broken
        /// The reply is longer than the caller takes.
        case tooLarge
        /// Cancelled by its owner, or the client was shut down.
        case cancelled
    }

    package let kind: Kind
    package let method: String
    package let url: String
    /// libcurl's number for the error; 0 if the error is not libcurl's.
    package let code: Int
    package let reason: String

    /// Whether the same request may succeed later.
    package var isRetryable: Bool {
        switch kind {
        case .connect, .timeout, .broken: true
        case .invalid, .tooLarge, .cancelled: false
        }
    }

    package var description: String {
        "\(method) \(url): \(reason)" + (code == 0 ? "" : " (curl \(code))")
    }

    package init(_ kind: Kind, _ request: TransferRequest, code: Int = 0, reason: String) {
        self.kind = kind
        method = request.method
        url = request.url
        self.code = code
        self.reason = reason
    }
}
