import Glibc
import Synchronization

/// One item beside the load's, whose number only grows: what is seen of it at another region tells
/// through which write that region has come.
struct Marker {
    private let connection: Connection
    private let put: RequestForm
    private let get: RequestForm
    private let table: String

    init(_ table: String, at endpoint: Endpoint) throws {
        self.table = table
        connection = try Connection(endpoint)
        put = RequestForm("PutItem", at: endpoint)
        get = RequestForm("GetItem", at: endpoint)
    }

    func write(_ number: UInt64) throws {
        let answer = try call(
            put,
            """
            {"TableName":"\(table)","Item":{"pk":{"S":"marker"},"sk":{"S":"marker"},\
            "number":{"N":"\(number)"}}}
            """,
        )
        guard answer.status == 200 else { throw Failure("PutItem of the marker: \(answer.words)") }
    }

    /// The number that the region shows; 0 where there is none yet.
    func read() throws -> UInt64 {
        let answer = try call(
            get,
            #"{"TableName":"\#(table)","Key":{"pk":{"S":"marker"},"sk":{"S":"marker"}}}"#,
        )
        guard answer.status == 200 else { throw Failure("GetItem of the marker: \(answer.words)") }
        let digits = answer.body.withUnsafeBytes { body in
            JSONScan.string(of: "number", in: body).map { String(decoding: $0, as: UTF8.self) }
        }
        guard let digits else { return 0 }
        guard let number = UInt64(digits) else { throw Failure("the marker shows \(digits)") }
        return number
    }

    /// Asks until the region shows this number or a later one; answers when it was seen.
    func wait(for number: UInt64, seconds: Double) throws -> UInt64 {
        let deadline = now() + nanoseconds(seconds)
        while try read() < number {
            guard now() < deadline else {
                throw Failure("the last write was not visible after \(seconds) s")
            }
            pause(nanoseconds: 1_000_000)
        }
        return now()
    }

    private func call(
        _ form: RequestForm,
        _ body: String,
    ) throws -> (status: Int, body: [UInt8], words: String) {
        var request: [UInt8] = []
        form.write(Array(body.utf8), to: &request)
        let (status, body) = try connection.call(request)
        return (status, body, "status \(status), \(String(decoding: body, as: UTF8.self))")
    }
}

/// Which markers were acknowledged when, told by the thread that writes to the one that looks.
final class MarkerLog: Sendable {
    private struct State {
        /// `times[i]`: when the marker `first + i` was acknowledged.
        var times: [UInt64] = []
        var isOver = false
        var failure: String?
    }

    let first: UInt64
    private let state = Mutex(State())

    init(first: UInt64) {
        self.first = first
    }

    func acknowledged(at time: UInt64) {
        state.withLock { $0.times.append(time) }
    }

    /// The writer is done, for this reason if it is not the end of its time.
    func finish(failure: String?) {
        state.withLock { state in
            state.isOver = true
            state.failure = failure
        }
    }

    /// The acknowledgements from marker `first + seen` on, through marker `number`.
    ///
    /// One that is visible before its answer was read is left for the next call.
    func times(after seen: Int, through number: UInt64) -> [UInt64] {
        guard number >= first else { return [] }
        return state.withLock { state in
            let end = min(state.times.count, Int(clamping: number - first) + 1)
            return seen < end ? Array(state.times[seen..<end]) : []
        }
    }

    /// How many markers there are once the writer is done; nil before.
    func total() throws -> Int? {
        let (isOver, count, failure) = state.withLock { ($0.isOver, $0.times.count, $0.failure) }
        if let failure { throw Failure(failure) }
        return isOver ? count : nil
    }
}
