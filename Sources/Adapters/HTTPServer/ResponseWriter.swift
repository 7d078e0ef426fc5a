import NIOCore

/// What a handler notes of a request, for the listener's `onReply`.
///
/// A value beside the reply instead of a closure in it, so that a request costs no memory for it.
package struct ReplyNote: Sendable {
    /// When the request was there, by a clock of the handler's.
    package let began: UInt64
    /// The handler's own number for the kind of request; nil while it does not know.
    package var kind: UInt8?

    package init(began: UInt64) {
        self.began = began
    }
}

/// The way back to the client for one request: valid on any thread, answered once.
///
/// A second answer, or one to a connection that is gone, is dropped.
package struct ResponseWriter: Sendable {
    let connection: Connection
    /// The number of the request on its connection; tells a late second answer from the first.
    let sequence: UInt64
    /// Headers for the reply besides its own, whatever it turns out to be.
    package var headers = HeaderLines.none
    /// What the listener's `onReply` is told beside the reply; nil for one that it is not told of.
    package var note: ReplyNote?

    init(connection: Connection, sequence: UInt64) {
        self.connection = connection
        self.sequence = sequence
    }

    /// Whether the client is gone, so that work for it may be skipped.
    ///
    /// May be late, never wrong.
    package var isClosed: Bool {
        connection.isClosed
    }

    /// Which of the event loops carries the connection, from 0.
    package var eventLoopIndex: Int {
        connection.loop.index
    }

    /// Answers the request.
    ///
    /// On the connection's own event loop this writes at once; from any other thread it costs one
    /// hop: see `ReplyBatch` for many.
    package func respond(_ response: HTTPResponse) {
        if connection.loop.eventLoop.inEventLoop {
            deliver(response)
            connection.flushUnlessReading()
        } else {
            connection.loop.eventLoop.execute {
                deliver(response)
                connection.flushUnlessReading()
            }
        }
    }

    /// Runs `body` on the connection's own event loop: where the request came in, and where what
    /// belongs to that loop may be used.
    package func onEventLoop(_ body: @escaping @Sendable () -> Void) {
        connection.loop.eventLoop.execute(body)
    }

    /// Gives the connection its reply, with `shared` besides its own headers, on its event loop.
    func deliver(_ response: HTTPResponse, sharing shared: HeaderLines = .none) {
        if let note { connection.loop.shared.onReply?(response, note, eventLoopIndex) }
        connection.reply(response, with: headers, sharing: shared, to: sequence)
    }
}
