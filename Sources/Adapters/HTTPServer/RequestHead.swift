/// A request's head, as far as HTTP itself has a meaning for it.
///
/// One reference, so that handing a request on costs little.
package final class RequestHead: Sendable {
    /// How the end of the body is known (RFC 9112 section 6.3).
    package enum Length: Equatable, Sendable {
        /// So many bytes, 0 without a body.
        case bytes(Int)
        case chunked
    }

    /// What the client waits for before it sends the body (RFC 9110 section 10.1.1).
    package enum Expectation: Sendable {
        case nothing
        case goAhead
        case unknown
    }

    package let method: String
    /// As sent: not decoded.
    package let target: String
    package let isVersion10: Bool
    package let length: Length
    package let expectation: Expectation
    /// Whether the connection ends with the reply.
    ///
    /// Because the client wants that or cannot do otherwise, or because it asks for another protocol:
    /// this server answers in HTTP/1.1, and what follows may be in the other.
    package let closes: Bool
    package let fields: HTTPFields

    init(
        method: String,
        target: String,
        isVersion10: Bool = false,
        length: Length = .bytes(0),
        expectation: Expectation = .nothing,
        closes: Bool = false,
        fields: HTTPFields,
    ) {
        self.method = method
        self.target = target
        self.isVersion10 = isVersion10
        self.length = length
        self.expectation = expectation
        self.closes = closes
        self.fields = fields
    }
}
