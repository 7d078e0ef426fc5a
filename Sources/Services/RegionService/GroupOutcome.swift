import Changes
import Engine
import HTTPServer
import SQLiteStore

/// What is to be told of a group of writes once it is durable.
struct GroupOutcome {
    var replies = ReplyBatch()
    /// Replies that have more to say than what the group's have in common.
    private(set) var joined: [(ResponseWriter, HTTPResponse, ReplyToken)] = []
    /// What the group's replies have in common.
    private(set) var header: HeaderLines = .none
    var completions: [@Sendable () -> Void] = []
    var commit: SQLiteStore.AppendedCommit?
    /// Where it has changed.
    var catalog: TableCatalog?
    /// Where somebody waits for it.
    var reach: Reach?
    /// Whether feeds may wait for what it changed.
    var isForFeeds = false
    var hasIndexWork = false
    var alarms: [String] = []
    var notices: [String] = []

    mutating func add(_ response: HTTPResponse, to reply: ResponseWriter, _ token: ReplyToken) {
        switch token {
        case .absent: replies.append(response, to: reply, isSharing: false)
        case .plain: replies.append(response, to: reply, isSharing: true)
        case .joined: joined.append((reply, response, token))
        }
    }

    /// Whether some reply carries a causal token.
    var wantsToken: Bool { replies.isSharing || !joined.isEmpty }

    /// Adds the group's token, which is the same for all of its replies.
    ///
    /// What they tell is all in the one commit. So the header is written once for them.
    mutating func share(_ token: CausalToken) {
        let text = token.text
        for (reply, response, wanted) in joined {
            var response = response
            wanted.add(token, text, to: &response)
            replies.append(response, to: reply, isSharing: false)
        }
        joined.removeAll(keepingCapacity: true)
        header = text.map { HeaderLines([(CausalHeaders.token, $0)]) } ?? .none
    }

    /// Forgets what was told, but for its memory.
    mutating func clear() {
        header = .none
        completions.removeAll(keepingCapacity: true)
        commit = nil
        catalog = nil
        reach = nil
        isForFeeds = false
        hasIndexWork = false
        alarms = []
        notices = []
    }
}
