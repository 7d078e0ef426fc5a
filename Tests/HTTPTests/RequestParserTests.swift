import HTTPServer
import NIOCore
import Testing

/// What a parser makes of `pieces`: a line for each request, and the fault that ended it.
private func read(
    _ pieces: [[UInt8]],
    headBytesMax: Int = 1_000,
    fieldsMax: Int = 10,
) -> (requests: [String], fault: RequestFault?) {
    var parser = RequestParser(headBytesMax: headBytesMax, fieldsMax: fieldsMax)
    var buffer = ByteBuffer()
    var requests: [String] = []
    var arriving = ""
    do throws(RequestFault) {
        for piece in pieces {
            buffer.writeBytes(piece)
            while let event = try parser.next(&buffer) {
                switch event {
                case .head(let head):
                    let fields = head.fields.all.map { " \($0.0)=\($0.1)" }.joined()
                    arriving = "\(head.method) \(head.target)\(fields)"
                    arriving += (head.isVersion10 ? " 1.0" : "") + (head.closes ? " closes" : "")
                    arriving += " |"
                case .body(let part): arriving += String(buffer: part)
                case .end: requests.append(arriving)
                }
            }
        }
    } catch {
        return (requests, error)
    }
    return (requests, nil)
}

private func read(_ text: String) -> (requests: [String], fault: RequestFault?) {
    read([Array(text.utf8)])
}

private let host = "Host: a\r\n"

/// Requests as they come one after the other on a connection, and what each of them is.
private let good: [(text: String, request: String)] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / Host=a |"),
    ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / Host=a |"),
    (
        "POST /a?b=c HTTP/1.1\r\nHost:\r\nContent-Length:2\r\n\r\nab",
        "POST /a?b=c Host= Content-Length=2 |ab"
    ),
    ("OPTIONS * HTTP/1.1\r\nhost: \t a \t\r\n\r\n", "OPTIONS * host=a |"),
    ("PUT http://a:1/b HTTP/1.1\r\nHost: b\r\nX: y z\r\n\r\n", "PUT http://a:1/b Host=b X=y z |"),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "1\r\na\r\n0A;x;y=\"\\\";\"\r\nbcdefghijk\r\n00\r\nTrailer: t\r\n\r\n",
        "POST / Host=a Transfer-Encoding=Chunked |abcdefghijk"
    ),
    ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / Connection=Keep-Alive 1.0 |"),
    ("HEAD / HTTP/1.1\r\nHost: a\r\nX: é\r\n\r\n", "HEAD / Host=a X=é |"),
]

@Test func `requests are read off a connection in order`() {
    let (requests, fault) = read(good.map(\.text).joined())
    #expect(requests == good.map(\.request))
    #expect(fault == nil)
}

@Test func `where bytes are cut makes no difference`() {
    let bytes = Array(good.map(\.text).joined().utf8)
    for cut in bytes.indices {
        #expect(read([Array(bytes[..<cut]), Array(bytes[cut...])]).requests == good.map(\.request))
    }
    #expect(read(bytes.map { [$0] }).requests == good.map(\.request))
}

@Test(arguments: [
    ("GET / HTTP/1.0\r\n\r\n", "GET / 1.0 closes |"),
    (
        "GET / HTTP/1.1\r\n\(host)Connection: x , CLOSE\r\n\r\n",
        "GET / Host=a Connection=x , CLOSE closes |"
    ),
    (
        "GET / HTTP/1.0\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
        "GET / Connection=close Connection=keep-alive 1.0 closes |"
    ),
    ("GET / HTTP/1.1\r\n\(host)Upgrade: h2c\r\n\r\n", "GET / Host=a Upgrade=h2c closes |"),
])
func `what follows the last request of a connection is passed over`(text: String, request: String) {
    let (requests, fault) = read(text + "nonsense\u{0}\r\n\r\n" + text)
    #expect(requests == [request])
    #expect(fault == nil)
}

@Test(
    arguments: [
        ("GET\r\n", RequestFault.requestLine), ("GET /\r\n", .requestLine),
        ("GET  HTTP/1.1\r\n", .requestLine),
        ("GET  / HTTP/1.1\r\n", .requestLine), ("GET /  HTTP/1.1\r\n", .requestLine),
        ("GET / HTTP/1.1 \r\n", .requestLine), ("GET /\tHTTP/1.1\r\n", .requestLine),
        (" GET / HTTP/1.1\r\n", .method), ("get / HTTP/1.1\r\n", .method),
        ("CONNECT a:1 HTTP/1.1\r\n", .method),
        ("{", .method), ("\u{16}\u{3}", .method), ("GET /\u{0}", .control),
        ("GET a HTTP/1.1\r\n", .target), ("GET /#a HTTP/1.1\r\n", .target),
        ("GET /é HTTP/1.1\r\n", .target),
        ("GET *a HTTP/1.1\r\n", .target), ("GET http://u@a/ HTTP/1.1\r\n", .target),
        ("GET / HTTP/1.2\r\n", .version), ("GET / HTTP/2.0\r\n", .version),
        ("GET / http/1.1\r\n", .requestLine),
        ("GET / HTTP/1.1\n", .lineEnd), ("\n", .method), ("\r\r\n", .method),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", .lineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", .lineEnd),
        ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n", .control),
        ("GET / HTTP/1.1\r\nHost: a\u{7f}\r\n", .control),
        ("GET / HTTP/1.1\r\nHost : a\r\n", .fieldName), ("GET / HTTP/1.1\r\n: a\r\n", .fieldName),
        ("GET / HTTP/1.1\r\nX\r\n", .fieldName),
        ("GET / HTTP/1.1\r\n\(host) folded\r\n", .fieldName),
        ("GET / HTTP/1.1\r\n Host: a\r\n", .fieldName), ("GET / HTTP/1.1\r\nX(: a\r\n", .fieldName),
        ("GET / HTTP/1.1\r\n\r\n", .host), ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", .host),
    ] as [(String, RequestFault)]
)
func `a head that is none is refused`(text: String, fault: RequestFault) {
    #expect(read(text).fault == fault)
    #expect(read(Array(text.utf8).map { [$0] }).fault == fault)
    #expect(fault.status == 400)
}

@Test(
    arguments: [
        ("Content-Length:", RequestFault.length), ("Content-Length: +1", .length),
        ("Content-Length: -1", .length),
        ("Content-Length: 1 1", .length), ("Content-Length: 1, 1", .length),
        ("Content-Length: 0x1", .length),
        ("Content-Length: 1\t", .length), ("Content-Length: 9223372036854775808", .hugeLength),
        ("Content-Length: 1\r\nContent-Length: 1", .twoLengths),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked", .twoLengths),
        ("Transfer-Encoding: chunked\r\ncontent-length: 1", .twoLengths),
        ("Transfer-Encoding: gzip, chunked", .coding),
        ("Transfer-Encoding: chunked, gzip", .coding),
        ("Transfer-Encoding: identity", .coding), ("Transfer-Encoding:", .coding),
        ("Transfer-Encoding: xchunked", .coding), ("Transfer-Encoding: \u{b}chunked", .control),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .coding),
    ] as [(String, RequestFault)]
)
func `a length that two servers may read differently is refused`(
    fields: String,
    fault: RequestFault
) {
    #expect(read("POST / HTTP/1.1\r\n\(host)\(fields)\r\n\r\n").fault == fault)
}

@Test func `chunks are unknown to HTTP 1 0`() {
    #expect(
        read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").fault == .codingInVersion10
    )
}

@Test(
    arguments: [
        ("x\r\n", RequestFault.chunkSize), ("\r\n", .chunkSize), ("-1\r\n", .chunkSize),
        (" 1\r\n", .chunkSize),
        ("1 \r\n", .chunkSize), ("0x1\r\n", .chunkSize), ("8000000000000000\r\n", .hugeChunk),
        ("00000000000000001\r\n", .hugeChunk), ("1\n", .lineEnd), ("1\rx", .control),
        ("1;\r\n", .chunkExtension), ("1; a\r\n", .chunkExtension), ("1;a=\r\n", .chunkExtension),
        ("1;a=\"\r\n", .chunkExtension), ("1;a=\"\\\r\n", .chunkExtension),
        ("1;a=b c\r\n", .chunkExtension),
        ("1;a\u{0}\r\n", .control), ("1\r\nab\r\n", .chunkEnd), ("1\r\na\n", .chunkEnd),
        ("1\r\na\r\r", .chunkEnd),
        ("0\r\n\n", .lineEnd), ("0\r\nX\r\n", .fieldName), ("0\r\n X: y\r\n", .fieldName),
        ("0\r\nX: \u{1}", .control),
        ("0\r\nContent-Length: 1\r\n", .trailer), ("0\r\nhost: b\r\n", .trailer),
    ] as [(String, RequestFault)]
)
func `a chunk that is none is refused`(chunk: String, fault: RequestFault) {
    let head = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
    #expect(read(head + chunk).fault == fault)
    #expect(read(Array((head + chunk).utf8).map { [$0] }).fault == fault)
}

@Test func `a head may be as long as the limit and no longer`() {
    let head = "GET / HTTP/1.1\r\n\(host)X: yyyyyyyyyy\r\n\r\n"
    let count = head.utf8.count
    for pieces in [[Array(head.utf8)], Array(head.utf8).map { [$0] }] {
        #expect(read(pieces, headBytesMax: count).fault == nil)
        #expect(read(pieces, headBytesMax: count - 1).fault == .headTooLong)
        #expect(read(pieces, headBytesMax: count - 1).requests.isEmpty)
    }
    let endless = [UInt8](repeating: UInt8(ascii: "A"), count: 101)
    #expect(read([endless], headBytesMax: 100).fault == .headTooLong)
    let emptyLines = Array(String(repeating: "\r\n", count: 51).utf8)
    #expect(read([emptyLines], headBytesMax: 100).fault == .headTooLong)
    #expect(RequestFault.headTooLong.status == 431)
}

@Test func `extensions and trailer have the room that the head left`() {
    let head = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n"
    let chunks = "1;a\r\nx\r\n1;bb\r\ny\r\n0\r\nT: t\r\n\r\n"
    let count = head.utf8.count + 2 + 3 + 6
    for pieces in [[Array((head + chunks).utf8)], Array((head + chunks).utf8).map { [$0] }] {
        #expect(read(pieces, headBytesMax: count).requests.count == 1)
        #expect(read(pieces, headBytesMax: count - 1).fault == .headTooLong)
    }
    let manyChunks = head + String(repeating: "1\r\nx\r\n", count: 1_000) + "0\r\n\r\n"
    #expect(read([Array(manyChunks.utf8)], headBytesMax: head.utf8.count).requests.count == 1)
}

@Test func `head and trailer together may have so many fields and no more`() {
    let head = "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n"
    let inHead = head + "X: y\r\n\r\n0\r\n\r\n"
    #expect(read([Array(inHead.utf8)], fieldsMax: 3).requests.count == 1)
    #expect(read([Array(inHead.utf8)], fieldsMax: 2).fault == .tooManyFields)
    let inTrailer = head + "\r\n0\r\nX: y\r\n\r\n"
    #expect(read([Array(inTrailer.utf8)], fieldsMax: 3).requests.count == 1)
    #expect(read([Array(inTrailer.utf8)], fieldsMax: 2).fault == .tooManyFields)
    #expect(RequestFault.tooManyFields.status == 431)
}

@Test(
    arguments: [
        (
            "POST / HTTP/1.1\r\n\(host)Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
            RequestHead.Expectation.goAhead
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n",
            .goAhead
        ),
        ("POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 0\r\n\r\n", .nothing),
        ("POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\n\r\n", .nothing),
        ("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", .nothing),
        ("POST / HTTP/1.1\r\n\(host)Expect: magic\r\nContent-Length: 1\r\n\r\n", .unknown),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\n\r\n", .nothing),
    ] as [(String, RequestHead.Expectation)]
)
func `a head says what its client waits for`(
    text: String,
    expectation: RequestHead.Expectation
) throws {
    var parser = RequestParser(headBytesMax: 1_000, fieldsMax: 10)
    var buffer = ByteBuffer(string: text)
    guard case .head(let head) = try parser.next(&buffer) else {
        Issue.record("no head")
        return
    }
    #expect(head.expectation == expectation)
}

@Test func `a field is found whatever the case of its name`() {
    let request = HTTPRequest(
        method: "GET",
        uri: "/",
        headers: [("X-Amz-Target", "a"), ("x-amz-target", "b"), ("X_Amz_Target", "c")],
    )
    #expect(request.header("x-aMZ-tarGET") == "a")
    #expect(request.header("x_amz_target") == "c")
    #expect(request.header("x\u{d}amz-target") == nil)
    #expect(request.header("x-amz-targe") == nil)
    #expect(request.headers.map(\.1) == ["a", "b", "c"])
}

@Test func `a line is known by all of its bytes, in its place and to its end`() throws {
    let known = KnownHead()
    func fields(_ lines: String) -> String? {
        var parser = RequestParser(headBytesMax: 200, fieldsMax: 4, known: known)
        var buffer = ByteBuffer(string: "GET / HTTP/1.1\r\n" + lines + "\r\n")
        do throws(RequestFault) {
            guard case .head(let head) = try parser.next(&buffer) else { return nil }
            return head.fields.all.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
        } catch {
            return "\(error)"
        }
    }
    #expect(fields("Host: a\r\nX: b\r\nY:  c \r\n") == "Host=a X=b Y=c")
    #expect(fields("Host: a\r\nX: b\r\nY:  c \r\n") == "Host=a X=b Y=c")
    #expect(fields("Host: a\r\nX: bb\r\nY:  c \r\n") == "Host=a X=bb Y=c")
    #expect(fields("X: b\r\nHost: a\r\nY:  c \r\n") == "X=b Host=a Y=c")
    #expect(fields("X: b\r\nHost: a\r\n") == "X=b Host=a")
    #expect(fields("X: b\r\nHost: a\r\nHost: a\r\n") == "host")
    #expect(fields("X: b\r\nHost: a\r\nY: \u{1}\r\n") == "control")
    #expect(fields("X: b\r\nHost: a\r\nY: 1\r\nZ: 2\r\n") == "X=b Host=a Y=1 Z=2")
    #expect(fields("X: b\r\nHost: a\r\nY: 1\r\nZ: 2\r\nA: 3\r\n") == "tooManyFields")
    #expect(fields("X: b\r\nHost: a\r\nY: 1\r\nZ: 2") == nil)
}
