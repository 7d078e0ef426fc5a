/// Bytes like these: with one changed, put in or taken out, cut off, or with a part of them twice.
func forEachMutation(of bytes: [UInt8], _ body: ([UInt8]) -> Void) {
    for index in bytes.indices {
        for byte in Array("\"\\{}[]:, \t\n0-eSNB#zT\u{1}\u{7f}".utf8) + [0x80, 0xff] {
            var (changed, longer) = (bytes, bytes)
            changed[index] = byte
            longer.insert(byte, at: index)
            body(changed)
            body(longer)
        }
        var shorter = bytes
        shorter.remove(at: index)
        body(shorter)
        body(Array(bytes[..<index]))
        body(bytes + bytes[index...])
    }
}
