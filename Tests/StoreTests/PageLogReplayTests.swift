import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// What a start makes of a page log that a crash left.
final class PageLogReplayTests: PageLogStore {
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
}
