import Testing

@testable import bench

/// What the load finds in the head of an answer.
struct ResponseHeadTests {
    private func head(_ text: String) throws -> ResponseHead? {
        try Array(text.utf8).withUnsafeBytes { try ResponseHead($0) }
    }

    private static let whole =
        "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 12\r\nX-Amz-CRC32: 4294967295\r\n\r\n"

    @Test func `a head is told by its lines`() throws {
        let head = try #require(try head(Self.whole + "{}"))
        #expect(head.status == 200)
        #expect(head.bytes == Self.whole.utf8.count)
        #expect(head.contentLength == 12)
        #expect(head.checksum == .max)
    }

    @Test func `a head that is not whole is waited for`() throws {
        for count in 0..<Self.whole.utf8.count {
            #expect(try head(String(decoding: Self.whole.utf8.prefix(count), as: UTF8.self)) == nil)
        }
    }

    @Test func `a checksum may be absent, a length may not`() throws {
        let bare = "HTTP/1.1 400 Bad Request\r\ncontent-length:0\r\n\r\n"
        let head = try #require(try head(bare))
        #expect((head.status, head.contentLength) == (400, 0))
        #expect(head.checksum == nil)
        for wrong in [
            "200 OK\r\nServer: x", "200 OK\r\nX: content-length: 1", "ok\r\nContent-Length: 1",
        ] {
            #expect(throws: Failure.self) { try self.head("HTTP/1.1 \(wrong)\r\n\r\n") }
        }
    }
}

@Test(arguments: [(0, 1, "0"), (0, 3, "000"), (7, 1, "7"), (10, 2, "10"), (99, 5, "00099")])
func `a number is written with at least so many digits`(
    number: UInt64,
    digits: Int,
    text: String,
) {
    var bytes: [UInt8] = Array("x".utf8)
    bytes.append(decimal: number, digits: digits)
    #expect(String(decoding: bytes, as: UTF8.self) == "x" + text)
}

@Test func `the greatest number has all its digits`() {
    var bytes: [UInt8] = []
    bytes.append(decimal: .max)
    #expect(String(decoding: bytes, as: UTF8.self) == "18446744073709551615")
}
