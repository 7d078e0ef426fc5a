import NIOCore

/// A request of which the head is here and the body may still be on its way.
struct ArrivingRequest {
    let head: RequestHead
    private(set) var body: [UInt8] = []
    /// The length of the body as the client declared it; absent for a chunked one.
    let declaredBytes: Int?
    var expectation: RequestHead.Expectation

    /// The most bytes reserved on a client's word alone.
    ///
    /// The bound on bodies holds for the rest.
    private static let reservedBytesMax = 256 << 10

    init(_ head: RequestHead) {
        self.head = head
        expectation = head.expectation
        switch head.length {
        case .bytes(let count): declaredBytes = count
        case .chunked: declaredBytes = nil
        }
    }

    mutating func append(_ bytes: ByteBuffer) {
        // A little on the client's word, the whole once that much has arrived.
        if let declaredBytes {
            let expected =
                body.count < Self.reservedBytesMax ? Self.reservedBytesMax : declaredBytes
            body.reserveCapacity(min(declaredBytes, expected))
        }
        bytes.withUnsafeReadableBytes { body.append(contentsOf: $0) }
    }
}

/// A request ready to be handed over, with what its reply's framing needs of it.
struct WholeRequest {
    let request: HTTPRequest
    let framing: ReplyEncoder.Framing

    init(_ arrived: ArrivingRequest, remote: String, eventLoopIndex: Int) {
        let head = arrived.head
        request = HTTPRequest(
            head: head,
            body: arrived.body,
            remote: remote,
            eventLoopIndex: eventLoopIndex,
        )
        framing = ReplyEncoder.Framing(
            closes: head.closes,
            isHead: head.method == "HEAD",
            isVersion10: head.isVersion10,
            accepted: head,
        )
    }
}
