import Engine
@testable import SQLiteStore
import Testing

struct RunTests {
    @Test
    func `the checksum is XXH64`() {
        // The specification's own examples, and one longer than a stripe.
        #expect(sum("") == 0xEF46_DB37_51D8_E999)
        #expect(sum("a") == 0xD24E_C4F1_A98C_6E5B)
        #expect(sum("abc") == 0x44BC_2CF5_AD77_0999)
        #expect(
            sum("Nobody inspects the spammish repetition") == 0xFBCE_A83C_8A37_8BF1
        )
    }

    @Test
    func `keys are ordered by their bytes, a prefix before what it prefixes`() {
        let keys: [[UInt8]] = [
            [], [0], [0, 0], [0, 1], [1], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 0],
            [1, 2, 3, 4, 5, 6, 7, 0, 0], [1, 2, 3, 4, 5, 6, 7, 0, 1], [1, 2, 3, 4, 5, 6, 8],
            [0x80], [0xFF, 0xFF],
        ]
        for (left, leftKey) in keys.enumerated() {
            for (right, rightKey) in keys.enumerated() {
                let order = leftKey.withUnsafeBytes { left in
                    rightKey.withUnsafeBytes { Entry(left).order(Entry($0)) }
                }
                #expect(order.signum() == (left - right).signum(), "\(leftKey) \(rightKey)")
            }
        }
    }

    @Test
    func `spans that touch become one, and cover what they cover`() {
        var spans = KeySpans()
        spans.insert(from: [4], to: [6])
        spans.insert(from: [1], to: [2])
        spans.insert(from: [8], to: nil)
        spans.insert(from: [7], to: [7])
        #expect(spans.spans.map(\.from) == [[1], [4], [8]])
        spans.insert(from: [2], to: [4])
        #expect(spans.spans.map(\.from) == [[1], [8]])
        #expect(spans.spans.map(\.to) == [[6], nil])
        let covered = (UInt8(0)...9).filter { number in
            [number].withUnsafeBytes { spans.covers(Entry($0)) }
        }
        #expect(covered == [1, 2, 3, 4, 5, 8, 9])
        spans.insert(from: [], to: nil)
        #expect(spans.spans.map(\.from) == [[]])
    }

    @Test
    func `there are few runs, however many commits`() throws {
        let directory = try TemporaryDirectory()
        let log = try LogFile.create(
            number: 1,
            firstRecord: 1,
            in: LogDirectory(directory: directory.path),
            bytesKept: 1 << 20,
        )
        let arena = Arena(SlabPool())
        var layers = Layers()
        let commit = PendingCommit()
        for number in 0..<1_000 {
            commit.clear()
            let key = withUnsafeBytes(of: UInt64(number * 7919 % 1_000).bigEndian) { Array($0) }
            try key.withUnsafeBytes { key in try commit.put(1, key, key) }
            _ = try commit.keep(in: arena, from: log, at: 0, besideLarge: false) {
                layers.add($0, ordinal: $1)
            }
            #expect(layers.runs[1].count <= 10)
        }
        #expect(layers.flattened().runs[1].map(\.entries.count) == [1_000])
    }

    @Test func `a checksum of bytes as they come is that of all of them`() {
        var random = RandomSource(seed: 3)
        for count in Array(0...100) + [1_000, 70_001] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            bytes.withUnsafeBytes { bytes in
                var running = Checksum.Running(seed: 9)
                var end = 0
                while end < count {
                    end = Int.random(in: end...count, using: &random)
                    running.absorb(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
                    if Bool.random(using: &random) { break }
                }
                #expect(running.finish(bytes) == Checksum.of(bytes, seed: 9))
            }
        }
    }

    private func sum(_ text: String) -> UInt64 {
        Array(text.utf8).withUnsafeBytes { Checksum.of($0, seed: 0) }
    }
}
