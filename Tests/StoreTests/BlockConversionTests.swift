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
        do {
            var told: [Int] = []
            let store = try open { told.append($0) }
            #expect(told.last == Self.pairs - moved + 1)
            let expected = (0..<Self.pairs).map { Pair(key: Self.key($0), value: Self.value($0)) }
            #expect(try store.read { try $0.pairs(.items) } == expected)
            #expect(try store.read { try $0.pairs(.indexes) } == [Pair(key: [1], value: [2])])
            try store.write { try $0.delete(.items, Self.key(7)) }
            try store.close()
            #expect(try store.read { try $0.pairs(.items).count } == Self.pairs - 1)
        }
        // A program that knows rows alone is not to take it for a store of its own.
        let file = try file()
        #expect(try file.number("PRAGMA user_version") == Migrations.formatCurrent)
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('items', 'indexes')"
        #expect(try file.number(tables) == 0)
    }

    @Test
    func `it is brought over once`() throws {
        try makeOld { _ in false }
        try open().close()
        var told: [Int] = []
        let store = try open { told.append($0) }
        #expect(told.isEmpty)
        #expect(try store.read { try $0.pairs(.items).count } == Self.pairs)
    }

    private func makeOld(isMoved: (Int) -> Bool) throws {
        do {
            let store = try open()
            try store.write { transaction in
                for number in 0..<Self.pairs where isMoved(number) {
                    try transaction.put(.items, Self.key(number), Self.value(number))
                }
            }
            try store.close()
        }
        let old = try file()
        if isMoved(0) {
            // Whoever brings pairs over has the present format from the beginning.
            for keyspace in Self.inBlocks { try old.execute(Self.creation(keyspace)) }
        } else {
            try Self.takeBack(old)
            try old.execute("PRAGMA user_version=4")
        }
        try Self.put([Pair(key: [1], value: [2])], to: .indexes, in: old)
        let rest = (0..<Self.pairs).filter { !isMoved($0) }
        let pairs = rest.map { Pair(key: Self.key($0), value: Self.value($0)) }
        try Self.put(pairs, to: .items, in: old)
    }

    private static let inBlocks = Keyspace.allCases.filter(Keyspaces.isInBlocks)

    /// Undoes what format 5 adds.
    static func takeBack(_ connection: Connection) throws {
        for keyspace in inBlocks {
            let pairs = try ConnectionView(connection: connection, files: [:]).pairs(keyspace)
            try connection.execute(creation(keyspace))
            try put(pairs, to: keyspace, in: connection)
            try connection.execute("DROP TABLE \(keyspace.rawValue)_blocks")
            try connection.execute("DROP TABLE \(keyspace.rawValue)_directory")
        }
    }

    private static func creation(_ keyspace: Keyspace) -> String {
        """
        CREATE TABLE \(keyspace.rawValue) (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) \
        WITHOUT ROWID
        """
    }

    private static func put(
        _ pairs: [Pair],
        to keyspace: Keyspace,
        in connection: Connection,
    ) throws {
        try connection.run(.beginImmediate)
        let put = try Statement(
            "INSERT INTO \(keyspace.rawValue) VALUES (?1, ?2)",
            on: connection
        )
        for pair in pairs {
            try put.run { put.bindCode(1, pair.key) | put.bindCode(2, pair.value) }
        }
        try connection.run(.commit)
    }

    private func open(converting: (Int) -> Void = { _ in }) throws -> SQLiteStore {
        try SQLiteStore.open(directory: directory.path, converting: converting)
    }

    /// The file of a store that is not open.
    private func file() throws -> Connection {
        let path = directory.path + "/store.sqlite"
        return try Connection(
            path,
            lock: DirectoryLock(directory: directory.path),
            cacheKibibytes: 256,
            pages: SharedPages(path: path, bounds: StoreBounds()),
        )
    }

    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    }

    private static func value(_ number: Int) -> [UInt8] {
        let count = number % 100 == 0 ? 20_000 : 100 + number % 700
        return Array(repeating: UInt8(truncatingIfNeeded: number), count: count)
    }
}
