import CSQLite
import Engine
import Foundation
import Glibc
import Testing

@testable import SQLiteStore

struct SQLiteStoreTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test
    func `missing directories are made`() throws {
        let store = try SQLiteStore.open(directory: directory.path + "/deep/er")
        try store.write { try $0.put(.meta, [1], [2]) }
        let stored = try store.read { try $0.get(.meta, [1]) }
        #expect(stored == [2])
    }

    @Test
    func `a second open is refused while the first store lives`() throws {
        var first: SQLiteStore? = try SQLiteStore.open(directory: directory.path)
        try first?.write { try $0.put(.meta, [1], [2]) }
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore.open(directory: directory.path)
        }
        #expect(error?.message.contains("in use by another process (process \(getpid()))") == true)
        // A reader keeps the directory too.
        var reader = try first?.makeReader()
        first = nil
        #expect(throws: StoreError.self) { try SQLiteStore.open(directory: directory.path) }
        _ = try reader?.read { try $0.get(.meta, [1]) }
        reader = nil
        let second = try SQLiteStore.open(directory: directory.path)
        let stored = try second.read { try $0.get(.meta, [1]) }
        #expect(stored == [2])
    }

    @Test
    func `a path that is a file is refused`() throws {
        let path = directory.path + "/LOCK"
        close(open(path, O_CREAT | O_WRONLY, 0o644))
        let error = #expect(throws: StoreError.self) { try SQLiteStore.open(directory: path) }
        #expect(error?.code == Int(ENOTDIR))
    }

    @Test
    func `a file of a newer format is refused in words`() throws {
        _ = try SQLiteStore.open(directory: directory.path)
        // The format is the big-endian number at offset 60 of the file.
        try patch(at: 60, with: [0, 0, 0, 9])
        let error = #expect(throws: StoreError.self) {
            try SQLiteStore.open(directory: directory.path)
        }
        #expect(error?.message.contains("format 9") == true)
        #expect(error?.message.contains("newer program") == true)
    }

    @Test
    func `a store of format 1, which had no log, opens with what is in it`() throws {
        let path = directory.path + "/store.sqlite"
        do {
            let store = try SQLiteStore.open(directory: directory.path)
            try store.write { try $0.put(.items, [1], [2]) }
            try store.close()
        }
        do {
            let lock = try DirectoryLock(directory: directory.path)
            let pages = try SharedPages(path: path, bounds: StoreBounds())
            let old = try Connection(path, lock: lock, cacheKibibytes: 256, pages: pages)
            try old.execute("DROP TABLE flushed")
            try BlockConversionTests.takeBack(old)
            try ValueFileTests.takeBack(old)
            try old.execute("PRAGMA user_version=1")
        }
        for name in TemporaryDirectory.files(in: directory.path) where name.hasPrefix("log-") {
            unlink(directory.path + "/" + name)
        }
        let store = try SQLiteStore.open(directory: directory.path)
        try store.write { try $0.put(.items, [3], [4]) }
        let stored = try store.read { try $0.pairs(.items) }
        #expect(stored == [Pair(key: [1], value: [2]), Pair(key: [3], value: [4])])
    }

    @Test
    func `what an older program left in a WAL of SQLite's own comes into the file`() throws {
        let path = directory.path + "/store.sqlite"
        do {
            let store = try SQLiteStore.open(directory: directory.path)
            try store.write { try $0.put(.tombstones, [1], [2]) }
            try store.close()
        }
        var old: OpaquePointer?
        try #require(sqlite3_open(path, &old) == SQLITE_OK)
        let sql = "PRAGMA user_version=5; INSERT INTO tombstones VALUES (x'05', x'06')"
        try #require(sqlite3_exec(old, sql, nil, nil, nil) == SQLITE_OK)
        let copy = directory.path + "/copy"
        let files = FileManager.default
        try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in TemporaryDirectory.files(in: directory.path)
        where !["copy", "LOCK"].contains(name) && !name.hasSuffix("-shm") {
            try files.copyItem(atPath: directory.path + "/" + name, toPath: copy + "/" + name)
        }
        sqlite3_close(old)
        let store = try SQLiteStore.open(directory: copy)
        #expect(try store.read { try $0.get(.tombstones, [5]) } == [6])
        // The file itself says that an older program must not open it any more.
        let head = try Data(contentsOf: URL(fileURLWithPath: copy + "/store.sqlite"))
        #expect(head[60..<64].elementsEqual([0, 0, 0, UInt8(Migrations.formatCurrent)]))
    }

    @Test
    func `a file of another program is refused`() throws {
        _ = try SQLiteStore.open(directory: directory.path)
        // The application is the number at offset 68.
        try patch(at: 68, with: [0, 0, 0, 1])
        #expect(throws: StoreError.self) { try SQLiteStore.open(directory: directory.path) }
    }

    @Test
    func `a file that is no database is refused`() throws {
        let file = open(directory.path + "/store.sqlite", O_CREAT | O_WRONLY, 0o644)
        let text = Array(repeating: UInt8(ascii: "x"), count: 20_000)
        _ = write(file, text, text.count)
        close(file)
        #expect(throws: StoreError.self) { try SQLiteStore.open(directory: directory.path) }
    }

    @Test
    func `large values come back whole`() throws {
        let store = try SQLiteStore.open(directory: directory.path)
        let value = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try store.write { try $0.put(.history, [1], value) }
        let stored = try store.read { try $0.get(.history, [1]) }
        #expect(stored == value)
    }

    @Test
    func `a closed snapshot answers an error`() throws {
        let store = try SQLiteStore.open(directory: directory.path)
        let snapshot = try store.openSnapshot()
        snapshot.close()
        #expect(throws: StoreError.self) { try snapshot.get(.items, [1]) }
    }

    @Test
    func `walks over one keyspace can be nested`() throws {
        let store = try SQLiteStore.open(directory: directory.path)
        try store.write { transaction in
            for number in UInt8(0)..<4 { try transaction.put(.items, [number], []) }
        }
        var pairs = 0
        try store.read { reader in
            try reader.range(.items, from: [], to: nil, reversed: false) { _, _ in
                pairs += try reader.pairs(.items).count
                return true
            }
        }
        #expect(pairs == 16)
    }

    @Test
    func `readers see whole transactions beside the writer and its flushes`() async throws {
        let store = try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayBytesMax: 100_000, writeBackPages: 30),
        )
        try store.write { transaction in
            for key in UInt8(0)..<8 { try transaction.put(.items, [key], [0]) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<300 {
                    try store.write { transaction in
                        for key in UInt8(0)..<8 {
                            let filler = Array(
                                repeating: UInt8(truncatingIfNeeded: round),
                                count: 4_000
                            )
                            try transaction.put(.items, [key], filler)
                        }
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    let reader = try store.makeReader()
                    for _ in 0..<300 {
                        let first = try reader.read { Set(try $0.pairs(.items).map(\.value)) }
                        let second = try store.read { Set(try $0.pairs(.items).map(\.value)) }
                        #expect(first.count == 1)
                        #expect(second.count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func patch(at offset: Int, with bytes: [UInt8]) throws {
        let file = open(directory.path + "/store.sqlite", O_WRONLY)
        #expect(pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count)
        close(file)
    }
}
