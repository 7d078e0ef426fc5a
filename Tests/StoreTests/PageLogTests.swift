import CSQLite
import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// SQLite's WAL as lines of pages.
struct PageLogTests {
    /// Several megabytes, on pages that do not follow each other: many chunks, and what is written twice.
    private static let rows = 4_000
    private let directory: TemporaryDirectory
    private let path: String
    private let lock: DirectoryLock
    private let pages: SharedPages
    private let writeBack: WriteBack

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/file"
        lock = try DirectoryLock(directory: directory.path)
        pages = try SharedPages(path: path, bounds: StoreBounds())
        writeBack = WriteBack(pages.map, pages.log)
    }

    @Test
    func `another connection finds each commit whole, and so does a start after a crash`() throws {
        let (writer, reader) = (try writer(), try connection())
        for round in 1...3 {
            // With so little cache, most pages are written before the commit, and some of them again.
            try writer.execute("BEGIN")
            try writer.execute(Self.change(round))
            #expect(try Self.sum(reader) == Self.rows * (round - 1))
            let before = try copyOfFiles("before-\(round)")
            #expect(try Self.sum(opened(before)) == Self.rows * (round - 1))
            try writer.execute("COMMIT")
            #expect(try Self.sum(reader) == Self.rows * round)
            #expect(try reader.text("PRAGMA integrity_check") == "ok")
            let after = try copyOfFiles("after-\(round)")
            #expect(try Self.sum(opened(after)) == Self.rows * round)
        }
        let counts = try writer.checkpoint()
        #expect(counts.isWhole && counts.frames > 0)
        // The WAL starts over.
        try writer.execute(Self.change(4))
        #expect(try Self.sum(reader) == Self.rows * 4)
        #expect(try reader.text("PRAGMA integrity_check") == "ok")
        let copy = try copyOfFiles("last")
        #expect(try Self.sum(opened(copy)) == Self.rows * 4)
    }

    @Test
    func `what was rolled back is gone, after a crash too`() throws {
        let (writer, reader) = (try writer(), try connection())
        try writer.execute(Self.change(1))
        try writer.execute("BEGIN")
        try writer.execute(Self.change(2))
        try writer.execute("ROLLBACK")
        #expect(try Self.sum(writer) == Self.rows)
        #expect(try Self.sum(opened(copyOfFiles("rolled-back"))) == Self.rows)
        try writer.execute("DELETE FROM rows WHERE id = 1")
        #expect(try Self.sum(reader) == Self.rows - 1)
        #expect(try reader.text("PRAGMA integrity_check") == "ok")
        #expect(try Self.sum(opened(copyOfFiles("deleted"))) == Self.rows - 1)
    }

    @Test
    func `of a page that is in the file, only what was changed is logged`() throws {
        let writer = try writer()
        // SQLite has no bytes for 1 itself.
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        let change = "UPDATE rows SET round = 4 WHERE id % 8 = 0"
        try writer.execute(change)
        let frames = (pages.log.walBytes - PageLog.walHeadBytes) / PageLog.frameBytes
        #expect(frames > Self.rows / 20)
        // One row in each: its head and its number.
        #expect(try logged() < frames * 400)
        let reader = try connection()
        #expect(try Self.sum(reader) == Self.rows * 3 + Self.rows / 8)
    }

    @Test
    func `a snapshot reads its pages while others are written back`() throws {
        let (writer, reader, late) = (try writer(), try connection(), try connection())
        try writer.execute(Self.change(1))
        #expect(try writer.checkpoint().isWhole)
        try writer.execute("UPDATE rows SET round = 2 WHERE id % 3 = 0")
        try reader.execute("BEGIN")
        let sum = try Self.sum(reader)
        try writer.execute("UPDATE rows SET round = 5, filler = randomblob(800) WHERE id % 5 = 0")
        #expect(try !writer.checkpoint().isWhole)
        #expect(try Self.sum(reader) == sum)
        let newest = try Self.sum(late)
        try writer.execute("UPDATE rows SET round = 7 WHERE id % 7 = 0")
        #expect(try !writer.checkpoint().isWhole)
        #expect(try Self.sum(reader) == sum)
        #expect(try Self.sum(opened(copyOfFiles("beside"))) == Self.sum(late))
        try reader.execute("COMMIT")
        #expect(try writer.checkpoint().isWhole)
        #expect(try Self.sum(reader) == Self.sum(late))
        #expect(try Self.sum(late) != newest)
        #expect(try reader.text("PRAGMA integrity_check") == "ok")
    }

    /// The disk has some sectors of what was written back, and others as they were before.
    @Test(arguments: UInt64(1)...6)
    func `a start mends what a crash left written back in part`(seed: UInt64) throws {
        let writer = try writer()
        try writer.execute(Self.change(1))
        #expect(try writer.checkpoint().isWhole)
        let before = try bytes(of: path)
        try writer.execute("UPDATE rows SET round = 2 WHERE id % 3 = 0")
        // Some pages for the second time, and some that are new.
        try writer.execute(
            "INSERT INTO rows SELECT id + \(Self.rows), 3, filler FROM rows LIMIT 90"
        )
        try writer.execute("UPDATE rows SET round = 4 WHERE id % 41 = 0")
        let sum = try Self.sum(writer)
        let log = try bytes(of: path + "-pages")
        #expect(try writer.checkpoint().isWhole)
        let after = try bytes(of: path)
        try #require(after.count > before.count)

        var random = RandomSource(seed: seed)
        var mixed = Data()
        for start in stride(from: 0, to: after.count, by: 512) {
            let isNew = Int.random(in: 0..<10, using: &random) < seed
            let old = start < before.count ? before[start..<start + 512] : Data(count: 512)
            mixed += isNew ? after[start..<start + 512] : old
        }
        let copy = directory.path + "/mixed"
        try mixed.write(to: URL(fileURLWithPath: copy))
        try log.write(to: URL(fileURLWithPath: copy + "-pages"))
        #expect(try Self.sum(opened(copy)) == sum)
        #expect(try bytes(of: copy) == after)
    }

    @Test
    func `what is written back line by line is what SQLite would write`() throws {
        let writer = try writer()
        let reader = try connection()
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        for round in 4...8 {
            try writer.execute("UPDATE rows SET round = \(round) WHERE id % \(round) = 0")
            try writer.execute("BEGIN")
            // With so little cache it has frames in the log, of pages that are in it already too.
            try writer.execute("UPDATE rows SET round = 90, filler = zeroblob(910)")
            try writer.execute("ROLLBACK")
            if round % 2 == 0 {
                try writer.execute("UPDATE rows SET filler = zeroblob(300) WHERE id = \(round)")
            }
            let sum = try Self.sum(reader)
            // SQLite itself, in a copy.
            let copy = try copyOfFiles("copy-\(round)")
            #expect(try Self.sum(opened(copy)) == sum)
            #expect(try written(writer).isWhole)
            #expect(try bytes(of: copy) == bytes(of: path))
            #expect(try Self.sum(reader) == sum)
            #expect(try reader.text("PRAGMA integrity_check") == "ok")
        }
    }

    @Test
    func `a page that was given for another is not written`() throws {
        let writer = try writer()
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        try writer.execute("UPDATE rows SET round = 4 WHERE id % 50 = 0")
        let page = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Keyspaces.pageBytes,
            alignment: 8,
        )
        defer { page.deallocate() }
        let frame = PageLog.walHeadBytes + PageLog.frameHeadBytes
        #expect(pages.log.takeGiven(7) == .whole)
        #expect(try pages.log.readToWriteBack(page, at: frame))
        // One at a time.
        let next = frame + PageLog.frameBytes
        #expect(try !pages.log.readToWriteBack(page, at: next))
        #expect(pages.log.takeGiven(0) == nil)
        #expect(try pages.log.readToWriteBack(page, at: next))
        pages.log.endWritingBack()
        #expect(pages.log.takeGiven(7) == .whole)
    }

    @Test
    func `of a log that was cut off, the commits before are there`() throws {
        let writer = try writer()
        try writer.execute(Self.change(1))
        #expect(try writer.checkpoint().isWhole)
        let store = try bytes(of: path)
        var sums = [try Self.sum(writer): 0]
        for step in 1...5 {
            let change = "UPDATE rows SET round = round + \(step) WHERE id % \(step + 2) = 0"
            try writer.execute(change)
            sums[try Self.sum(writer)] = step
        }
        let log = try bytes(of: path + "-pages")
        let end = try logged() + PageLogHead.bytes
        var steps: Set<Int> = []
        for share in 0...24 {
            let cut = PageLogHead.bytes + (end - PageLogHead.bytes) * share / 24
            let copy = directory.path + "/cut-\(share)"
            try store.write(to: URL(fileURLWithPath: copy))
            // Behind it are blocks that were there before, or nothing.
            let rest = Data(repeating: 0xA5, count: share % 2 * 100_000)
            try (log[..<cut] + rest).write(to: URL(fileURLWithPath: copy + "-pages"))
            let sum = try Self.sum(opened(copy))
            let step = try #require(sums[sum])
            steps.insert(step)
            // A second start finds the same.
            #expect(try Self.sum(opened(copy)) == sum)
        }
        #expect(steps.contains(0) && steps.contains(5) && steps.count >= 4)
    }

    @Test
    func `damage before later commits stops a start`() throws {
        let writer = try writer()
        for step in 1...6 { try writer.execute(Self.change(step)) }
        var log = try bytes(of: path + "-pages")
        log[PageLogHead.bytes + 5_000] ^= 1
        let copy = try copyOfFiles("damaged")
        try log.write(to: URL(fileURLWithPath: copy + "-pages"))
        let error = #expect(throws: StoreError.self) { try opened(copy) }
        #expect(error?.message.contains("a later one is there") == true)
        log[8] ^= 1
        try log.write(to: URL(fileURLWithPath: copy + "-pages"))
        #expect(throws: StoreError.self) { try opened(copy) }
    }

    @Test
    func `what is in the file is not put there again`() throws {
        do {
            let writer = try writer()
            try writer.execute(Self.change(1))
            let counts = try writer.checkpoint()
            #expect(counts.isWhole)
            try pages.log.allWritten()
            let copy = try copyOfFiles("written")
            try (bytes(of: copy).dropLast(1)).write(to: URL(fileURLWithPath: copy))
            let length = try bytes(of: copy).count
            try PageLogReplay.run(log: copy + "-pages", store: copy)
            #expect(try bytes(of: copy).count == length)
            // What comes behind it is.
            try writer.execute("UPDATE rows SET round = 2 WHERE id = 7")
            #expect(try Self.sum(opened(copyOfFiles("more"))) == Self.rows + 1)
        }
        // The last connection takes the WAL away.
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        #expect(pages.log.walBytes == 0)
        let copy = try copyOfFiles("closed")
        let store = try bytes(of: copy)
        try FileManager.default.removeItem(atPath: copy + "-pages")
        #expect(try Self.sum(opened(copy)) == Self.rows + 1)
        #expect(try bytes(of: copy) == store)
    }

    @Test
    func `what a WAL of SQLite's own has is brought in first`() throws {
        let copy = directory.path + "/plain"
        var plain: OpaquePointer?
        try #require(sqlite3_open(copy, &plain) == SQLITE_OK)
        sqlite3_exec(plain, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL", nil, nil, nil)
        sqlite3_exec(plain, "CREATE TABLE rows (id INTEGER PRIMARY KEY, round)", nil, nil, nil)
        sqlite3_exec(plain, "INSERT INTO rows VALUES (1, 40), (2, 2)", nil, nil, nil)
        let crashed = directory.path + "/crashed"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: copy + suffix, toPath: crashed + suffix)
        }
        sqlite3_close(plain)
        #expect(try Self.sum(opened(crashed)) == 42)
    }

    // MARK: Means

    private static func change(_ round: Int) -> String {
        // Every row, in an order in which they do not lie.
        """
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows - 1))
        INSERT OR REPLACE INTO rows
        SELECT i * 1237 % \(rows), \(round), randomblob(900) FROM n
        """
    }

    private static func sum(_ connection: Connection) throws -> Int {
        try connection.number("SELECT total(round) FROM rows")
    }

    private func writer() throws -> Connection {
        let writer = try connection()
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
        try writer.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, round, filler)")
        return writer
    }

    private func connection() throws -> Connection {
        try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages, writeBack: writeBack)
    }

    private func written(_ writer: Connection) throws -> CheckpointCounts {
        try writeBack.run(on: writer) { _ in }
    }

    /// A store after a start, which is checked.
    @discardableResult
    private func opened(_ path: String) throws -> Connection {
        let pages = try SharedPages(path: path, bounds: StoreBounds())
        let connection = try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages)
        #expect(try connection.text("PRAGMA integrity_check") == "ok")
        return connection
    }

    private func bytes(of path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// How many bytes the log has of the present cycle.
    private func logged() throws -> Int {
        let file = try Descriptor(path + "-pages", O_RDONLY)
        let head = try #require(try PageLogHead(of: file))
        var end = head.start
        var bytes = [UInt8](repeating: 0, count: LogRecord.headBytes)
        while try file.length >= end + bytes.count {
            try bytes.withUnsafeMutableBytes { try file.read($0, at: end) }
            let record = bytes.withUnsafeBytes { LogRecord.head($0, salt: head.salt) }
            guard let record else { break }
            end += LogRecord.headBytes + record.bodyBytes
        }
        return end - head.start
    }

    /// What a crash of the process would leave.
    private func copyOfFiles(_ name: String) throws -> String {
        let copy = directory.path + "/" + name
        for suffix in ["", "-pages"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return copy
    }
}
