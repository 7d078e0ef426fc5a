import Glibc
import Testing

@testable import HTTPServer

/// What one read leaves half is kept for the next, and never grows with what was answered.
@Test(arguments: [1, 7, 50, 4_000])
func `requests that arrive in pieces are answered whole and in order`(pieceBytes: Int) throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    let filler = String(repeating: "x", count: pieceBytes * 3)
    let requests = (0..<5).map { number in
        "POST /\(number) HTTP/1.1\r\nHost: a\r\nX: \(filler)\r\nContent-Length: 3\r\n\r\nab\(number)"
            + "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\ncd\r\n0\r\nT: t\r\n\r\n"
    }
    let bytes = Array(requests.joined().utf8)
    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
        client.send(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
        if start / pieceBytes % 20 == 0 { letArrive(milliseconds: 1) }
    }
    for number in 0..<5 {
        #expect(client.reply()?.body == "POST /\(number) ab\(number)")
        #expect(client.reply()?.body == "PUT /c cd")
    }
}

@Test(arguments: [
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: y\nZ: z\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n",
])
func `what two servers may read differently is answered 400 and nothing behind it`(
    request: String
) throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET /before HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.reply()?.body == "GET /before ")
    client.send(request + "GET /behind HTTP/1.1\r\nHost: a\r\n\r\n")
    let reply = try #require(client.reply())
    #expect(reply.status == 400)
    #expect(reply.headers["connection"] == "close")
    #expect(client.endsHere())
}

@Test(arguments: [
    String(repeating: "X: y\r\n", count: 257),
    "Transfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "x", count: 9_000) + "\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + String(repeating: "x", count: 9_000) + "\r\n",
])
func `fields without end are answered 431`(fields: String) throws {
    let server = try TestServer(limits: HTTPLimits(headerBytesMax: 8_192))
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    #expect(client.reply()?.status == 431)
    #expect(client.endsHere())
}
