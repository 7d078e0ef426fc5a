import JSON
import Testing

struct CRC32Tests {
    @Test func `the check value is the standard's`() {
        #expect(CRC32.checksum(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(CRC32.checksum([]) == 0)
        let fox = "The quick brown fox jumps over the lazy dog"
        #expect(CRC32.checksum(Array(fox.utf8)) == 0x414f_a339)
    }

    @Test func `eight bytes at once give what single bits give`() {
        var random = SplitMix64(seed: 5)
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            var remainder = UInt32.max
            for byte in bytes {
                remainder ^= UInt32(byte)
                for _ in 0..<8 {
                    let carry = remainder & 1
                    remainder >>= 1
                    if carry == 1 { remainder ^= 0xedb8_8320 }
                }
            }
            #expect(CRC32.checksum(bytes) == ~remainder)
        }
    }
}
