import Glibc
import Testing

@testable import HTTPServer

@Test func `HEAD is answered without a body and with its length`() throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("HEAD /h HTTP/1.1\r\nHost: a\r\n\r\nGET /g HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.reply(toHead: true)?.headers["content-length"] == "8")
    #expect(client.reply()?.body == "GET /g ")
}

@Test func `a reply without a body has no length`() throws {
    let server = try TestServer { _, writer in
        writer.respond(HTTPResponse(status: 204, body: [65]))
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    let reply = try #require(client.reply())
    #expect(reply.status == 204)
    #expect(reply.headers["content-length"] == nil)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.reply()?.status == 204)
}

@Test(arguments: [
    ("GET / HTTP/1.0\r\n\r\n", "close", true),
    ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false),
    ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "close", true),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "close", true
    ),
])
func `a connection stays open as the client asks`(
    request: String,
    connection: String,
    ends: Bool,
) throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send(request)
    let reply = try #require(client.reply())
    #expect(reply.status == 200)
    #expect(reply.headers["connection"] == connection)
    if ends {
        #expect(client.endsHere())
    } else {
        client.send(request)
        #expect(client.reply()?.status == 200)
    }
}

@Test func `a client that waits for leave to send its body gets it`() throws {
    let server = try TestServer(limits: HTTPLimits(bodyBytesMax: 10))
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length:"
    client.send("\(head) 2\r\n\r\n")
    #expect(client.reply()?.status == 100)
    client.send("ab")
    #expect(client.reply()?.body == "POST / ab")
    client.send("\(head) 11\r\n\r\n")
    #expect(client.reply()?.status == 413)
    #expect(client.endsHere())
}

@Test func `leave to send a body waits for the replies before it`() throws {
    let held = HeldReplies()
    let server = try TestServer { request, writer in
        if request.method == "GET" { held.hold(writer) } else { echo(request, writer) }
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\n")
    client.send("Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    #expect(eventually { held.count == 1 })
    letArrive()
    held.take()[0].respond(HTTPResponse(status: 200))
    #expect(client.reply()?.status == 200)
    #expect(client.reply()?.status == 100)
    client.send("ab")
    #expect(client.reply()?.body == "POST / ab")
}

@Test func `an unknown expectation is refused`() throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 0\r\n\r\n")
    #expect(client.reply()?.status == 417)
    #expect(client.endsHere())
}

@Test func `a header that would smuggle in another is left out`() throws {
    let server = try TestServer { _, writer in
        let headers = [("A", "1\r\nEvil: 1"), ("B\n", "2"), ("C", "3")]
        writer.respond(HTTPResponse(status: 200, headers: headers))
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    let reply = try #require(client.reply())
    #expect(Set(reply.headers.keys) == ["server", "date", "content-length", "c"])
}

@Test func `idle connections are closed and busy ones are not`() throws {
    let held = HeldReplies()
    let limits = HTTPLimits(idleTimeoutMilliseconds: 500)
    let server = try TestServer(limits: limits) { _, writer in held.hold(writer) }
    defer { server.stop() }
    // Busy before the others are there, so that it is older than they are when they are closed.
    let busy = try RawClient(port: server.port)
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(eventually { held.count == 1 })
    let idle = try RawClient(port: server.port)
    let half = try RawClient(port: server.port)
    half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
    #expect(idle.endsHere())
    #expect(half.endsHere())
    held.take()[0].respond(HTTPResponse(status: 200))
    #expect(busy.reply()?.status == 200)
}

@Test func `connections beyond the limit are closed`() throws {
    let server = try TestServer(limits: HTTPLimits(connectionsMax: 2))
    defer { server.stop() }
    let first = try RawClient(port: server.port)
    let second = try RawClient(port: server.port)
    #expect(eventually { server.listener.connectionCount == 2 })
    let third = try RawClient(port: server.port)
    #expect(third.endsHere())
    first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(first.reply()?.status == 200)
    second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(second.reply()?.status == 200)
}

@Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
    (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
])
func `dates are written as HTTP has them`(seconds: Int, text: String) {
    #expect(HTTPDate.text(secondsSince1970: seconds) == text)
}
