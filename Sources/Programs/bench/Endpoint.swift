import Glibc

/// Where a region's API listens: `http://HOST:PORT`.
struct Endpoint {
    let host: String
    let port: String

    init(_ url: String) throws {
        guard url.hasPrefix("http://") else { throw Failure("\(url): only http:// is spoken") }
        let authority = url.dropFirst(7).prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":") else {
            throw Failure("\(url): the port is missing")
        }
        host = String(authority[..<colon])
        port = String(authority[authority.index(after: colon)...])
    }

    /// A connected socket that does not block and sends at once.
    func connect() throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, port, &hints, &found)
        guard code == 0, let found else {
            throw Failure("\(host):\(port): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(found.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.system("socket") }
        guard Glibc.connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
            defer { close(descriptor) }
            throw Failure.system("connect to \(host):\(port)")
        }
        var on: Int32 = 1
        setsockopt(
            descriptor,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &on,
            socklen_t(MemoryLayout<Int32>.size)
        )
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return descriptor
    }
}
