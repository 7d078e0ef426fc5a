import Glibc
import HTTPClient
import HTTPServer
import Synchronization
import Testing

@Test func `a request arrives as given and its reply comes back`() throws {
    let server = try TestServer { request, writer in
        let lines = request.headers.map { "\($0.0.lowercased()): \($0.1)" }.joined(separator: "\n")
        let reply = HTTPResponse(
            status: 404,
            headers: [("X-Two", "2")],
            body: Array("\(request.method) \(request.uri)\n\(lines)".utf8),
        )
        writer.respond(reply)
    }
    defer { server.stop() }
    let request = TransferRequest(
        method: "POST",
        url: "\(server.url)/p?q=1",
        headers: [("X-One", "1"), ("X-Empty", "")],
        body: [UInt8](repeating: 65, count: 100_000),
    )
    let reply = try HTTPClient().perform(request)
    #expect(reply.status == 404)
    #expect(reply.header("x-two") == "2")
    let lines = String(decoding: reply.body, as: UTF8.self).split(separator: "\n")
    #expect(lines.first == "POST /p?q=1")
    #expect(
        Set(lines.dropFirst()) == [
            "host: 127.0.0.1:\(server.port)", "accept: */*", "content-length: 100000",
            "x-one: 1", "x-empty: ",
        ]
    )
}

@Test(arguments: ["GET", "PUT", "DELETE", "POST", "PATCH"])
func `every method is sent as such, with and without a body`(method: String) throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = HTTPClient()
    for body in ["", "abc"] {
        let bytes = Array(body.utf8)
        let request = TransferRequest(method: method, url: "\(server.url)/m", body: bytes)
        let reply = try client.perform(request)
        #expect(String(decoding: reply.body, as: UTF8.self) == "\(method) /m \(body)")
    }
    let reply = try client.perform(TransferRequest(method: "HEAD", url: "\(server.url)/m"))
    #expect(reply.header("content-length") == "8")
    #expect(reply.body.isEmpty)
}

@Test func `one connection serves many requests`() throws {
    let server = try TestServer { request, writer in
        writer.respond(HTTPResponse(status: 200, body: Array(request.remote.utf8)))
    }
    defer { server.stop() }
    let client = HTTPClient()
    let request = TransferRequest(method: "GET", url: server.url)
    let first = try client.perform(request).body
    for _ in 0..<5 {
        #expect(try client.perform(request).body == first)
    }
}

@Test func `bodies of megabytes go both ways`() throws {
    let server = try TestServer { request, writer in
        writer.respond(HTTPResponse(status: 200, body: request.body))
    }
    defer { server.stop() }
    let body = (0..<4 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let request = TransferRequest(method: "POST", url: server.url, body: body)
    #expect(try HTTPClient().perform(request).body == body)
}

@Test func `a reply longer than wanted fails`() throws {
    let server = try TestServer()
    defer { server.stop() }
    let request = TransferRequest(
        method: "POST",
        url: server.url,
        body: [UInt8](repeating: 65, count: 2_000),
        responseBytesMax: 2_006,
    )
    let error = #expect(throws: TransferError.self) { try HTTPClient().perform(request) }
    #expect(error?.kind == .tooLarge)
    #expect(error?.isRetryable == false)
    var wider = request
    wider.responseBytesMax = 2_007
    #expect(try HTTPClient().perform(wider).body.count == 2_007)
}

@Test(arguments: [
    ("http://127.0.0.1:1", TransferError.Kind.connect), ("ftp://127.0.0.1", .invalid),
    ("file:///etc/passwd", .invalid), ("not a url", .invalid),
    ("http://name.invalid", .connect),
])
func `errors tell what was tried and whether to try again`(
    url: String,
    kind: TransferError.Kind,
) {
    let error = #expect(throws: TransferError.self) {
        try HTTPClient().perform(TransferRequest(method: "GET", url: url))
    }
    #expect(error?.kind == kind)
    #expect(error?.isRetryable == (kind == .connect))
    #expect(error?.description.hasPrefix("GET \(url): ") == true)
}

@Test func `a header that would smuggle in another is refused`() {
    let error = #expect(throws: TransferError.self) {
        let headers = [("A", "1\r\nEvil: 2")]
        let request = TransferRequest(method: "GET", url: "http://127.0.0.1:1", headers: headers)
        _ = try HTTPClient().perform(request)
    }
    #expect(error?.kind == .invalid)
}

@Test func `a redirection is a reply like any other`() throws {
    let server = try TestServer { _, writer in
        writer.respond(HTTPResponse(status: 302, headers: [("Location", "http://127.0.0.1:1/")]))
    }
    defer { server.stop() }
    let reply = try HTTPClient().perform(TransferRequest(method: "GET", url: server.url))
    #expect(reply.status == 302)
}

@Test func `a reply that does not come in time fails`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    let request = TransferRequest(method: "GET", url: server.url, timeoutMilliseconds: 1_000)
    let error = #expect(throws: TransferError.self) { try HTTPClient().perform(request) }
    #expect(error?.kind == .timeout)
    #expect(error?.isRetryable == true)
}

@Test func `a connection that breaks fails`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    after(milliseconds: 0) {
        _ = eventually { held.count == 1 }
        server.stop()
    }
    let request = TransferRequest(method: "POST", url: server.url, body: [65])
    let error = #expect(throws: TransferError.self) { try HTTPClient().perform(request) }
    #expect(error?.kind == .broken)
}
