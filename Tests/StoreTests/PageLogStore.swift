import Engine
import Foundation
@testable import SQLiteStore
import Testing

/// A table in a file of SQLite's with a page log, for the tests of that.
class PageLogStore {
    /// Several megabytes, on pages that do not follow each other: many chunks, and what is written twice.
    static let rows = 4_000
    let directory: TemporaryDirectory
    let path: String
    let lock: DirectoryLock
    let pages: SharedPages
    let writeBack: WriteBack

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/file"
        lock = try DirectoryLock(directory: directory.path)
        pages = try SharedPages(path: path, bounds: StoreBounds())
        writeBack = WriteBack(pages.map, pages.log)
    }

    static func change(_ round: Int) -> String {
        // Every row, in an order in which they do not lie.
        """
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows - 1))
        INSERT OR REPLACE INTO rows
        SELECT i * 1237 % \(rows), \(round), randomblob(900) FROM n
        """
    }

    static func sum(_ connection: Connection) throws -> Int {
        try connection.number("SELECT total(round) FROM rows")
    }

    func writer() throws -> Connection {
        let writer = try connection()
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try writer.execute("PRAGMA user_version=\(Migrations.formatWithPageLog)")
        try writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
        try writer.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, round, filler)")
        return writer
    }

    func connection() throws -> Connection {
        try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages, writeBack: writeBack)
    }

    func written(_ writer: Connection) throws -> CheckpointCounts {
        try writeBack.run(on: writer) { _ in }
    }

    /// A store after a start, which is checked.
    @discardableResult
    func opened(_ path: String) throws -> Connection {
        let pages = try SharedPages(path: path, bounds: StoreBounds())
        let connection = try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages)
        #expect(try connection.text("PRAGMA integrity_check") == "ok")
        return connection
    }

    func bytes(of path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// How many bytes the log has of the present cycle.
    func logged() throws -> Int {
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
    func copyOfFiles(_ name: String) throws -> String {
        let copy = directory.path + "/" + name
        for suffix in ["", "-pages"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return copy
    }
}
