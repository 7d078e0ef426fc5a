import Glibc
import JSON

/// One keep-alive connection with at most one request under way.
final class Connection {
    /// What came back.
    struct Answer {
        let status: Int
        let body: UnsafeRawBufferPointer
    }

    private static let headBytesMax = 16_384
    private static let bodyBytesMax = 8 << 20
    /// One answer in so many has its checksum header verified.
    private static let checksumEvery = 64

    let descriptor: Int32
    /// When the request was sent, or was due.
    var started: UInt64 = 0
    /// What the workload wants to know again with the answer.
    var token: UInt64 = 0
    private var input = [UInt8](repeating: 0, count: 65_536)
    private var filled = 0
    private var answers = 0

    init(_ endpoint: Endpoint) throws {
        descriptor = try endpoint.connect()
    }

    deinit {
        close(descriptor)
    }

    /// Sends a whole request.
    ///
    /// Requests fit into the socket's buffer, so that this hardly waits.
    func send(_ request: [UInt8]) throws {
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor,
                    bytes.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL),
                )
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, milliseconds: 10_000)
            } else if errno != EINTR {
                throw Failure.system("send")
            }
        }
    }

    /// Reads what there is; gives the answer to `body` once it is whole.
    func receive<Result>(_ body: (Answer) -> Result) throws -> Result? {
        while true {
            if filled == input.count {
                guard input.count < Self.bodyBytesMax else {
                    throw Failure("an answer is too long")
                }
                input.append(contentsOf: repeatElement(0, count: input.count))
            }
            let count = input.withUnsafeMutableBytes { bytes in
                recv(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled, 0)
            }
            if count > 0 {
                filled += count
                if let result = try parse(body) { return result }
                // A full buffer means that more may be waiting.
                guard filled == input.count else { return nil }
            } else if count == 0 {
                throw Failure("the server closed a connection")
            } else if errno == EAGAIN {
                return nil
            } else if errno != EINTR {
                throw Failure.system("receive")
            }
        }
    }

    /// Sends one request and waits for its answer.
    func call(_ request: [UInt8], seconds: Int32 = 30) throws -> (status: Int, body: [UInt8]) {
        try send(request)
        while true {
            try wait(for: POLLIN, milliseconds: seconds * 1_000)
            if let answer = try receive({ ($0.status, Array($0.body)) }) { return answer }
        }
    }

    private func wait(for events: Int32, milliseconds: Int32) throws {
        var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        guard poll(&watched, 1, milliseconds) != 0 else { throw Failure("no answer in time") }
    }

    private func parse<Result>(_ body: (Answer) -> Result) throws -> Result? {
        let result: Result? = try input.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<filled])
            guard let head = try ResponseHead(bytes) else {
                guard filled < Self.headBytesMax else {
                    throw Failure("an answer's head is too long")
                }
                return nil
            }
            let end = head.bytes + head.contentLength
            guard filled >= end else { return nil }
            guard filled == end else { throw Failure("an answer is followed by more") }
            let content = UnsafeRawBufferPointer(rebasing: bytes[head.bytes..<end])
            answers += 1
            if answers % Self.checksumEvery == 1, let checksum = head.checksum,
                checksum != CRC32.checksum(content)
            {
                throw Failure("an answer's x-amz-crc32 is wrong")
            }
            return body(Answer(status: head.status, body: content))
        }
        if result != nil { filled = 0 }
        return result
    }
}
