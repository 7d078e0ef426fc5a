import Testing

@testable import HTTPServer

struct BodyChecksumTests {
    @Test func `the check value is the standard's`() {
        #expect(BodyChecksum.crc32(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(BodyChecksum.crc32([]) == 0)
    }

    /// Where the processor lacks the instructions, both sides are zlib's.
    @Test func `bodies of every length have the checksum that zlib gives`() {
        var state = UInt64(1)
        let bytes = (0..<5_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        for count in Array(0...600) + [4_095, 4_096, 4_097, 5_000] {
            let body = Array(bytes.suffix(count))
            let plain = body.withUnsafeBufferPointer { body in
                body.baseAddress.map { BodyChecksum.plain(0, $0, count) } ?? 0
            }
            #expect(BodyChecksum.crc32(body) == plain)
        }
    }
}
