import HTTPServer
import Synchronization
import Testing

/// What a handler adds to its replies, and what it is told of them.

@Test func `lines made once are in each reply, but for unsafe ones`() throws {
    let lines = HeaderLines([("X-A", "b"), ("X-B", "c\r\nX-C: d"), ("X-\nD", "e"), ("X-E", "")])
    let server = try TestServer { _, writer in
        var writer = writer
        writer.headers = lines
        writer.respond(HTTPResponse(status: 200, headers: [("X-F", "g"), ("X-G", "\u{1}")]))
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    for _ in 0..<3 {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let headers = try #require(client.reply()).headers
        #expect(headers["x-a"] == "b")
        #expect(headers["x-e"] == "")
        #expect(headers["x-f"] == "g")
        #expect(Set(headers.keys).isDisjoint(with: ["x-b", "x-c", "x-d", "x-g"]))
    }
}

@Test(arguments: [0, 9, 10, 99, 1_000, 4_294_967_295, 999_999_999_999_999_999])
func `a stamp writes numbers and bytes`(number: Int) throws {
    let server = try TestServer { _, writer in
        writer.respond(
            HTTPResponse(
                status: 200,
                body: [65],
                stamp: { body, head in
                    head.header("X-Number", decimal: number)
                    head.header("X-Bytes", bytes: 3) { $0.copyBytes(from: body + [66, 67]) }
                },
            )
        )
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    let reply = try #require(client.reply())
    #expect(reply.headers["x-number"] == String(number))
    #expect(reply.headers["x-bytes"] == "ABC")
    #expect(reply.body == "A")
}

@Test func `a listener is told of replies with a note`() throws {
    let told = Mutex<[String]>([])
    let loops = HTTPLoops(threads: 1)
    let listener = try HTTPListener.start(
        host: "127.0.0.1",
        port: 0,
        loops: loops,
        onReply: { response, note, loop in
            let kind = note.kind.map { "\($0)" } ?? "none"
            told.withLock { $0.append("\(response.status) \(note.began) \(kind) \(loop)") }
        },
        handler: { request, writer in
            var writer = writer
            if request.uri != "/none" {
                writer.note = ReplyNote(began: 7)
                if request.uri == "/kind" { writer.note?.kind = 3 }
            }
            let reply = writer
            after(milliseconds: 0) { reply.respond(HTTPResponse(status: 201)) }
        },
    )
    defer {
        listener.close()
        loops.shutDown()
    }
    let client = try RawClient(port: listener.port)
    for path in ["none", "some", "kind"] {
        client.send("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.reply()?.status == 201)
    }
    #expect(told.withLock { $0 } == ["201 7 none 0", "201 7 3 0"])
}
