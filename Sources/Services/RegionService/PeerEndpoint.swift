import Changes
import Engine
import HTTPServer
import Logging
import Wire

/// The peer port: what links and the operator's tool ask of a region.
///
/// Regions never call each other.
struct PeerEndpoint: Sendable {
    let catalog: PublishedCatalog
    let writer: RegionWriter
    let feed: FeedEndpoint
    let inspection: Inspection
    let metrics: RegionMetrics
    let orders: OperatorOrders
    let drills: DrillOrders
    let verify: VerifyEndpoint

    func handle(_ request: HTTPRequest, _ reply: ResponseWriter) {
        let (path, query) = split(request.uri)
        if drills.faults.refuses(path) {
            return reply.respond(
                PeerResponse.failure("UNAVAILABLE", "cut off by a drill", status: 503)
            )
        }
        do {
            switch (request.method, path) {
            case ("POST", "/feed"):
                feed.feed(try FeedRequest(decoding: request.body), reply)
            case ("POST", "/snapshot"):
                feed.snapshot(try SnapshotRequest(decoding: request.body), reply)
            case ("POST", "/apply"):
                let batch = try ChangeBatch(decoding: request.body)
                let scanned = ScannedBatch(batch, in: catalog.current)
                submit(reply, request.body.count) { try $0.apply(scanned) }
            case ("POST", "/copy"):
                let chunk = try SnapshotChunk(decoding: request.body)
                submit(reply, request.body.count) { try $0.apply(chunk) }
            case ("POST", "/position"):
                let source = query["source"] ?? ""
                submit(reply, 0) { $0.position(for: source) }
            case ("GET", "/metrics"): metrics.respond(reply)
            case ("GET", "/"): reply.respond(HTTPResponse(status: 200, body: Array("peer\n".utf8)))
            default:
                if try verify.handle(request, path: path, reply) { return }
                if try orders.handle(request, path: path, reply) { return }
                if try drills.handle(request, path: path, reply) { return }
                inspection.handle(request, path: path, reply)
            }
        } catch let error as ServiceError {
            reply.respond(PeerResponse.failure(error.code, error.message, status: 400))
        } catch {
            reply.respond(
                PeerResponse.refusal(PeerRefusal(.badRequest, "\(error)"))
            )
        }
    }

    private func submit(
        _ reply: ResponseWriter,
        _ bytes: Int,
        _ run: @escaping @Sendable (WriteGroup) throws -> ApplyReply,
    ) {
        let job = RegionWriter.Job(reply: reply, bytes: bytes) { group in
            PeerResponse.bytes(try run(group).encoded())
        }
        if !writer.submitPeer(job) {
            reply.respond(PeerResponse.failure("UNAVAILABLE", "the queue is full", status: 503))
        }
    }

    /// Names and values of the query are plain words; none needs decoding.
    private func split(_ uri: String) -> (path: String, query: [String: String]) {
        let parts = uri.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        if parts.count == 2 {
            for pair in parts[1].split(separator: "&").prefix(16) {
                let sides = pair.split(separator: "=", maxSplits: 1)
                if sides.count == 2 { query[String(sides[0])] = String(sides[1]) }
            }
        }
        return (parts.first.map(String.init) ?? "/", query)
    }
}
