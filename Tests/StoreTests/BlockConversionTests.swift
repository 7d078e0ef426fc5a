import CSQLite
import Engine
import Testing

@testable import SQLiteStore

/// Stores in which each pair has a row of its own, as format 4 had them.
struct BlockConversionTests {
    private static let pairs = 6_000

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(arguments: [0, 1, 2_500])
    func `a store of format 4 opens with what is in it, wherever one before stopped`(
        moved: Int
    ) throws {
        // As it is when a start ended while it brought pairs over.
        try makeOld { $0 < moved }
        var told: [Int] = []
        let store = try SQLiteStore.open(directory: directory.path, converting: { told.append($0) })
        #expect(told.last == Self.pairs - moved + 1)
        let expected = (0..<Self.pairs).map { Pair(key: Self.key($0), value: Self.value($0)) }
        #expect(try store.read { try $0.pairs(.items) } == expected)
        #expect(try store.read { try $0.pairs(.indexes) } == [Pair(key: [1], value: [2])])
        try store.write { try $0.delete(.items, Self.key(7)) }
        try store.close()
        #expect(try store.read { try $0.pairs(.items).count } == Self.pairs - 1)
    }

    @Test
    func `it is brought over once`() throws {
        try makeOld { _ in false }
        try SQLiteStore.open(directory: directory.path).close()
        var told: [Int] = []
        let store = try SQLiteStore.open(directory: directory.path, converting: { told.append($0) })
        #expect(told.isEmpty)
        #expect(try store.read { try $0.pairs(.items).count } == Self.pairs)
    }

    private func makeOld(isMoved: (Int) -> Bool) throws {
        do {
            let store = try SQLiteStore.open(directory: directory.path)
            try store.write { transaction in
                for number in 0..<Self.pairs where isMoved(number) {
                    try transaction.put(.items, Self.key(number), Self.value(number))
                }
            }
            try store.close()
        }
        let path = directory.path + "/store.sqlite"
        let old = try Connection(
            path,
            lock: DirectoryLock(directory: directory.path),
            cacheKibibytes: 256,
            pages: SharedPages(path: path, bounds: StoreBounds()),
        )
        for name in ["items", "indexes"] {
            try old.execute(
                """
                CREATE TABLE \(name) (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) \
                WITHOUT ROWID
                """
            )
        }
        try old.execute("INSERT INTO indexes VALUES (x'01', x'02')")
        try old.run(.beginImmediate)
        let put = try Statement("INSERT INTO items VALUES (?1, ?2)", on: old)
        for number in 0..<Self.pairs where !isMoved(number) {
            let (key, value) = (Self.key(number), Self.value(number))
            try put.run { put.bindCode(1, key) | put.bindCode(2, value) }
        }
        try old.run(.commit)
        try old.execute("PRAGMA user_version=4")
    }

    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    }

    private static func value(_ number: Int) -> [UInt8] {
        Array(repeating: UInt8(truncatingIfNeeded: number), count: 100 + number % 700)
    }
}
