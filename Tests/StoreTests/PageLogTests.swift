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
    func `what was written back and not synced may be lost`() throws {
        let (writer, reader) = (try writer(), try connection())
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        let store = try bytes(of: path)
        try writer.execute("UPDATE rows SET round = 4 WHERE id % 3 = 0")
        try reader.execute("BEGIN")
        let sum = try Self.sum(reader)
        try writer.execute("UPDATE rows SET round = 5 WHERE id = 1")
        // Up to what the reader sees, and not synced.
        #expect(try !writer.checkpoint().isWhole)
        let halfway = try bytes(of: path)
        #expect(halfway != store)
        // On the same pages.
        try writer.execute("UPDATE rows SET round = 6 WHERE id % 3 = 1")
        let last = try Self.sum(writer)
        let log = try bytes(of: path + "-pages")
        for (name, bytes) in [("lost", store), ("kept", halfway)] {
            let copy = directory.path + "/" + name
            try bytes.write(to: URL(fileURLWithPath: copy))
            try log.write(to: URL(fileURLWithPath: copy + "-pages"))
            #expect(try Self.sum(opened(copy)) == last)
        }
        #expect(try Self.sum(reader) == sum)
        try reader.execute("COMMIT")
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
    func `a page without a new line is read without anything being written`() throws {
        let (writer, reader) = (try writer(), try connection())
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        // The last page of the commit, and of the chunk, is as it was.
        try writer.execute("UPDATE rows SET round = 4 WHERE id % 50 = 0")
        let frames = (pages.log.walBytes - PageLog.walHeadBytes) / PageLog.frameBytes
        let last = PageLog.walHeadBytes + (frames - 1) * PageLog.frameBytes
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: PageLog.frameBytes,
            alignment: 8,
        )
        defer { bytes.deallocate() }
        #expect(try pages.log.read(bytes, at: last) == bytes.count)
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<PageLog.frameHeadBytes])
        let page = UnsafeRawBufferPointer(rebasing: bytes[PageLog.frameHeadBytes...])
        let number = bytes.loadUnaligned(as: UInt32.self).bigEndian
        #expect(try writer.checkpoint().isWhole)
        try writer.execute("UPDATE rows SET round = 5 WHERE id = 1")
        // As the writing connection does it, with the same page in a new cycle, which is not the commit's last.
        let next = pages.log.walBytes
        try pages.log.write(head, at: next)
        try pages.log.write(page, at: next + PageLog.frameHeadBytes)
        try pages.log.sync()
        let logged = try logged()
        try pages.log.write(head, at: next + PageLog.frameBytes)
        try pages.log.write(page, at: next + PageLog.frameBytes + PageLog.frameHeadBytes)
        // Another thread reads the first of them while the second waits.
        let again = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Keyspaces.pageBytes,
            alignment: 8,
        )
        defer { again.deallocate() }
        #expect(number > 1)
        #expect(try pages.log.read(again, at: next + PageLog.frameHeadBytes) == again.count)
        #expect(again.elementsEqual(page))
        #expect(try self.logged() == logged)
        _ = reader
    }

    @Test
    func `commits whose sync was put off are there up to one, whatever the disk has of them`()
        throws
    {
        let writer = try writer()
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        let store = try bytes(of: path)
        var sums = [try Self.sum(writer)]
        pages.log.putsOffSyncs = true
        var ends: [Int] = [0]
        for step in 1...6 {
            try writer.execute("UPDATE rows SET round = \(step + 3) WHERE id % \(step + 6) = 0")
            sums.append(try Self.sum(writer))
            ends.append(try logged())
        }
        let log = try bytes(of: path + "-pages")
        for lost in 1...6 {
            let copy = directory.path + "/lost-\(lost)"
            try store.write(to: URL(fileURLWithPath: copy))
            var damaged = log
            damaged[PageLogHead.bytes + ends[lost - 1] + 100] ^= 1
            try damaged.write(to: URL(fileURLWithPath: copy + "-pages"))
            #expect(try Self.sum(opened(copy)) == sums[lost - 1])
        }
        // A sync has all of them.
        pages.log.putsOffSyncs = false
        try writer.execute("UPDATE rows SET round = 30 WHERE id = 5")
        try writer.execute("UPDATE rows SET round = 31 WHERE id = 5")
        try writer.execute("UPDATE rows SET round = 32 WHERE id = 5")
        var damaged = try bytes(of: path + "-pages")
        damaged[PageLogHead.bytes + ends[1] + 100] ^= 1
        let copy = directory.path + "/synced"
        try store.write(to: URL(fileURLWithPath: copy))
        try damaged.write(to: URL(fileURLWithPath: copy + "-pages"))
        #expect(throws: StoreError.self) { try opened(copy) }
    }

    @Test
    func `a store that is opened and not written to leaves the log as it is`() throws {
        do {
            let writer = try writer()
            try writer.execute(Self.change(3))
            try writer.execute("UPDATE rows SET round = 4 WHERE id = 3")
        }
        let log = try bytes(of: path + "-pages")
        for _ in 1...2 {
            let copy = try copyOfFiles("copy")
            #expect(try Self.sum(opened(copy)) == 3 * Self.rows + 1)
            #expect(try bytes(of: copy + "-pages") == log)
            for suffix in ["", "-pages"] {
                try FileManager.default.removeItem(atPath: copy + suffix)
            }
        }
    }

    @Test
    func `a log of another store, or of impossible numbers, is an error`() throws {
        let writer = try writer()
        try writer.execute(Self.change(3))
        #expect(try writer.checkpoint().isWhole)
        try pages.log.allWritten()
        let copy = try copyOfFiles("copy")
        func heads(_ change: (inout [UInt64]) -> Void) throws {
            var log = try bytes(of: path + "-pages")
            var words = (0..<7).map { index in
                log[index * 8..<index * 8 + 8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            }
            change(&words)
            let bytes = words[..<6].flatMap { word in withUnsafeBytes(of: word) { Array($0) } }
            let sum = bytes.withUnsafeBytes { Checksum.of($0, seed: 0) }
            log.replaceSubrange(0..<48, with: bytes)
            log.replaceSubrange(48..<56, with: withUnsafeBytes(of: sum) { Array($0) })
            try log.write(to: URL(fileURLWithPath: copy + "-pages"))
        }
        for (index, value) in [
            (1, UInt64.max), (3, .max), (3, 1 << 62), (3, 17), (4, .max), (5, 2),
        ] {
            try heads { $0[index] = value }
            #expect(throws: StoreError.self) { try opened(copy) }
        }
        // What the file system makes of a head that it did not get to.
        try Data(count: 56).write(to: URL(fileURLWithPath: copy + "-pages"))
        #expect(try Self.sum(opened(copy)) == 3 * Self.rows)
        // That is nothing that comes later.
        try (Data(count: 56) + bytes(of: path + "-pages")[56...])
            .write(to: URL(fileURLWithPath: copy + "-pages"))
        #expect(throws: StoreError.self) { try opened(copy) }

        // A store that is much smaller, and one that knows no page log.
        try writer.execute("UPDATE rows SET round = 4 WHERE id = 3")
        let log = try bytes(of: path + "-pages")
        try log.write(to: URL(fileURLWithPath: copy + "-pages"))
        try bytes(of: path)[..<65_536].write(to: URL(fileURLWithPath: copy))
        #expect(throws: StoreError.self) { try opened(copy) }
        for format in [Migrations.formatWithPageLog - 1, Migrations.formatCurrent + 1] {
            var store = try bytes(of: path)
            store[63] = UInt8(format)
            try store.write(to: URL(fileURLWithPath: copy))
            #expect(throws: StoreError.self) { try opened(copy) }
            // Nothing of it was changed.
            #expect(try bytes(of: copy) == store)
        }
    }

    @Test
    func `entries that are none, and commits that are written over, are none`() {
        func add(_ entries: [(frame: UInt32, page: UInt32, pages: UInt32)]) -> Bool {
            var frames = PageLogFrames()
            return entries.allSatisfy { entry in
                var body = [UInt8](repeating: 0, count: PageLogEntry.headBytes)
                let entry = PageLogEntry(
                    frame: entry.frame,
                    page: entry.page,
                    pagesAfterCommit: entry.pages,
                    difference: PageDifference(mask: 0),
                )
                body.withUnsafeMutableBytes { body in
                    entry.write(UnsafeRawBufferPointer(start: nil, count: 0), to: body)
                }
                return body.withUnsafeBytes { frames.add($0, at: 0) }
            }
        }
        #expect(add([(0, 2, 0), (1, 3, 3), (2, 3, 0), (2, 4, 0), (3, 3, 4)]))
        #expect(!add([(0, 0, 0)]))
        #expect(!add([(0, 2, 0), (1, 3, 3), (1, 3, 0)]))
        var frames = PageLogFrames()
        let short = [UInt8](repeating: 1, count: PageLogEntry.headBytes + 3)
        #expect(!short.withUnsafeBytes { frames.add($0, at: 0) })
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
        try writer.execute("PRAGMA user_version=\(Migrations.formatWithPageLog)")
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
