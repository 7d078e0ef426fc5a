import CSQLite
import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// What is written to the WAL many pages at a time.
struct WALMethodsTests {
    /// Several megabytes, on pages that do not follow each other: many pieces, and what is written twice.
    private static let rows = 4_000
    private let directory: TemporaryDirectory
    private let path: String
    private let lock: DirectoryLock

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/file"
        lock = try DirectoryLock(directory: directory.path)
    }

    @Test
    func `another connection finds each commit whole, and so does a copy of the files`() throws {
        let (writer, reader) = (try writer(), try connection(path))
        for round in 1...3 {
            // With so little cache, most pages are written before the commit, and some of them again.
            try writer.execute("BEGIN")
            try writer.execute(Self.change(round))
            #expect(try Self.sum(reader) == Self.rows * (round - 1))
            try writer.execute("COMMIT")
            #expect(try Self.sum(reader) == Self.rows * round)
            #expect(try reader.text("PRAGMA integrity_check") == "ok")
            let copy = try copyOfFiles("copy-\(round)")
            #expect(try Self.sum(copy) == Self.rows * round)
            #expect(try copy.text("PRAGMA integrity_check") == "ok")
        }
        let counts = try writer.checkpoint()
        #expect(counts.isWhole && counts.frames > 0)
        // The WAL starts over.
        try writer.execute(Self.change(4))
        #expect(try Self.sum(reader) == Self.rows * 4)
        #expect(try reader.text("PRAGMA integrity_check") == "ok")
    }

    @Test
    func `what was rolled back is gone`() throws {
        let (writer, reader) = (try writer(), try connection(path))
        try writer.execute(Self.change(1))
        try writer.execute("BEGIN")
        try writer.execute(Self.change(2))
        try writer.execute("ROLLBACK")
        #expect(try Self.sum(writer) == Self.rows)
        try writer.execute("DELETE FROM rows WHERE id = 1")
        #expect(try Self.sum(reader) == Self.rows - 1)
        #expect(try reader.text("PRAGMA integrity_check") == "ok")
    }

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
        let writer = try connection(path)
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
        try writer.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, round, filler)")
        try writer.collectWritesToWAL()
        return writer
    }

    private func connection(_ path: String) throws -> Connection {
        let pages = try SharedPages(path: path, bounds: StoreBounds())
        return try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages)
    }

    /// What a crash of the process would leave.
    private func copyOfFiles(_ name: String) throws -> Connection {
        let copy = directory.path + "/" + name
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return try connection(copy)
    }
}
