import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// SQLite's WAL as lines of pages.
final class PageLogTests: PageLogStore {
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
}
