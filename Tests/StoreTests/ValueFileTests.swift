import Engine
import Glibc
import Testing

@testable import SQLiteStore

/// Large values of some keyspaces, in files beside SQLite's.
struct ValueFileTests {
    private static let valueBytes = 2_000
    /// Three values a file.
    private let bounds = StoreBounds(valueFileBytesMax: 2 * valueBytes + 1)
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var valueFiles: [String] {
        TemporaryDirectory.files(in: directory.path).filter { $0.hasPrefix("values-") }
    }

    private static func value(_ number: UInt8) -> [UInt8] {
        Array(repeating: number, count: valueBytes)
    }

    private func open() throws -> SQLiteStore {
        try SQLiteStore.open(directory: directory.path, bounds: bounds)
    }

    /// A store with these values in `history`, all of them in files.
    private func filled(_ numbers: Range<UInt8>) throws -> SQLiteStore {
        let store = try open()
        try store.write { transaction in
            for number in numbers {
                try transaction.put(.history, [number], Self.value(number))
            }
        }
        try store.close()
        return store
    }

    private func expectHistory(_ numbers: Range<UInt8>, in reader: some StoreReader) throws {
        let expected = numbers.map { Pair(key: [$0], value: Self.value($0)) }
        #expect(try reader.pairs(.history) == expected)
        #expect(try reader.pairs(.history, reversed: true) == expected.reversed())
        for number in numbers {
            #expect(try reader.get(.history, [number]) == Self.value(number))
            #expect(try reader.looked(.history, [number]) == Self.value(number))
        }
    }

    @Test
    func `large values of history lie in files, and survive a start`() throws {
        try expectFiles(3) { _ = try filled(0..<9) }
        let store = try open()
        try store.read { try expectHistory(0..<9, in: $0) }
    }

    @Test
    func `small values, and those of other keyspaces, lie in SQLite's file`() throws {
        let store = try open()
        try store.write { transaction in
            try transaction.put(.history, [1], [1])
            try transaction.put(.items, [1], Self.value(1))
        }
        try expectFiles(0) { try store.close() }
        #expect(try store.read { try $0.get(.history, [1]) } == [1])
    }

    @Test
    func `a file goes with the last row that refers to it`() throws {
        let store = try filled(0..<9)
        // Of the first file all, of the second one row of three.
        try store.write { try $0.deleteRange(.history, from: [0], to: [4]) }
        try expectFiles(2) { try store.close() }
        try store.read { try expectHistory(4..<9, in: $0) }
        try store.write { transaction in
            try transaction.delete(.history, [4])
            try transaction.put(.history, [5], [])
        }
        try expectFiles(1) { try store.close() }
        try store.write { try $0.deleteRange(.history, from: [], to: nil) }
        try expectFiles(0) { try store.close() }
    }

    @Test
    func `a snapshot reads values whose rows were deleted since`() throws {
        let store = try filled(0..<9)
        let snapshot = try store.openSnapshot()
        try store.write { try $0.deleteRange(.history, from: [], to: nil) }
        try store.close()
        try expectHistory(0..<9, in: snapshot)
        #expect(valueFiles.count == 3)
        snapshot.close()
        // The next overlay takes the place of the last that knows of them.
        try store.write { try $0.put(.meta, [1], [1]) }
        try expectFiles(0) { try store.close() }
    }

    @Test
    func `a value that is put anew does not keep the file of the old one`() throws {
        let store = try filled(0..<3)
        try store.write { transaction in
            for number in UInt8(0)..<3 { try transaction.put(.history, [number], Self.value(7)) }
        }
        try expectFiles(1) { try store.close() }
        #expect(try store.read { try $0.pairs(.history) }.allSatisfy { $0.value == Self.value(7) })
    }

    @Test
    func `a flush that is run again leaves one copy of each value`() throws {
        let refused = StoreError(attempt: "test", code: 1, message: "refused")
        do {
            let parts = TurnCounter()
            let store = try SQLiteStore.open(
                directory: directory.path,
                bounds: StoreBounds(
                    overlayBytesMax: 8 * Self.valueBytes,
                    valueFileBytesMax: 2 * Self.valueBytes + 1,
                ),
                // Eight of them are a part.
                beforePart: { () throws(StoreError) in if parts.next() > 1 { throw refused } }
            )
            try store.write { transaction in
                for number in UInt8(0)..<9 {
                    try transaction.put(.history, [number], Self.value(number))
                }
            }
            #expect(throws: refused) { try store.close() }
            #expect(!valueFiles.isEmpty)
        }
        let store = try open()
        try store.read { try expectHistory(0..<9, in: $0) }
        try store.close()
        try store.read { try expectHistory(0..<9, in: $0) }
        try store.write { try $0.deleteRange(.history, from: [], to: nil) }
        try expectFiles(0) { try store.close() }
    }

    @Test
    func `a start takes away files that no row refers to`() throws {
        try expectFiles(1) { _ = try filled(0..<2) }
        close(Glibc.open(directory.path + "/values-0000000077", O_CREAT | O_WRONLY, 0o644))
        try expectFiles(1) {
            let store = try open()
            try store.read { try expectHistory(0..<2, in: $0) }
        }
    }

    @Test
    func `a file that is missing is refused in words`() throws {
        _ = try filled(0..<2)
        unlink(directory.path + "/" + valueFiles[0])
        let error = #expect(throws: StoreError.self) { try open() }
        #expect(error?.attempt.contains("values-0000000001") == true)
        #expect(error?.message == "the file is missing")
    }

    @Test(arguments: [0, valueBytes - 1])
    func `a damaged value is an error`(position: Int) throws {
        _ = try filled(0..<2)
        let file = Glibc.open(directory.path + "/" + valueFiles[0], O_WRONLY)
        _ = pwrite(file, [UInt8(0x55)], 1, off_t(position))
        close(file)
        let store = try open()
        #expect(throws: StoreError.self) { try store.read { try $0.get(.history, [0]) } }
        #expect(try store.read { try $0.get(.history, [1]) } == Self.value(1))
    }

    @Test
    func `a store of format 3, which had no such files, opens with what is in it`() throws {
        do {
            let store = try open()
            try store.write { try $0.put(.history, [1], [2]) }
            try store.close()
        }
        do {
            let lock = try DirectoryLock(directory: directory.path)
            let path = directory.path + "/store.sqlite"
            let pages = try SharedPages(path: path, bounds: StoreBounds())
            let old = try Connection(path, lock: lock, cacheKibibytes: 256, pages: pages)
            try BlockConversionTests.takeBack(old)
            try Self.takeBack(old)
            try old.execute("PRAGMA user_version=3")
        }
        let store = try open()
        #expect(try store.read { try $0.pairs(.history) } == [Pair(key: [1], value: [2])])
        try store.write { try $0.put(.history, [3], Self.value(3)) }
        try expectFiles(1) { try store.close() }
        #expect(try store.read { try $0.get(.history, [3]) } == Self.value(3))
    }

    /// Undoes what format 4 adds.
    static func takeBack(_ connection: Connection) throws {
        for name in ["history", "records"] {
            try connection.execute("DROP TRIGGER \(name)_INSERT")
            try connection.execute("DROP TRIGGER \(name)_DELETE")
            try connection.execute("ALTER TABLE \(name) DROP COLUMN file")
        }
        try connection.execute("DROP TABLE value_files")
    }

    private func expectFiles(_ count: Int, after body: () throws -> Void) throws {
        try body()
        #expect(valueFiles.count == count)
    }
}

/// Counts from 1.
///
/// `@unchecked Sendable`: one thread counts.
private final class TurnCounter: @unchecked Sendable {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
