import Changes
import Engine
import HTTPServer
import Logging
import SQLiteStore

/// Answers what `globalctl verify` asks, on a thread and a reading connection of its own.
///
/// One answer walks tens of thousands of rows: on the peer port's event loop, or on the feed's
/// thread, every link of the region would wait for it.
///
/// `@unchecked Sendable`: `reader` is used by the endpoint's thread alone.
final class VerifyEndpoint: @unchecked Sendable {
    enum Question: Sendable {
        case digest(DigestRequest)
        case list(ListRequest)
        case sight(SightRequest)
        case derived(DerivedRequest)
        case trace(TraceRequest)
    }

    private struct Arrivals: Sendable {
        var waiting: [(Question, ResponseWriter)] = []
        var isOver = false
    }

    /// Questions that may wait at one time: a comparison has three under way.
    private static let waitingMax = 64

    private let catalog: PublishedCatalog
    private let reader: SQLiteReader
    private let log: Logger
    private let arrivals = Guarded(Arrivals())

    init(catalog: PublishedCatalog, reader: SQLiteReader, log: Logger) {
        self.catalog = catalog
        self.reader = reader
        self.log = log
    }

    func start() {
        startThread("verify") { self.run() }
    }

    func stop() {
        arrivals.change { $0.isOver = true }
    }

    /// - Returns: false for a path that is none of these.
    func handle(_ request: HTTPRequest, path: String, _ reply: ResponseWriter) throws -> Bool {
        guard request.method == "POST" else { return false }
        switch path {
        case "/digest": accept(.digest(try DigestRequest(decoding: request.body)), reply)
        case "/list": accept(.list(try ListRequest(decoding: request.body)), reply)
        case "/sight": accept(.sight(try SightRequest(decoding: request.body)), reply)
        case "/derived": accept(.derived(try DerivedRequest(decoding: request.body)), reply)
        case "/trace": accept(.trace(try TraceRequest(decoding: request.body)), reply)
        default: return false
        }
        return true
    }

    private func accept(_ question: Question, _ reply: ResponseWriter) {
        let isTaken = arrivals.change { arrivals in
            guard !arrivals.isOver, arrivals.waiting.count < VerifyEndpoint.waitingMax else {
                return false
            }
            arrivals.waiting.append((question, reply))
            return true
        }
        if !isTaken {
            reply.respond(PeerResponse.failure("UNAVAILABLE", "too many questions", status: 503))
        }
    }

    private func run() {
        while let (question, reply) = next() {
            // Who asked may have given up meanwhile.
            if reply.isClosed { continue }
            do {
                reply.respond(PeerResponse.bytes(try answer(question)))
            } catch let refusal as PeerRefusal {
                reply.respond(PeerResponse.refusal(refusal))
            } catch {
                log.error("a question of verify failed", metadata: ["error": "\(error)"])
                reply.respond(PeerResponse.failure("UNAVAILABLE", "\(error)", status: 503))
            }
        }
    }

    /// Waits for a question; nil once the region stops and all are answered.
    private func next() -> (Question, ResponseWriter)? {
        arrivals.wait { arrivals -> (Question, ResponseWriter)?? in
            if !arrivals.waiting.isEmpty { return arrivals.waiting.removeFirst() }
            return arrivals.isOver ? .some(nil) : nil
        } ?? nil
    }

    private func answer(_ question: Question) throws -> [UInt8] {
        let catalog = catalog.current
        return try reader.read { store in
            let verify = VerifyReader(catalog: catalog, store: store)
            return switch question {
            case .digest(let request): try verify.digest(request).encoded()
            case .list(let request): try verify.list(request).encoded()
            case .sight(let request): try verify.sight(request).encoded()
            case .trace(let request): try verify.trace(request).encoded()
            case .derived(let request):
                try DerivedAudit(catalog: catalog, store: store, of: request.table)
                    .piece(at: request.place).encoded()
            }
        }
    }
}
