import JSON
import Testing

struct Base64Tests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples go both ways`(text: String, base64: String) {
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm=v", "Zm9v=", "Zh==", "Zm9=", "Zm9v\n",
        "Zm-_", "Zm9v Zg==", "Zg==Zg==", "é==",
    ])
    func `anything but the one encoding is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `all bytes come back`() {
        var random = SplitMix64(seed: 4)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }
}
