/// 128 bits that tell long requests apart without keeping them.
///
/// Not for secrets and not against forgery: it compares a caller's request with that caller's own
/// earlier one under the same token. Two rounds of FNV-1a (Fowler, Noll, Vo) from different starts,
/// each finished by the mixing function of SplitMix64.
enum Fingerprint {
    static let byteCount = 16

    static func of(_ bytes: [UInt8]) -> [UInt8] {
        let halves = [
            half(bytes, start: 0xcbf2_9ce4_8422_2325), half(bytes, start: 0x6c62_272e_07bb_0142),
        ]
        return halves.flatMap { half in withUnsafeBytes(of: half.bigEndian) { [UInt8]($0) } }
    }

    private static func half(_ bytes: [UInt8], start: UInt64) -> UInt64 {
        var state = start
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state ^= UInt64(bytes.count)
        state = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        state = (state ^ (state >> 27)) &* 0x94d0_49bb_1331_11eb
        return state ^ (state >> 31)
    }
}
