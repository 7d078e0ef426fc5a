import NIOCore

/// Replies of many requests on their way back from another thread: with one hop per event loop, and one
/// write per connection.
///
/// They gather by event loops as they are made, so that none is copied on the way. The answers of one
/// event loop are written in the order in which they came.
package struct ReplyBatch: Sendable {
    private struct Answer: Sendable {
        let writer: ResponseWriter
        let response: HTTPResponse
        let isSharing: Bool

        /// Writes and sends it, on its connection's event loop.
        func deliver(sharing shared: HeaderLines) {
            writer.deliver(response, sharing: isSharing ? shared : .none)
            // A connection has one request under way, so this is its only one here. Sent at once, it
            // leaves the loop's buffer to the next: 600 instructions a reply.
            writer.connection.flushUnlessReading()
        }
    }

    private struct Part: Sendable {
        let loop: LoopContext
        var answers: [Answer]
    }

    private var parts: [Part] = []
    /// Whether some reply is to carry what they share.
    package private(set) var isSharing = false

    /// Room made at once for the answers of one loop.
    private static let usualAnswers = 16

    package init() {}

    /// `isSharing` says whether the reply carries the headers that are given to `send`.
    package mutating func append(
        _ response: HTTPResponse,
        to writer: ResponseWriter,
        isSharing: Bool,
    ) {
        if isSharing { self.isSharing = true }
        let loop = writer.connection.loop
        let answer = Answer(writer: writer, response: response, isSharing: isSharing)
        for index in parts.indices where parts[index].loop === loop {
            parts[index].answers.append(answer)
            return
        }
        var answers: [Answer] = []
        answers.reserveCapacity(Self.usualAnswers)
        answers.append(answer)
        parts.append(Part(loop: loop, answers: answers))
    }

    /// Hands all to their event loops, and is empty again.
    package mutating func send(sharing shared: HeaderLines = .none) {
        for part in parts { Self.send(part, sharing: shared) }
        parts.removeAll(keepingCapacity: true)
        isSharing = false
    }

    private static func send(_ part: Part, sharing shared: HeaderLines) {
        part.loop.eventLoop.execute {
            // In their place: to copy each and let go of it takes 300 instructions.
            for index in part.answers.indices { part.answers[index].deliver(sharing: shared) }
        }
    }
}
