/// The bounds one listener holds its clients to; each has a safe default.
///
/// Together they bound the memory of a connection: at most `pipelinedRequestsMax` whole requests or
/// `bodyBytesMax` bytes of them wait for their turn, plus what one read of the socket (64 KiB)
/// held. `bufferedBytesMax` bounds that of the whole listener.
package struct HTTPLimits: Sendable {
    /// The most bytes of one request's body; a longer one is answered 413 and the connection
    /// closed.
    package var bodyBytesMax: Int
    /// The most bytes of bodies buffered on all connections together, at least `bodyBytesMax`.
    ///
    /// A connection that goes past it is answered 503 and closed. Each counts in steps of 64 KiB.
    package var bufferedBytesMax: Int
    /// The most bytes of one request's head, with the chunk extensions and the trailer of its body; a
    /// longer one is answered 431 and the connection closed.
    package var headerBytesMax: Int
    /// The most fields in head and trailer; with more a request is answered 431 and the connection
    /// closed.
    package var headerFieldsMax: Int
    /// The most connections open at once; further ones are closed as soon as they are accepted.
    package var connectionsMax: Int
    /// How many whole requests of one connection may wait behind the one being answered.
    ///
    /// Beyond that its socket is not read.
    package var pipelinedRequestsMax: Int
    /// How long a connection may be without a whole head, a whole request or a reply before it is
    /// closed.
    ///
    /// A request that is being answered has no limit here (long polls).
    package var idleTimeoutMilliseconds: Int64
    /// How long a reply's body must be to be compressed for a client that accepts that.
    package var compressedBytesMin: Int

    package init(
        bodyBytesMax: Int = 16 << 20,
        bufferedBytesMax: Int = 512 << 20,
        headerBytesMax: Int = 32 << 10,
        headerFieldsMax: Int = 256,
        connectionsMax: Int = 10_000,
        pipelinedRequestsMax: Int = 16,
        idleTimeoutMilliseconds: Int64 = 75_000,
        compressedBytesMin: Int = 4 << 10,
    ) {
        self.bodyBytesMax = bodyBytesMax
        self.bufferedBytesMax = max(bufferedBytesMax, bodyBytesMax)
        self.headerBytesMax = headerBytesMax
        self.headerFieldsMax = headerFieldsMax
        self.connectionsMax = connectionsMax
        self.pipelinedRequestsMax = max(1, pipelinedRequestsMax)
        self.idleTimeoutMilliseconds = max(2, idleTimeoutMilliseconds)
        self.compressedBytesMin = compressedBytesMin
    }

    /// How long a refused client's remaining bytes are read and dropped, so that it can read why it
    /// was refused before the socket closes under it.
    static let lingerMilliseconds: Int64 = 5_000
    /// The length of the kernel's queue of connections not yet accepted.
    static let backlog: Int32 = 1_024
}
