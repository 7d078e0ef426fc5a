import Changes
import HTTPClient
import JSON
import Replication
import Settings

/// A link's work as HTTP requests to two regions' peer ports, and the answers as events.
struct PeerRequests: Sendable {
    let source: GlobalSettings.Region
    let target: GlobalSettings.Region
    let settings: LinkSettings

    /// For requests that a region answers as fast as it can.
    private static let timeoutMilliseconds = 30_000
    /// What a held question may take beyond the time it asks to be held.
    private static let pollSlackMilliseconds = 15_000
    /// A batch may pass its bound by all the changes of one time and by its header.
    private static let batchSlackBytes = 64 << 20
    /// The system table comes in one chunk.
    private static let chunkBytesMax = 272 << 20
    private static let replyBytesMax = 16 << 20
    private static let connectTimeoutMilliseconds = 3_000

    /// The request for an effect; nil for one that is none (a wait, or giving up).
    func request(for effect: Link.Effect) -> (id: Link.WorkID, request: TransferRequest)? {
        switch effect {
        case .readPosition(let id):
            (id, post(target, "/position?source=\(source.name)", []))
        case .fetch(let id, let request):
            (id, feed(request))
        case .apply(let id, _, let bytes):
            (id, post(target, "/apply", bytes))
        case .fetchChunk(let id, let request):
            (id, post(source, "/snapshot", request.encoded(), replyMax: Self.chunkBytesMax))
        case .applyChunk(let id, let bytes):
            (id, post(target, "/copy", bytes))
        case .wait, .abandon:
            nil
        }
    }

    /// What the end of a transfer means to the link.
    func event(
        for effect: Link.Effect,
        _ id: Link.WorkID,
        _ result: Result<TransferResponse, TransferError>,
    ) -> Link.Event {
        let response: TransferResponse
        switch result {
        case .success(let received): response = received
        case .failure(let error): return .failed(id, .unreachable(error.description))
        }
        guard response.status == 200 || response.status == 204 else {
            return .failed(id, failure(response))
        }
        do throws(MalformedBytes) {
            return try event(for: effect, id, response)
        } catch {
            return .failed(id, .malformed("an answer of \(peer(of: effect)): \(error)"))
        }
    }

    private func event(
        for effect: Link.Effect,
        _ id: Link.WorkID,
        _ response: TransferResponse,
    ) throws(MalformedBytes) -> Link.Event {
        switch effect {
        case .readPosition:
            return .positionRead(id, try ApplyReply(decoding: response.body))
        case .fetch:
            if response.status == 204 { return .nothingFetched(id) }
            return .fetched(id, try ChangeBatch.header(of: response.body), response.body)
        case .apply:
            return .applied(id, try ApplyReply(decoding: response.body))
        case .fetchChunk:
            return .chunkFetched(id, response.body)
        case .applyChunk:
            return .chunkApplied(id, try ApplyReply(decoding: response.body))
        case .wait, .abandon:
            preconditionFailure("no request is made for a wait or for giving up")
        }
    }

    private func feed(_ request: FeedRequest) -> TransferRequest {
        post(
            source,
            "/feed",
            request.encoded(),
            replyMax: request.bytesMax + Self.batchSlackBytes,
            timeout: Self.timeoutMilliseconds + request.waitMilliseconds
                + Self.pollSlackMilliseconds,
        )
    }

    private func post(
        _ region: GlobalSettings.Region,
        _ path: String,
        _ body: [UInt8],
        replyMax: Int = replyBytesMax,
        timeout: Int = timeoutMilliseconds,
    ) -> TransferRequest {
        TransferRequest(
            method: "POST",
            url: region.peer + path,
            headers: [("Content-Type", "application/octet-stream")],
            body: body,
            timeoutMilliseconds: timeout,
            connectTimeoutMilliseconds: Self.connectTimeoutMilliseconds,
            responseBytesMax: replyMax,
        )
    }

    private func peer(of effect: Link.Effect) -> String {
        switch effect {
        case .fetch, .fetchChunk: source.name
        default: target.name
        }
    }

    private func failure(_ response: TransferResponse) -> Link.Failure {
        guard let json = try? JSONParser.parse(response.body, depthMax: 8),
            case .string(let code)? = json["code"]
        else {
            let text = "status \(response.status) without a reason"
            return response.status >= 500 ? .unreachable(text) : .malformed(text)
        }
        guard case .string(let message)? = json["message"] else {
            return .refused(code: code, message: "")
        }
        return .refused(code: code, message: String(message.prefix(1_000)))
    }
}
