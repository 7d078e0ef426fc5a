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
        // Each statement is a transaction, of which none has to last.
        try connection.execute("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF")
        for sql in Keyspaces.creation(.items) + Keyspaces.firstBlock(.items) {
            try connection.execute(sql)
        }
        writer = BlockWriter(connection)
    }

    @Test(arguments: UInt64(1)...8)
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

    /// How what is there becomes little.
    enum Shrinking: CaseIterable {
        case atOnce, ascending, descending, overwritten, ranges
    }

    @Test(arguments: Shrinking.allCases)
    func `blocks that have become small go together`(_ shrinking: Shrinking) throws {
        let keys = (UInt16(0)..<2_000).map { number in
            withUnsafeBytes(of: number.bigEndian) { Array($0) }
        }
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.bytes(500)) }))
        #expect(try blocks().count > 120)
        let kept = shrinking == .overwritten ? 1 : 50
        let going = keys.indices.filter { kept == 1 || $0 % kept != 0 }.map { keys[$0] }
        switch shrinking {
        case .atOnce: try write(Dictionary(uniqueKeysWithValues: going.map { ($0, nil) }))
        case .ascending: for key in going { try write([key: nil]) }
        case .descending: for key in going.reversed() { try write([key: nil]) }
        case .overwritten: for key in going { try write([key: Self.bytes(10)]) }
        case .ranges:
            for index in stride(from: 0, to: keys.count - 50, by: 50) {
                let span = KeySpans.Span(from: keys[index + 1], to: keys[index + 50])
                try writer.delete(span, of: .items)
            }
        }
        #expect(try blocks().count < 12)
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) }))
        let last = try blocks()
        #expect(last.count == 1 && last[0].pairs.isEmpty && last[0].key.isEmpty)
    }

    @Test
    func `keys that come in order fill blocks up`() throws {
        for number in UInt16(0)..<500 {
            try write([withUnsafeBytes(of: number.bigEndian) { Array($0) }: Self.bytes(580)])
        }
        // 13 have room.
        #expect(try blocks().count == (500 + 12) / 13)
    }

    @Test
    func `what comes behind a pair that has a block to itself shares blocks`() throws {
        try write([[0]: Self.bytes(100_000)])
        // Each is before all that have a block by then.
        for number in (UInt8(1)...255).reversed() { try write([[number]: Self.bytes(500)]) }
        #expect(try blocks().count < 40)
        // A pair that is written over takes no other block with it.
        let changes = sqlite3_total_changes(connection.handle)
        try write([[0]: Self.bytes(100_001)])
        #expect(sqlite3_total_changes(connection.handle) == changes + 1)
    }

    @Test
    func `a pair is written over where it lies, and all others stay`() throws {
        let keys = (UInt8(0)..<12).map { [$0] }
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.bytes(500)) }))
        /// How many bytes of the block another value for a key changed; nil where it was laid out anew.
        func changed(_ key: UInt8, _ count: Int, _ byte: UInt8) throws -> Int? {
            let before = try #require(try blocks().first).bytes
            let rows = sqlite3_total_changes(connection.handle)
            try write([[key]: Array(repeating: byte, count: count)])
            let after = try #require(try blocks().first)
            let value = after.pairs.first { $0.key == [key] }?.value
            #expect(value == Array(repeating: byte, count: count))
            #expect(after.pairs.map(\.key) == keys)
            guard sqlite3_total_changes(connection.handle) == rows else { return nil }
            return zip(before, after.bytes).count { $0 != $1 }
        }
        #expect(try changed(5, 500, 8) == 500)
        // Shorter, and as long as before: the length has two bytes, of which one changes.
        #expect(try changed(5, 400, 9) == 401)
        #expect(try changed(5, 500, 10) == 501)
        // Longer: it goes behind all others, where nothing was.
        #expect(try changed(5, 600, 11).map { $0 <= 600 + 6 + 1 + 2 } == true)
        #expect(try changed(5, 900, 12).map { $0 <= 900 + 2 } == true)
        // Where it was, there is room for the one before.
        #expect(try changed(4, 1_000, 13).map { $0 <= 1_000 + 2 } == true)
        #expect(try changed(4, 1_001, 14).map { $0 <= 1_001 + 2 } == true)
        // Nor is there room behind all others now.
        #expect(try changed(3, 1_600, 15) == nil)
        #expect(try blocks().count == 1)
        // The gaps are gone.
        let block = try #require(try blocks().first)
        let taken = block.pairs.reduce(0) { $0 + $1.key.count + $1.value.count + 8 }
        #expect(block.bytes[(Block.headBytes + taken)...].allSatisfy { $0 == 0 })
    }

    @Test
    func `pairs of several blocks are written over in one go, new ones among them`() throws {
        let keys = (UInt8(0)..<200).map { [$0] }
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.bytes(500)) }))
        let count = try blocks().count
        for step in [1, 4, 7, 13, 40] {
            var part: [[UInt8]: [UInt8]?] = [:]
            for index in stride(from: 0, to: 200, by: step) {
                part[keys[index]] = Array(repeating: UInt8(step), count: 500)
            }
            let rows = sqlite3_total_changes(connection.handle)
            try write(part)
            let isInPlace = sqlite3_total_changes(connection.handle) == rows
            #expect(isInPlace == (step > 4))
            let pairs = try blocks().flatMap(\.pairs)
            #expect(pairs.map(\.key) == keys)
            for (key, value) in part { #expect(pairs.contains(Pair(key: key, value: value!))) }
        }
        #expect(try blocks().count == count)
        // Behind a block's last pair, and before its first.
        let before = try blocks()
        let (last, first) = (
            try #require(before[1].pairs.last), try #require(before[2].pairs.first)
        )
        try write([last.key: [1], last.key + [0]: [2], first.key: [3]])
        let pairs = try blocks().flatMap(\.pairs)
        #expect(pairs.count == 201)
        #expect(pairs.contains(Pair(key: last.key + [0], value: [2])))
        #expect(pairs.contains(Pair(key: first.key, value: [3])))
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
        // Of like size they would be four.
        #expect(cut([34, 66, 34, 66, 50].map { $0 * Block.room / 100 }) == [2, 2, 1])
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

    @Test
    func `what a block cannot be is an error`() throws {
        let pair: [UInt8] = [1, 0, 2, 0, 0, 0, 7, 8, 9]
        #expect(throws: Never.self) { try Self.pairs([1, 0, 4, 0] + pair) }
        let damaged: [[UInt8]] = [
            [], [1], [1, 0], [2, 0, 4, 0], [1, 0, 5, 0] + pair, [1, 0, 4, 0] + pair.dropLast(),
            [1, 0, 255, 255] + pair, [1, 0, 4, 0, 1, 0, 255, 255, 255, 255, 7, 8, 9],
            [2, 0, 6, 0, 6, 0] + pair + Array(repeating: 0, count: Block.bytesCount),
        ]
        for bytes in damaged {
            #expect(throws: StoreError.self) { try Self.pairs(bytes) }
        }
        // A block that is missing is no block without pairs.
        try write([[1]: [2]])
        try connection.execute("DELETE FROM items_blocks")
        let view = ConnectionView(connection: connection, files: [:])
        #expect(throws: StoreError.self) { try view.get(.items, [1]) }
        #expect(throws: StoreError.self) { try view.pairs(.items) }
        #expect(throws: StoreError.self) { try view.pairs(.items, reversed: true) }
        #expect(throws: StoreError.self) { try write([[1]: [3]]) }
        // Nor is a keyspace without its first block one without pairs.
        try connection.execute("DELETE FROM items_directory")
        #expect(throws: StoreError.self) { try view.pairs(.items) }
        #expect(throws: StoreError.self) { try view.pairs(.items, to: [2], reversed: true) }
        #expect(throws: Never.self) { try view.pairs(.items, from: [2], to: [2]) }
    }

    @Test
    func `a damaged key is not spread to the directory`() throws {
        let keys = (UInt8(10)..<50).map { [$0] }
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.bytes(500)) }))
        let before = try blocks().map(\.key)
        #expect(before.count == 3)
        var bytes = try blocks()[1].bytes
        bytes[Block.headBytes + Block.placeBytes * 16 + Block.pairHeadBytes] = 1
        let update = try Statement(
            """
            UPDATE items_blocks SET block = ?1 WHERE number = \
            (SELECT number FROM items_directory WHERE key = ?2)
            """,
            on: connection
        )
        try update.run { update.bindCode(1, bytes) | update.bindCode(2, before[1]) }
        // The first block overflows, and would be laid out anew with that one.
        #expect(throws: StoreError.self) { try write([[11, 1]: Self.bytes(500)]) }
        let after = try Statement("SELECT key FROM items_directory ORDER BY key", on: connection)
        for key in before {
            #expect(try after.step())
            #expect(Array(after.column(0)) == key)
        }
    }

    @Test(arguments: UInt64(1)...80)
    func `whatever is damaged, reading and writing come to an end`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let keys = (0..<40).map { Array("key-\($0 + 10)".utf8) }
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.bytes(500)) }))
        let select = try Statement("SELECT number, block FROM items_blocks", on: connection)
        var stored: [(number: UInt64, bytes: [UInt8])] = []
        while try select.step() {
            stored.append((try #require(select.number(0)), Array(select.column(1))))
        }
        select.reset()
        for (number, var bytes) in stored {
            // Where the pairs' places, sizes and keys are.
            for _ in 0..<3 {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[Bool.random(using: &random) ? place : place % 40] = .random(
                    in: 0...255,
                    using: &random
                )
            }
            let update = try Statement(
                "UPDATE items_blocks SET block = ?2 WHERE number = ?1",
                on: connection
            )
            try update.run { update.bind(1, number) | update.bindCode(2, bytes) }
        }
        let view = ConnectionView(connection: connection, files: [:])
        for isReversed in [false, true] {
            _ = try? view.pairs(.items, reversed: isReversed)
            // As an overlay that deleted stretches has it.
            try? skipEach(view, keys, isReversed: isReversed)
        }
        for key in keys { _ = try? view.get(.items, key) }
        try? write([keys[3]: [1], keys[20]: nil, keys[39]: Self.bytes(9_000)])
        try? writer.delete(KeySpans.Span(from: keys[5], to: keys[30]), of: .items)
    }

    @Test
    func `a walk that skips stretches does not come by a damaged key again and again`() throws {
        let keys = (UInt8(10)..<60).map { [$0] }
        try write(Dictionary(uniqueKeysWithValues: keys.map { ($0, Self.bytes(500)) }))
        var bytes = try #require(try blocks().last).bytes
        // Of the last pair, its head of six bytes and its key.
        let pair = bytes.indices.first { bytes[$0...].starts(with: [1, 0, 244, 1, 0, 0, 59]) }
        bytes[try #require(pair) + 6] = 14
        let update = try Statement(
            """
            UPDATE items_blocks SET block = ?1 WHERE number = \
            (SELECT number FROM items_directory ORDER BY key DESC LIMIT 1)
            """,
            on: connection
        )
        try update.run { update.bindCode(1, bytes) }
        let view = ConnectionView(connection: connection, files: [:])
        #expect(throws: StoreError.self) { try view.pairs(.items) }
        let skipped = [[UInt8(14)], [15], [16]]
        #expect(throws: StoreError.self) { try skipEach(view, skipped, isReversed: false) }
        // It is where this one begins.
        try skipEach(view, skipped, isReversed: true)
        #expect(throws: StoreError.self) { try write([[58]: [1]]) }
    }

    private func skipEach(_ view: ConnectionView, _ keys: [[UInt8]], isReversed: Bool) throws {
        var spans = KeySpans()
        for index in stride(from: 0, to: keys.count - 1, by: 4) {
            spans.insert(from: keys[index], to: keys[index + 1])
        }
        var cursor = try FileCursor(.items, in: view, from: [], to: nil, reversed: isReversed)
        var moves = 0
        while let current = cursor.current {
            moves += 1
            try #require(moves < 1_000)
            if let span = spans.span(covering: current) {
                try cursor.skip(span)
            } else {
                try cursor.advance()
            }
        }
    }

    private static func pairs(_ bytes: [UInt8]) throws -> [Pair] {
        try bytes.withUnsafeBytes { bytes in
            let block = try Block(bytes, of: .items)
            return try (0..<block.count).map { ordinal in
                let pair = try block.entry(ordinal)
                return Pair(key: Array(pair.keyBytes), value: Array(pair.valueBytes))
            }
        }
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        Array(repeating: 7, count: count)
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
            let bytes = Array(select.column(1))
            let key = Array(select.column(0))
            blocks.append(Stored(key: key, bytes: bytes, pairs: try Self.pairs(bytes)))
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
        let most = [0, 40, 700, 700, 700, 700, 700, 9_000, 30_000][
            Int.random(in: 0..<9, using: &random)
        ]
        return Array(repeating: byte, count: Int.random(in: 0...most, using: &random))
    }
}
