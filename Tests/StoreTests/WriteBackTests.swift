import CSQLite
import Engine
import Foundation
import Synchronization
import Testing

@testable import SQLiteStore

/// Pages on their way back from SQLite's WAL to its file.
struct WriteBackTests {
    private static let value = [UInt8](repeating: 7, count: 900)

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test
    func `pages are written back in the midst of a flush, and the WAL starts over`() throws {
        do {
            let store = try open(writeBackPages: 40, overlayBytesMax: 450_000)
            try put(0..<4_000, step: 1, to: store)
            try store.close()
            #expect(store.pagesToWriteBack == 0)
        }
        let store = try open(writeBackPages: 40, overlayBytesMax: 450_000)
        // One flush, of the first of each ten items, which have some four hundred pages.
        try put(0..<4_000, step: 10, to: store)
        try store.close()
        #expect(store.pagesToWriteBack == 0)
        #expect(try logBytes() > 0)
        #expect(try logBytes() < 240 * Keyspaces.pageBytes)
        #expect(try integrity() == "ok")
    }

    @Test
    func `what a snapshot stands in the way of is written back when it is gone`() throws {
        let store = try open(writeBackPages: 40)
        try put(0..<1_000, step: 1, to: store)
        try store.close()
        let snapshot = try store.openSnapshot()
        let before = try snapshot.everything()
        try put(0..<1_000, step: 3, to: store)
        try store.write { try $0.delete(.items, [0, 1]) }
        try store.close()
        #expect(store.pagesToWriteBack > 0)
        #expect(try snapshot.everything() == before)
        snapshot.close()
        #expect(eventually { store.pagesToWriteBack == 0 })
        #expect(try store.read { try $0.pairs(.items).count } == 999)
        #expect(try integrity() == "ok")
    }

    @Test(arguments: [1, 2, 5, 10, 15, 20, 40, 60])
    func `a crash between two parts loses nothing, however much is written back`(
        part: Int
    ) throws {
        do {
            let store = try open(writeBackPages: 30)
            try put(0..<600, step: 1, to: store)
            try store.close()
        }
        let gate = TurnGate(turn: part)
        let store = try open(writeBackPages: 30) { gate.pass() }
        // The second half begins the flush of the first, of which each item is a part.
        try put(0..<600, step: 5, to: store)
        try put(0..<600, step: 7, to: store)
        defer { gate.open() }
        gate.awaitTurn()
        let expected = try store.read { try $0.everything() }
        let copy = try copy()
        let opened = try SQLiteStore.open(directory: copy)
        #expect(try opened.read { try $0.everything() } == expected)
        // What the crash left in the page log is in the file by now.
        #expect(opened.pagesToWriteBack == 0)
        #expect(
            try PageLogHead(of: Descriptor(copy + "/store.sqlite-pages", O_RDONLY))?.isClosed
                == true
        )
        try opened.close()
        #expect(try opened.read { try $0.everything() } == expected)
    }

    @Test
    func `rests are taken between pieces, and none outside of a checkpoint`() throws {
        let path = directory.path + "/file"
        let lock = try DirectoryLock(directory: directory.path)
        let pages = try SharedPages(path: path, bounds: StoreBounds())
        let writeBack = WriteBack(pages.map, pages.log)
        let writer = try Connection(
            path,
            lock: lock,
            cacheKibibytes: 64,
            pages: pages,
            writeBack: writeBack
        )
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        // Not in a WAL, pages go to the file at once: that is no piece of anything.
        try writer.execute(Keyspaces.creation(.tombstones)[0])
        try writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
        try writer.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
            INSERT INTO tombstones SELECT CAST(i AS BLOB), randomblob(900) FROM n
            """
        )
        let rests = Rests()
        let counts = try writeBack.run(on: writer) { rests.pages.append($0) }
        #expect(counts.isWhole)
        #expect(counts.frames > 120)
        try #require(!rests.pages.isEmpty)
        #expect(rests.pages == (1...rests.pages.count).map { $0 * 12 })
        #expect(rests.pages.count >= 120 / 12)
        let again = try writeBack.run(on: writer) { _ in Issue.record("nothing is left") }
        #expect(again.isWhole)
    }

    @Test(arguments: [true, false])
    func `an overlay is smaller beside a file that is not mapped`(isLarge: Bool) throws {
        let parts = Parts()
        let store = try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayBytesMax: 100_000, mappedBytesMax: isLarge ? 1 : 1 << 20),
            beforePart: { () throws(StoreError) in parts.count.add(1, ordering: .relaxed) },
        )
        // Between five eighths of the bound and all of it, of values that are not left in the log.
        for number in UInt16(0)..<320 {
            let key = [UInt8(number >> 8), UInt8(number & 255)]
            try store.write { try $0.put(.items, key, Array(Self.value.prefix(200))) }
        }
        if isLarge {
            #expect(eventually { parts.count.load(ordering: .relaxed) > 0 })
        } else {
            #expect(parts.count.load(ordering: .relaxed) == 0)
        }
    }

    @Test
    func `a checkpoint that did not come to look is none`() {
        #expect(!CheckpointCounts(frames: -1, written: -1).isWhole)
        #expect(!CheckpointCounts(frames: 3, written: 2).isWhole)
        #expect(CheckpointCounts(frames: 3, written: 3).isWhole)
        #expect(CheckpointCounts(frames: 0, written: 0).isWhole)
    }

    @Test
    func `pages wait from their commit on, until the WAL is in the file or starts over`() {
        let log = WriteAheadLog()
        #expect(log.pagesToWriteBack == 0)
        log.checked(CheckpointCounts(frames: -1, written: -1))
        #expect(log.pagesToWriteBack == 0)
        log.checked(CheckpointCounts(frames: 0, written: 0))
        #expect(log.pagesToWriteBack == 0)
        log.committed(pages: 50)
        log.committed(pages: 80)
        #expect(log.pagesToWriteBack == 80)
        log.checked(CheckpointCounts(frames: 80, written: 30))
        #expect(log.pagesToWriteBack == 50)
        log.committed(pages: 90)
        #expect(log.pagesToWriteBack == 60)
        log.checked(CheckpointCounts(frames: 90, written: 90))
        #expect(log.pagesToWriteBack == 0)
        // A reader keeps it from starting over, and then does not any more.
        log.committed(pages: 100)
        #expect(log.pagesToWriteBack == 10)
        log.committed(pages: 7)
        #expect(log.pagesToWriteBack == 7)
    }

    // MARK: Means

    private final class Parts: Sendable {
        let count = Atomic<Int>(0)
    }

    private final class Rests {
        var pages: [Int] = []
    }

    private func open(
        writeBackPages: Int,
        overlayBytesMax: Int = 100_000,
        beforePart: @escaping @Sendable () -> Void = {},
    ) throws -> SQLiteStore {
        try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(
                overlayBytesMax: overlayBytesMax,
                writeBackPages: writeBackPages,
            ),
            beforePart: { () throws(StoreError) in beforePart() },
        )
    }

    /// Some keys of a range, twenty to a commit.
    private func put(_ keys: Range<Int>, step: Int, to store: SQLiteStore) throws {
        let wanted = Array(stride(from: keys.lowerBound, to: keys.upperBound, by: step))
        for start in stride(from: 0, to: wanted.count, by: 20) {
            try store.write { transaction in
                for key in wanted[start..<min(start + 20, wanted.count)] {
                    let bytes = [UInt8(key / 256), UInt8(key % 256)]
                    try transaction.put(.items, bytes, Self.value + [UInt8(step)])
                }
            }
        }
    }

    private func logBytes() throws -> Int {
        let path = directory.path + "/store.sqlite-pages"
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size]
        return try #require(size as? Int)
    }

    /// What SQLite says of the file, over a connection that knows nothing of ours.
    private func integrity() throws -> String {
        var handle: OpaquePointer?
        let path = directory.path + "/store.sqlite"
        try #require(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
        defer { sqlite3_close(handle) }
        var statement: OpaquePointer?
        sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        try #require(sqlite3_step(statement) == SQLITE_ROW)
        return String(cString: sqlite3_column_text(statement, 0))
    }

    /// The files as they are at this moment, in a directory of their own.
    private func copy() throws -> String {
        let copy = directory.path + "/copy"
        let files = FileManager.default
        try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in TemporaryDirectory.files(in: directory.path)
        where !["copy", "LOCK", "log-made"].contains(name) && !name.hasSuffix("-shm") {
            try files.copyItem(atPath: directory.path + "/" + name, toPath: copy + "/" + name)
        }
        return copy
    }
}
