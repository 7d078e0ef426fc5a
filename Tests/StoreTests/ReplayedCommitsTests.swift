import Engine
@testable import SQLiteStore
import Testing

/// What a start makes of the log, against what the writer had made of the same commits.
struct ReplayedCommitsTests {
    private struct Row: Equatable {
        let key: [UInt8]
        let value: [UInt8]?
    }

    private struct Whole: Equatable {
        var rows: [[Row]] = []
        var spans: [[[UInt8]?]] = []
    }

    @Test(arguments: UInt64(1)...6, [1, 2, 7, 10_000])
    func `commits become the layers that the writer had`(seed: UInt64, entriesMax: Int) throws {
        let directory = try TemporaryDirectory()
        let log = try LogFile.create(
            number: 1,
            firstRecord: 1,
            in: LogDirectory(directory: directory.path),
            bytesKept: 1 << 20,
        )
        let arena = Arena(SlabPool())
        var written = Layers()
        let isLarge = seed.isMultiple(of: 2)
        var replayed = ReplayedCommits(in: arena, besideLarge: isLarge, entriesMax: entriesMax)
        var random = RandomSource(seed: seed)
        var end = LogFile.headBytes
        for number in UInt64(1)...60 {
            let commit = PendingCommit()
            for _ in 0..<Int.random(in: 1...6, using: &random) { try operate(commit, &random) }
            let sum = Checksum.of(commit.body, seed: log.salt)
            let record = commit.sealed(number: number, checksum: sum, salt: log.salt)
            try log.write(record, at: end)
            let place = end + LogRecord.headBytes
            end += record.count
            var operations = LogOperations(commit.body)
            while let operation = operations.next() {
                let parts = operation.first.count + operation.second.count
                try replayed.add(
                    operation,
                    of: Keyspace.allCases[operation.keyspaceIndex],
                    from: log,
                    at: place + commit.body.count - operations.bytesLeft - parts,
                )
            }
            _ = try commit.keep(in: arena, from: log, at: place, besideLarge: isLarge) {
                written.add($0, ordinal: $1)
            }
        }
        replayed.finish()
        let expected = try whole(written)
        #expect(expected.rows.joined().count > 20)
        #expect(try whole(replayed.layers) == expected)
        #expect(replayed.bytes > 0)
        for layers in [written, replayed.layers] {
            #expect(areLogged(layers, .history, { $0.valueCount >= 256 }))
            #expect(areLogged(layers, .items, { isLarge && $0.valueCount >= 256 }))
        }
    }

    /// Whether the values of a keyspace are in the log where they should be, and only there.
    private func areLogged(
        _ layers: Layers,
        _ keyspace: Keyspace,
        _ shouldBe: (Entry) -> Bool
    ) -> Bool {
        layers.runs[keyspace.ordinal].allSatisfy { run in
            run.entries.allSatisfy { $0.isLogged == shouldBe($0) }
        }
    }

    /// A put with a value of either size, a delete, or a range that is gone.
    private func operate(_ commit: PendingCommit, _ random: inout RandomSource) throws {
        let keyspace = [Keyspace.items, .history].randomElement(using: &random) ?? .items
        let key = [UInt8.random(in: 0..<40, using: &random)]
        let to = [UInt8.random(in: 0..<40, using: &random)]
        try key.withUnsafeBytes { bytes in
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                try to.withUnsafeBytes {
                    try commit.deleteRange(keyspace.ordinal, from: bytes, to: $0)
                }
            case 1 where key[0] > 30:
                try commit.deleteRange(keyspace.ordinal, from: bytes, to: nil)
            case 2, 3:
                try commit.delete(keyspace.ordinal, bytes)
            default:
                let count = Bool.random(using: &random) ? 8 : 700
                let byte = UInt8.random(in: 0...255, using: &random)
                try Array(repeating: byte, count: count).withUnsafeBytes {
                    try commit.put(keyspace.ordinal, bytes, $0)
                }
            }
        }
    }

    private func whole(_ layers: Layers) throws -> Whole {
        var whole = Whole()
        for runs in layers.flattened().runs {
            whole.rows.append(
                try (runs.first?.entries ?? []).map {
                    Row(key: Array($0.keyBytes), value: try $0.value)
                }
            )
            whole.spans.append((runs.first?.spans.spans ?? []).flatMap { [$0.from, $0.to] })
        }
        return whole
    }
}
