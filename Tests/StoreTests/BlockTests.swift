import CSQLite
import Engine
import Testing

@testable import SQLiteStore

/// Blocks of pairs and their directory, written by a connection of their own.
struct BlockTests {
    private let directory: TemporaryDirectory
    private let connection: Connection
    private let writer: BlockWriter

    init() throws {
        directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        connection = try Connection(
            path,
            lock: DirectoryLock(directory: directory.path),
            cacheKibibytes: 1_024,
            pages: SharedPages(path: path, bounds: StoreBounds()),
        )
        try connection.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        for sql in Keyspaces.creation(.items) { try connection.execute(sql) }
        writer = BlockWriter(connection)
    }

    @Test(arguments: UInt64(1)...12)
    func `blocks hold what was written, whatever comes and goes`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        var expected: [[UInt8]: [UInt8]] = [:]
        for round in 0..<60 {
            if Int.random(in: 0..<8, using: &random) == 0 {
                let from = Self.key(&random)
                let to = Bool.random(using: &random) ? Self.key(&random) : nil
                if let to, !from.lexicographicallyPrecedes(to) { continue }
                try writer.delete(KeySpans.Span(from: from, to: to), of: .items)
                expected = expected.filter { key, _ in
                    key.lexicographicallyPrecedes(from)
                        || to.map { !key.lexicographicallyPrecedes($0) } ?? false
                }
            } else {
                // At first mostly puts, later mostly deletes.
                var part: [[UInt8]: [UInt8]?] = [:]
                for _ in 0..<Int.random(in: 1...80, using: &random) {
                    let isPut = Int.random(in: 0..<60, using: &random) > round
                    part[Self.key(&random)] = isPut ? Self.value(&random) : .some(nil)
                }
                try write(part)
                for (key, value) in part { expected[key] = value }
            }
            try check(expected)
            try ask(expected, &random)
        }
    }

    @Test
    func `blocks are three quarters full where keys come in no order`() throws {
        var random = RandomSource(seed: 1)
        for _ in 0..<150 {
            var part: [[UInt8]: [UInt8]?] = [:]
            for _ in 0..<40 {
                let number = UInt64.random(in: 0..<(.max), using: &random)
                part[withUnsafeBytes(of: number) { Array($0) }] = Array(repeating: 1, count: 580)
            }
            try write(part)
        }
        let counts = try blocks().map(\.pairs.count)
        #expect(counts.reduce(0, +) == 6_000)
        // 13 have room.
        #expect(counts.allSatisfy { $0 >= 8 })
        #expect(counts.count * 13 * 3 / 4 <= 6_000)
    }

    @Test
    func `blocks go when deletes leave them with little`() throws {
        let keys = (UInt16(0)..<2_000).map { number in
            withUnsafeBytes(of: number.bigEndian) { Array($0) }
        }
        try write(
            Dictionary(uniqueKeysWithValues: keys.map { ($0, Array(repeating: 7, count: 500)) })
        )
        #expect(try blocks().count > 120)
        try write(
            Dictionary(
                uniqueKeysWithValues: keys.enumerated().filter { $0.offset % 50 != 0 }.map {
                    ($0.element, nil)
                }
            )
        )
        #expect(try blocks().count < 12)
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) }))
        let last = try blocks()
        #expect(last.count == 1 && last[0].pairs.isEmpty && last[0].key.isEmpty)
    }

    @Test
    func `pairs are cut into as few blocks as will do, of like size`() {
        func cut(_ sizes: [Int]) -> [Int] {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
            defer { bytes.deallocate() }
            let head = Block.placeBytes + Block.pairHeadBytes
            let entries = sizes.map { size in
                Entry(
                    key: UnsafeRawPointer(bytes.baseAddress!),
                    keyCount: 8,
                    valueCount: Int32(size - head - 8)
                )
            }
            return BlockSplit.blocks(of: entries).map(\.count)
        }
        #expect(cut([]) == [])
        #expect(cut([100]) == [1])
        #expect(cut(Array(repeating: Block.room / 4, count: 4)) == [4])
        #expect(cut(Array(repeating: Block.room / 4, count: 5)) == [3, 2])
        // Thirteen find room: forty are not three blocks and one of a single pair.
        #expect(cut(Array(repeating: 608, count: 40)) == [10, 10, 10, 10])
        #expect(cut([100, 400_000, 100]) == [1, 1, 1])
        #expect(cut([Block.room, 20]) == [1, 1])
    }

    @Test(arguments: [
        ("a", "b", "b"), ("", "x", "x"), ("abc", "abd", "abd"), ("abc", "abcd", "abcd"),
        ("a1", "b234", "b"), ("same-1", "same-345", "same-3"),
    ])
    func `the key between two is the shortest`(left: String, right: String, key: String) {
        Array(left.utf8).withUnsafeBytes { left in
            Array(right.utf8).withUnsafeBytes { right in
                let found = BlockSplit.key(between: Entry(left), and: Entry(right))
                #expect(found == Array(key.utf8))
            }
        }
    }

    @Test(arguments: UInt64(1)...200)
    func `a damaged block is an error`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        try write([[1]: [2, 3], [4]: Array(repeating: 5, count: 300), [6, 7]: []])
        var bytes = try #require(try blocks().first).bytes
        let count = Int.random(in: 0...bytes.count, using: &random)
        bytes.removeLast(Bool.random(using: &random) ? count : 0)
        for _ in 0..<3 where !bytes.isEmpty {
            let place = Int.random(in: 0..<min(40, bytes.count), using: &random)
            bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
        bytes.withUnsafeBytes { bytes in
            // An error, or bytes that are all there.
            guard let block = try? Block(bytes) else { return }
            for place in 0..<block.count {
                guard let entry = try? block.entry(place) else { continue }
                #expect(entry.keyBytes.count + entry.valueBytes.count <= bytes.count)
                _ = entry.keyBytes.reduce(0, ^) ^ entry.valueBytes.reduce(0, ^)
            }
            _ = [UInt8(1), 4].withUnsafeBytes { key in try? block.find(Entry(key)) }
        }
    }

    // MARK: What is there

    private struct Stored {
        let key: [UInt8]
        let bytes: [UInt8]
        let pairs: [Pair]
    }

    /// The blocks in the directory's order.
    private func blocks() throws -> [Stored] {
        let select = try Statement(
            """
            SELECT key, block FROM items_directory AS d JOIN items_blocks AS b \
            ON b.number = d.number ORDER BY key
            """,
            on: connection
        )
        var blocks: [Stored] = []
        while try select.step() {
            let block = try Block(select.column(1))
            let pairs = try (0..<block.count).map { place in
                let entry = try block.entry(place)
                return Pair(key: Array(entry.keyBytes), value: Array(entry.valueBytes))
            }
            let key = Array(select.column(0))
            blocks.append(Stored(key: key, bytes: Array(select.column(1)), pairs: pairs))
        }
        return blocks
    }

    private func check(_ expected: [[UInt8]: [UInt8]]) throws {
        let blocks = try blocks()
        #expect(try connection.number("SELECT count(*) FROM items_blocks") == blocks.count)
        #expect(try connection.number("SELECT count(*) FROM items_directory") == blocks.count)
        #expect(blocks.first?.key == [])
        for (block, next) in zip(blocks, blocks.dropFirst().map(\.key) + [nil]) {
            #expect(block.pairs.allSatisfy { !$0.key.lexicographicallyPrecedes(block.key) })
            if let next {
                #expect(block.pairs.allSatisfy { $0.key.lexicographicallyPrecedes(next) })
            }
            #expect(block.bytes.count == Block.bytesCount || block.pairs.count == 1)
        }
        let pairs = expected.map { Pair(key: $0, value: $1) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        #expect(blocks.flatMap(\.pairs) == pairs)
    }

    private func ask(_ expected: [[UInt8]: [UInt8]], _ random: inout RandomSource) throws {
        let view = ConnectionView(connection: connection, files: [:])
        let key = Self.key(&random)
        #expect(try view.get(.items, key) == expected[key])
        #expect(try view.looked(.items, key) == expected[key])
        let to = Bool.random(using: &random) ? Self.key(&random) : nil
        let inside = expected.map { Pair(key: $0, value: $1) }
            .filter { pair in
                !pair.key.lexicographicallyPrecedes(key)
                    && to.map { pair.key.lexicographicallyPrecedes($0) } ?? true
            }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        #expect(try view.pairs(.items, from: key, to: to) == inside)
        #expect(try view.pairs(.items, from: key, to: to, reversed: true) == inside.reversed())
    }

    private func write(_ part: [[UInt8]: [UInt8]?]) throws {
        let arena = Arena(SlabPool())
        var entries: [Entry] = []
        for (key, value) in part.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let bytes = try (key + (value ?? [])).withUnsafeBytes { try arena.keep($0) }
            let count = value.map { Int32($0.count) } ?? Entry.deleted
            entries.append(Entry(key: bytes, keyCount: key.count, valueCount: count))
        }
        try withExtendedLifetime(arena) { try writer.write(entries[...], of: .items) }
    }

    private static func key(_ random: inout RandomSource) -> [UInt8] {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: []
        case 1: Array(repeating: 0xFF, count: Int.random(in: 1...4, using: &random))
        case 2: Array(repeating: 0x61, count: Int.random(in: 1...3_000, using: &random))
        default: Array("item-\(Int.random(in: 0..<900, using: &random))".utf8)
        }
    }

    private static func value(_ random: inout RandomSource) -> [UInt8] {
        let byte = UInt8.random(in: 0...255, using: &random)
        let most = [0, 40, 700, 700, 700, 9_000, 100_000][Int.random(in: 0..<7, using: &random)]
        return Array(repeating: byte, count: Int.random(in: 0...most, using: &random))
    }
}
