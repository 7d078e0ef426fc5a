import Testing

@testable import HTTPServer

private func request(_ body: [UInt8], _ encodings: [String]) -> HTTPRequest {
    HTTPRequest(
        method: "POST",
        uri: "/",
        headers: encodings.map { ("Content-Encoding", $0) },
        body: body,
    )
}

/// Bytes of which some runs repeat, so that there is something to compress.
private func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { index in
        if index % 7 == 0 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        }
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

@Test(arguments: [ContentCoding.gzip, .deflate], [0, 1, 4_095, 65_536, 65_537, 1_000_000])
func `what is compressed is what comes out`(coding: ContentCoding, count: Int) throws {
    let compressor = try #require(BodyCompressor(coding))
    for seed in UInt64(1)...3 {
        let body = bytes(count, seed: seed)
        let coded = try #require(compressor.compress(body))
        #expect(try request(coded, [coding.rawValue]).decodedBody(bytesMax: count) == body)
        if count > 0 {
            #expect(throws: ContentCodingError.tooLarge) {
                try request(coded, [coding.rawValue]).decodedBody(bytesMax: count - 1)
            }
        }
    }
}

@Test func `several headers are one list`() throws {
    let inner = try #require(BodyCompressor(.gzip)?.compress([1, 2, 3]))
    let outer = try #require(BodyCompressor(.deflate)?.compress(inner))
    #expect(try request(outer, ["gzip", "deflate"]).decodedBody(bytesMax: 100) == [1, 2, 3])
    #expect(throws: ContentCodingError.unsupported) {
        try request(outer, ["gzip, gzip", "gzip,gzip,deflate"]).decodedBody(bytesMax: 100)
    }
}

@Test(arguments: UInt64(1)...500)
func `bytes at random are refused or come out within the bound`(seed: UInt64) throws {
    var coded = try #require(BodyCompressor(.gzip)?.compress(bytes(3_000, seed: seed)))
    for step in 0..<4 {
        let place = Int(truncatingIfNeeded: (seed &* 7_919 &+ UInt64(step) &* 104_729) >> 3)
        coded[place % coded.count] ^= UInt8(truncatingIfNeeded: seed >> step)
    }
    let decoded = try? request(coded, ["gzip"]).decodedBody(bytesMax: 10_000)
    #expect((decoded?.count ?? 0) <= 10_000)
}

@Test func `the last of several wishes for a coding counts`() throws {
    let server = try TestServer { _, writer in
        writer.respond(
            HTTPResponse(
                status: 200,
                body: [UInt8](repeating: 65, count: 10_000),
                stamp: { $1.header("X-Length", decimal: $0.count) },
            )
        )
    }
    defer { server.stop() }
    let client = try RawClient(port: server.port)
    client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nAccept-Encoding: br\r\n\r\n")
    let plain = try #require(client.reply())
    #expect(plain.headers["content-encoding"] == nil)
    #expect(plain.headers["x-length"] == "10000")
    client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nAccept-Encoding: gzip\r\n\r\n")
    let coded = try #require(client.reply())
    #expect(coded.headers["content-encoding"] == "gzip")
    #expect(coded.headers["x-length"] == coded.headers["content-length"])
    #expect(coded.headers["content-length"] != "10000")
}
