import Testing

@testable import Engine

struct FingerprintTests {
    @Test func `requests that differ in one bit, or in length alone, have other fingerprints`() {
        let bytes = [UInt8](repeating: 0, count: 257)
        var seen: Set<[UInt8]> = [Fingerprint.of(bytes), Fingerprint.of([UInt8](bytes.dropLast()))]
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            seen.insert(Fingerprint.of(changed))
        }
        #expect(seen.count == 2 + bytes.count * 8)
        #expect(seen.allSatisfy { $0.count == Fingerprint.byteCount })
    }

    @Test func `a fingerprint is the same in every process`() {
        // Stored rows hold it: it must not depend on a process's hash seed.
        #expect(
            Fingerprint.of([1, 2, 3]) == [
                242, 49, 221, 216, 79, 151, 251, 99, 229, 222, 140, 211, 2, 139, 148, 43,
            ]
        )
    }
}
