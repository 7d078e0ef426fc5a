/// The name of a transfer under way.
package struct TransferID: Sendable, Hashable {
    let number: UInt64
}

/// Sends many requests at once, all from one thread; connections are kept and used again.
package final class HTTPMultiClient: Sendable {
    private let loop: TransferLoop

    /// Starts the thread.
    ///
    /// Fails only when memory or threads ran out.
    package init() throws(TransferError) {
        guard let loop = TransferLoop() else {
            let nothing = TransferRequest(method: "", url: "")
            throw TransferError(.invalid, nothing, reason: "libcurl cannot start")
        }
        self.loop = loop
    }

    deinit {
        loop.shutDown()
    }

    /// Starts a transfer.
    ///
    /// `completion` is called exactly once, on the client's thread (or at once, if the client was
    /// shut down), and must not block; it may start and cancel transfers. So may `whenSent`, which is
    /// called on the client's thread when all of the body is on its way, if it ever is; perhaps never
    /// where the reply comes at once.
    @discardableResult
    package func start(
        _ request: TransferRequest,
        whenSent: (@Sendable () -> Void)? = nil,
        completion: @escaping @Sendable (Result<TransferResponse, TransferError>) -> Void,
    ) -> TransferID {
        loop.start(request, whenSent: whenSent, completion)
    }

    /// Gives a transfer up: it completes with an error of kind `cancelled`, unless it has completed
    /// already.
    ///
    /// What the server makes of the request is unknown.
    package func cancel(_ id: TransferID) {
        loop.cancel(id)
    }

    /// Cancels every transfer and ends the thread.
    ///
    /// Waits for that, unless called from a completion.
    package func shutDown() {
        loop.shutDown()
    }
}
