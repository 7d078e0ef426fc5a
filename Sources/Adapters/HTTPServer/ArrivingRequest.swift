import NIOCore
import NIOHTTP1

/// A request of which the head is here and the body may still be on its way.
struct ArrivingRequest {
    /// What the client waits for before it sends the body (RFC 9110 section 10.1.1).
    enum Expectation {
        case nothing
        case goAhead
        case unknown
    }

    let head: HTTPRequestHead
    private(set) var body: [UInt8] = []
    /// The length of the body as the client declared it; absent for a chunked one.
    let declaredBytes: Int?
    var expectation: Expectation

    /// The most bytes reserved on a client's word alone.
    ///
    /// The bound on bodies holds for the rest.
    private static let reservedBytesMax = 256 << 10

    init(_ head: HTTPRequestHead) {
        self.head = head
        declaredBytes = head.headers.first(name: "content-length").map { Int($0) ?? Int.max }
        switch head.headers.first(name: "expect") {
        case nil:
            expectation = .nothing
        case let value? where value.lowercased() == "100-continue":
            expectation = head.version == .http1_0 || declaredBytes == 0 ? .nothing : .goAhead
        default:
            expectation = .unknown
        }
    }

    mutating func append(_ bytes: ByteBuffer) {
        // A little on the client's word, the whole once that much has arrived.
        if let declaredBytes {
            let expected =
                body.count < Self.reservedBytesMax ? Self.reservedBytesMax : declaredBytes
            body.reserveCapacity(min(declaredBytes, expected))
        }
        body.append(contentsOf: bytes.readableBytesView)
    }
}

/// A request ready to be handed over, with what its reply's framing needs of it.
struct WholeRequest {
    let request: HTTPRequest
    let framing: ReplyEncoder.Framing

    init(_ arrived: ArrivingRequest, remote: String, eventLoopIndex: Int) {
        let head = arrived.head
        request = HTTPRequest(
            method: head.method.rawValue,
            uri: head.uri,
            fields: head.headers,
            body: arrived.body,
            remote: remote,
            eventLoopIndex: eventLoopIndex,
        )
        // The decoder stops at a request to switch protocols, which this server never does: it
        // answers in HTTP/1.1 and closes.
        let switches = head.method == .CONNECT || head.headers.contains(name: "upgrade")
        framing = ReplyEncoder.Framing(
            closes: !head.isKeepAlive || switches,
            isHead: head.method == .HEAD,
            isVersion10: head.version == .http1_0,
            accepted: head.headers,
        )
    }
}
