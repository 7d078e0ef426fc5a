import Engine
import HTTPServer

extension RegionWriter {
    /// One piece of work.
    ///
    /// It answers with a response; what it throws becomes one.
    struct Job: Sendable {
        let reply: ResponseWriter?
        /// What the request that asked for it holds in memory, for the queue's bound.
        let bytes: Int
        let run: @Sendable (WriteGroup) throws -> HTTPResponse
        /// Whether and how the reply carries a causal token.
        let token: ReplyToken
        /// Whether a peer sent it (`submitPeer`).
        var isOfPeer = false
        /// Called once the group is durable.
        let afterCommit: (@Sendable () -> Void)?

        init(
            reply: ResponseWriter?,
            bytes: Int = 0,
            token: ReplyToken = .absent,
            afterCommit: (@Sendable () -> Void)? = nil,
            run: @escaping @Sendable (WriteGroup) throws -> HTTPResponse,
        ) {
            self.reply = reply
            self.bytes = bytes
            self.token = token
            self.afterCommit = afterCommit
            self.run = run
        }
    }
}
