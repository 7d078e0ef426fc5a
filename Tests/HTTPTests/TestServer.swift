import Dispatch
import Glibc
import HTTPServer
import Synchronization

/// A listener of its own for one test, on a port of the system's choice.
final class TestServer: Sendable {
    let listener: HTTPListener
    private let loops: HTTPLoops

    init(
        threads: Int = 2,
        limits: HTTPLimits = HTTPLimits(),
        handler: @escaping @Sendable (HTTPRequest, ResponseWriter) -> Void = echo,
    ) throws {
        loops = HTTPLoops(threads: threads)
        listener = try HTTPListener.start(
            host: "127.0.0.1",
            port: 0,
            limits: limits,
            loops: loops,
            handler: handler,
        )
    }

    var port: Int { listener.port }
    var url: String { "http://127.0.0.1:\(port)" }

    func stop() {
        listener.close()
        loops.shutDown()
    }
}

/// Answers with the request's method, target and body.
@Sendable func echo(_ request: HTTPRequest, _ writer: ResponseWriter) {
    let text = "\(request.method) \(request.uri) " + String(decoding: request.body, as: UTF8.self)
    writer.respond(HTTPResponse(status: 200, body: Array(text.utf8)))
}

/// Replies kept back until a test lets them go.
final class HeldReplies: Sendable {
    private let writers = Mutex<[ResponseWriter]>([])

    func hold(_ writer: ResponseWriter) { writers.withLock { $0.append(writer) } }
    func take() -> [ResponseWriter] {
        writers.withLock { writers in
            defer { writers = [] }
            return writers
        }
    }
    var count: Int { writers.withLock { $0.count } }
    var first: ResponseWriter? { writers.withLock { $0.first } }
}

/// Gives requests the same reply, from this thread.
func respond(to writers: [ResponseWriter], with response: HTTPResponse) {
    var batch = ReplyBatch()
    for writer in writers { batch.append(response, to: writer, isSharing: false) }
    batch.send()
}

/// How long a test waits for what has to come: only what is broken needs so long, also on a machine
/// that is slow or stands still for a while.
let patienceSeconds = 60

/// Waits until `condition` holds, for at least `patienceSeconds`.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<(patienceSeconds * 200) {
        if condition() { return true }
        usleep(5_000)
    }
    return condition()
}

/// Gives the other side time to meet what was just sent before more comes.
///
/// What a test claims must hold in any order: one that goes on too early checks less, and never
/// fails for it. What has to have happened is waited for with `eventually`.
func letArrive(milliseconds: UInt32 = 20) {
    usleep(milliseconds * 1_000)
}

func after(milliseconds: Int, _ work: @escaping @Sendable () -> Void) {
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: work)
}
