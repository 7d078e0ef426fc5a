/// The SHA-256 of some bytes (FIPS 180-4): tells apart what is too long to be kept.
enum SHA256 {
    static let digestBytes = 32

    static func digest(of bytes: [UInt8]) -> [UInt8] {
        var state = initialState
        var schedule = [UInt32](repeating: 0, count: 64)
        let wholeBytes = bytes.count / blockBytes * blockBytes
        var block = 0
        while block < wholeBytes {
            absorb(bytes[block..<block + blockBytes], into: &state, &schedule)
            block += blockBytes
        }
        let end = padded(bytes[wholeBytes...], totalBytes: bytes.count)
        for block in stride(from: 0, to: end.count, by: blockBytes) {
            absorb(end[block..<block + blockBytes], into: &state, &schedule)
        }
        return state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { [UInt8]($0) } }
    }

    private static let blockBytes = 64

    /// The last bytes with a one bit, zeros to the end of a block, and the length in bits.
    private static func padded(_ rest: ArraySlice<UInt8>, totalBytes: Int) -> [UInt8] {
        var end = [UInt8](rest)
        end.append(0x80)
        while end.count % blockBytes != blockBytes - 8 { end.append(0) }
        let bits = UInt64(totalBytes) &* 8
        withUnsafeBytes(of: bits.bigEndian) { end.append(contentsOf: $0) }
        return end
    }

    private static func absorb(
        _ block: ArraySlice<UInt8>,
        into state: inout [UInt32],
        _ schedule: inout [UInt32],
    ) {
        fill(&schedule, from: block)
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let sum1 = right(e, 6) ^ right(e, 11) ^ right(e, 25)
            let choice = (e & f) ^ (~e & g)
            let next = h &+ sum1 &+ choice &+ constants[round] &+ schedule[round]
            let sum0 = right(a, 2) ^ right(a, 13) ^ right(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ next)
            (d, c, b, a) = (c, b, a, next &+ sum0 &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func fill(_ schedule: inout [UInt32], from block: ArraySlice<UInt8>) {
        for index in 0..<16 {
            let start = block.startIndex + index * 4
            schedule[index] =
                UInt32(block[start]) << 24 | UInt32(block[start + 1]) << 16
                | UInt32(block[start + 2]) << 8 | UInt32(block[start + 3])
        }
        for index in 16..<64 {
            let early = schedule[index - 15]
            let late = schedule[index - 2]
            let sigma0 = right(early, 7) ^ right(early, 18) ^ early >> 3
            let sigma1 = right(late, 17) ^ right(late, 19) ^ late >> 10
            schedule[index] =
                schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
    }

    private static func right(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word >> bits | word << (32 - bits)
    }

    /// The first 32 bits of the fractions of the square roots of the first 8 primes.
    private static let initialState: [UInt32] = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
        0x1f83d9ab, 0x5be0cd19,
    ]

    /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
        0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
        0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
        0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
        0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
        0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
        0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ]
}
