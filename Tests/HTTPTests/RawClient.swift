import Glibc

/// A client that sends bytes as they are, to see what the listener makes of them.
final class RawClient {
    private let socket: Int32
    private var received: [UInt8] = []

    struct Reply {
        var status = 0
        var headers: [String: String] = [:]
        var body = ""
    }

    init(port: Int, receiveTimeoutSeconds: Int = patienceSeconds) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw RawClientError.notConnected }
        var timeout = timeval(tv_sec: receiveTimeoutSeconds, tv_usec: 0)
        setsockopt(
            socket,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &timeout,
            socklen_t(MemoryLayout<timeval>.size),
        )
    }

    deinit { close(socket) }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// Sends all of it, or as much as the other side takes before it closes.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The next reply; nil when the connection ended, or nothing came in time.
    func reply(toHead: Bool = false) -> Reply? {
        guard let end = receive(until: { Self.headEnd($0) }) else { return nil }
        let head = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end)
        var reply = Reply()
        let lines = head.split(separator: "\r\n")
        reply.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            reply.headers[line[..<colon].lowercased()] = String(value)
        }
        let length = toHead ? 0 : Int(reply.headers["content-length"] ?? "0") ?? 0
        guard receive(until: { $0.count >= length ? length : nil }) != nil else { return nil }
        reply.body = String(decoding: received[..<length], as: UTF8.self)
        received.removeFirst(length)
        return reply
    }

    /// Whether the other side closes, with nothing further sent.
    func endsHere() -> Bool {
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, 0)
        return received.isEmpty && (count == 0 || (count < 0 && errno == ECONNRESET))
    }

    private func receive(until isDone: ([UInt8]) -> Int?) -> Int? {
        while true {
            if let end = isDone(received) { return end }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            received.append(contentsOf: chunk[..<count])
        }
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index..<index + 4].elementsEqual([13, 10, 13, 10]) {
            return index + 4
        }
        return nil
    }
}

enum RawClientError: Error {
    case notConnected
}
