import Changes
import HTTPServer
import Wire

/// The headers in which causal tokens travel.
enum CausalHeaders {
    /// In replies what they show; in requests what the client has seen, empty to begin with.
    static let token = "x-meridian-token"
    /// In requests: how many milliseconds to wait at most, up to the region's own bound.
    static let wait = "x-meridian-wait-ms"
    static let waitMillisecondsMax = 60_000
}

/// What a request says its client has seen, and how long it is willing to wait for it.
struct PresentedToken {
    let token: CausalToken
    /// Nil for as long as the region lets it.
    let waitMilliseconds: UInt64?

    /// Nil for a request without a token.
    init?(_ request: HTTPRequest) throws(ServiceError) {
        guard let text = request.header(CausalHeaders.token) else { return nil }
        do throws(MalformedBytes) {
            token = text.isEmpty ? CausalToken() : try CausalToken(text: text)
        } catch {
            throw .invalidToken(error.reason)
        }
        guard let wait = request.header(CausalHeaders.wait) else {
            waitMilliseconds = nil
            return
        }
        let digits = wait.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard digits, let milliseconds = UInt64(wait),
            milliseconds <= CausalHeaders.waitMillisecondsMax
        else { throw .invalidWait(String(wait.prefix(32))) }
        waitMilliseconds = milliseconds
    }
}

/// Whether and how a reply carries a token.
enum ReplyToken: Equatable, Sendable {
    case absent
    case plain
    /// For a client that presented one: with what it had seen elsewhere, of other tables too.
    case joined(CausalToken)

    /// Adds the header: `token` is what the reply shows, `text` the same where it was made once for many
    /// replies.
    func add(_ token: CausalToken, _ text: String?, to response: inout HTTPResponse) {
        let value: String?
        switch self {
        case .absent: return
        case .plain: value = text ?? token.text
        case .joined(let presented):
            var joined = token
            joined.join(presented)
            // Beyond the bound of regions only the region's own word counts.
            value = joined.text ?? text ?? token.text
        }
        if let value { response.headers.append((CausalHeaders.token, value)) }
    }
}
