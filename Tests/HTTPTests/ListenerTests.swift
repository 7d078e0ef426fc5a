import Glibc
import Synchronization
import Testing

@testable import HTTPServer

@Test func `a connection carries one request after the other`() throws {
    let server = try TestServer { request, writer in
        let target = request.header("x-AMZ-target") ?? "none"
        let reply = HTTPResponse(status: 200, headers: [("X-A", "b")], body: Array(target.utf8))
        writer.respond(reply)
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    for _ in 0..<3 {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: T\r\nContent-Length: 2\r\n\r\n{}")
        let reply = try #require(client.reply())
        #expect(reply.status == 200)
        #expect(reply.body == "T")
        #expect(reply.headers["x-a"] == "b")
        #expect(reply.headers["connection"] == nil)
        #expect(reply.headers["date"]?.hasSuffix(" GMT") == true)
    }
}

@Test func `pipelined requests are answered in order whatever their delays`() throws {
    let server = try TestServer { request, writer in
        let delay = Int(request.uri.dropFirst()).map { $0 % 3 * 4 } ?? 0
        if delay == 0 {
            echo(request, writer)
        } else {
            after(milliseconds: delay) { echo(request, writer) }
        }
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send((0..<100).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
    for number in 0..<100 {
        #expect(client.reply()?.body == "GET /\(number) ")
    }
}

@Test func `requests beyond the pipelining limit wait unread and are all answered`() throws {
    let held = HeldReplies()
    let limits = HTTPLimits(bodyBytesMax: 1_000, pipelinedRequestsMax: 2)
    let server = try TestServer(limits: limits) { request, writer in
        if request.uri == "/first" { held.hold(writer) } else { echo(request, writer) }
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(eventually { held.count == 1 })
    let body = String(repeating: "x", count: 900)
    for _ in 0..<200 {
        client.send("PUT /r HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n\(body)")
    }
    held.take()[0].respond(HTTPResponse(status: 204))
    #expect(client.reply()?.status == 204)
    for _ in 0..<200 {
        #expect(client.reply()?.body == "PUT /r \(body)")
    }
}

/// The connections of a loop share the buffer for replies, up to a size; leave to send a body is
/// written without it.
@Test func `replies of all sizes arrive whole on the connections of one loop`() throws {
    let server = try TestServer(threads: 1) { request, writer in
        let count = Int(request.uri.dropFirst()) ?? 0
        let byte = UInt8(65 + count % 26)
        let reply = HTTPResponse(status: 200, body: [UInt8](repeating: byte, count: count))
        writer.respond(reply)
    }
    defer { server.stop() }
    let clients = try (0..<3).map { _ in try RawClient(port: server.port) }
    let counts = [
        10, 1_000_000, 11, 1_500_000, 12, 3_000_000, 13, 1_500_000, 100_000, 14, 0, 3_000_000, 15,
    ]
    for count in counts {
        let body = String(
            repeating: Character(Unicode.Scalar(UInt8(65 + count % 26))),
            count: count
        )
        for client in clients { client.send("GET /\(count) HTTP/1.1\r\nHost: a\r\n\r\n") }
        for client in clients { #expect(client.reply()?.body == body) }
        let head = "PUT /\(count) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
        clients[0].send(head + "Expect: 100-continue\r\n\r\n")
        #expect(clients[0].reply()?.status == 100)
        clients[0].send("x")
        #expect(clients[0].reply()?.body == body)
    }
}

/// A reply above the channel's mark fills it; when the kernel takes it whole, the channel has room
/// again before the write has returned.
@Test(arguments: [1 << 10, 70 << 10, 200 << 10, 1 << 20], [false, true])
func `a large reply is sent once, whatever thread it comes from`(
    bytes: Int,
    isLater: Bool,
) throws {
    let server = try TestServer { request, writer in
        let body = Array(request.uri.utf8) + [UInt8](repeating: 65, count: bytes)
        let reply = HTTPResponse(status: 200, body: body)
        if isLater {
            after(milliseconds: 0) { writer.respond(reply) }
        } else {
            writer.respond(reply)
        }
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    for number in 0..<10 {
        client.send("GET /\(number)- HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.reply()?.body.hasPrefix("/\(number)-A") == true)
    }
    client.send("GET /last- HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    #expect(client.reply()?.body.hasPrefix("/last-A") == true)
    #expect(client.endsHere())
}

@Test func `a client that does not read its replies is not read from`() throws {
    let handled = Atomic<Int>(0)
    let server = try TestServer { _, writer in
        handled.add(1, ordering: .relaxed)
        writer.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 65, count: 1 << 20)))
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    for _ in 0..<100 {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        letArrive(milliseconds: 2)
    }
    client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 100))
    letArrive(milliseconds: 100)
    #expect(handled.load(ordering: .relaxed) < 50)
    for _ in 0..<200 {
        #expect(client.reply()?.body.utf8.count == 1 << 20)
    }
}

@Test func `a batch of replies from another thread reaches every connection`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    let clients = try (0..<8).map { _ in try RawClient(port: server.port) }
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
    #expect(eventually { held.count == 8 })
    let writers = held.take()
    #expect(Set(writers.map(\.eventLoopIndex)) == [0, 1])
    respond(to: writers, with: HTTPResponse(status: 200, body: [65]))
    for client in clients { #expect(client.reply()?.body == "A") }
    // A second answer is dropped.
    respond(to: writers, with: HTTPResponse(status: 500))
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
    #expect(eventually { held.count == 8 })
    respond(to: held.take(), with: HTTPResponse(status: 201))
    for client in clients { #expect(client.reply()?.status == 201) }
}

@Test func `a batch's common headers go to those that share them, and to no others`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    let clients = try (0..<4).map { _ in try RawClient(port: server.port) }
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
    #expect(eventually { held.count == 4 })
    var batch = ReplyBatch()
    for (index, writer) in held.take().enumerated() {
        let body = Array("\(index % 2)".utf8)
        batch.append(HTTPResponse(status: 200, body: body), to: writer, isSharing: index % 2 == 1)
    }
    #expect(batch.isSharing)
    batch.send(sharing: HeaderLines([("X-Shared", "s")]))
    #expect(!batch.isSharing)
    for client in clients {
        let reply = try #require(client.reply())
        #expect(reply.headers["x-shared"] == (reply.body == "1" ? "s" : nil))
    }
    // It is empty again.
    batch.send(sharing: HeaderLines([("X-Shared", "t")]))
    for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
    #expect(eventually { held.count == 4 })
    for writer in held.take() {
        batch.append(HTTPResponse(status: 201), to: writer, isSharing: false)
    }
    batch.send(sharing: HeaderLines([("X-Shared", "t")]))
    for client in clients {
        let reply = try #require(client.reply())
        #expect(reply.status == 201 && reply.headers["x-shared"] == nil)
    }
}

@Test func `chunked bodies arrive whole`() throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab")
    letArrive()
    client.send("c\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\nGET /d HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.reply()?.body == "POST /c abcde")
    #expect(client.reply()?.body == "GET /d ")
}

@Test(arguments: [true, false])
func `a body over the limit is answered 413 and the connection ends`(isChunked: Bool) throws {
    let server = try TestServer(limits: HTTPLimits(bodyBytesMax: 100_000))
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    let body = String(repeating: "x", count: 3_000_000)
    client.send("GET /before HTTP/1.1\r\nHost: a\r\n\r\n")
    if isChunked {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("2dc6c0\r\n\(body)\r\n0\r\n\r\n")
    } else {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n\(body)")
    }
    #expect(client.reply()?.body == "GET /before ")
    let reply = try #require(client.reply())
    #expect(reply.status == 413)
    #expect(reply.headers["connection"] == "close")
    #expect(client.endsHere())
}

@Test func `a body of exactly the limit is taken`() throws {
    let server = try TestServer(limits: HTTPLimits(bodyBytesMax: 100_000))
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    let body = String(repeating: "x", count: 100_000)
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(body)")
    #expect(client.reply()?.body == "POST / \(body)")
}

@Test(arguments: [1, 1_000])
func `a head over the limit is answered 431`(fields: Int) throws {
    let server = try TestServer(limits: HTTPLimits(headerBytesMax: 8_192))
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    let value = String(repeating: "v", count: 20_000 / fields)
    let lines = (0..<fields).map { "X-\($0): \(value)\r\n" }.joined()
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
    #expect(client.reply()?.status == 431)
    #expect(client.endsHere())
}

@Test(arguments: [
    "\r\n\r\nnonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
])
func `bytes that are not HTTP are answered 400 and the connection ends`(bytes: String) throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send(bytes)
    #expect(client.reply()?.status == 400)
    #expect(client.endsHere())
}

@Test func `a refusal waits for the replies before it`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
    #expect(eventually { held.count == 1 })
    letArrive()
    held.take()[0].respond(HTTPResponse(status: 200, body: [65]))
    #expect(client.reply()?.body == "A")
    #expect(client.reply()?.status == 400)
    #expect(client.endsHere())
}

@Test func `a client that leaves before its reply is noticed`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    do {
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { held.count == 1 })
        #expect(held.first?.isClosed == false)
    }
    #expect(eventually { held.first?.isClosed == true })
    held.take()[0].respond(HTTPResponse(status: 200))
    #expect(eventually { server.listener.connectionCount == 0 })
}

@Test func `a drain finishes what is in flight and closes the rest`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    let idle = try RawClient(port: server.port)
    let busy = try RawClient(port: server.port)
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(eventually { held.count == 1 && server.listener.connectionCount == 2 })
    after(milliseconds: 100) {
        held.take()[0].respond(HTTPResponse(status: 200, body: [65]))
    }
    server.listener.drain(timeoutMilliseconds: Int64(patienceSeconds) * 1_000)
    let reply = try #require(busy.reply())
    #expect(reply.body == "A")
    #expect(reply.headers["connection"] == "close")
    #expect(busy.endsHere())
    #expect(idle.endsHere())
    #expect(throws: RawClientError.self) { _ = try RawClient(port: server.port) }
    server.stop()
}

@Test func `a drain lets a client take the reply it has begun to read`() throws {
    let bytes = 16 << 20
    let isAnswered = Atomic<Bool>(false)
    let server = try TestServer { _, writer in
        writer.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 65, count: bytes)))
        isAnswered.store(true, ordering: .relaxed)
    }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(eventually { isAnswered.load(ordering: .relaxed) })
    let hasDrained = Atomic<Bool>(false)
    let listener = server.listener
    after(milliseconds: 0) {
        listener.drain(timeoutMilliseconds: Int64(patienceSeconds) * 1_000)
        hasDrained.store(true, ordering: .relaxed)
    }
    letArrive(milliseconds: 100)
    #expect(client.reply()?.body.utf8.count == bytes)
    #expect(eventually { hasDrained.load(ordering: .relaxed) })
    server.stop()
}

@Test func `a drain gives up on what is never answered`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(eventually { held.count == 1 })
    server.listener.drain(timeoutMilliseconds: 50)
    #expect(client.endsHere())
    held.take()[0].respond(HTTPResponse(status: 200))
    server.stop()
}

@Test func `a port in use is refused with a reason`() throws {
    let server = try TestServer()
    defer { server.stop() }
    let loops = HTTPLoops(threads: 1)
    defer { loops.shutDown() }
    #expect(throws: HTTPListenerError.self) {
        _ = try HTTPListener.start(
            host: "127.0.0.1",
            port: server.port,
            loops: loops,
            handler: echo,
        )
    }
}

@Test func `bodies of all connections together have a bound`() throws {
    // Far apart next to the steps in which a connection's bytes are counted: three halves and any
    // one of their rests stay below the bound, a fourth half passes it.
    let half = 3_000_000
    let rest = 1_000_000
    let limits = HTTPLimits(bodyBytesMax: half + rest, bufferedBytesMax: 3 * half + 2 * rest)
    let server = try TestServer(limits: limits) { _, writer in
        writer.respond(HTTPResponse(status: 200))
    }
    defer { server.stop() }
    let head = "PUT /r HTTP/1.1\r\nHost: a\r\nContent-Length: \(half + rest)\r\n\r\n"
    let clients = try (0..<3).map { _ in try RawClient(port: server.port) }
    for client in clients { client.send(head + String(repeating: "x", count: half)) }
    #expect(eventually { server.listener.bufferedBytes > 3 * half - rest })
    let last = try RawClient(port: server.port)
    last.send(head + String(repeating: "x", count: half))
    #expect(last.reply()?.status == 503)
    #expect(eventually { server.listener.bufferedBytes <= 3 * half })
    for client in clients {
        client.send(String(repeating: "x", count: rest))
        #expect(client.reply()?.status == 200)
    }
    #expect(eventually { server.listener.bufferedBytes == 0 })
}
