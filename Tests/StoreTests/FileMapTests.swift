import CSQLite
import Engine
@testable import SQLiteStore
import Testing

/// Pages that are not read but handed out, and those that are not.
struct FileMapTests {
    private static let rowBytes = 1_000
    private static let bytesMax = 1 << 20

    private let directory: TemporaryDirectory
    private let path: String
    private let lock: DirectoryLock

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/file"
        lock = try DirectoryLock(directory: directory.path)
    }

    @Test
    func `a file is handed out while it grows, until it is too large`() throws {
        let pages = try pages()
        let (writer, reader) = (try writer(pages), try reader(pages))
        try put(0..<400, by: writer)
        #expect(try pagesRead(by: reader, of: 0..<400) <= 3)
        // What is in the WAL alone is read from there.
        try writer.execute("UPDATE tombstones SET value = x'07'")
        #expect(try values(by: reader, of: 0..<400) == Array(repeating: [7], count: 400))
        _ = try writer.checkpoint()
        #expect(try values(by: reader, of: 0..<400) == Array(repeating: [7], count: 400))
        try put(400..<700, by: writer)
        #expect(try pagesRead(by: reader, of: 400..<700) <= 3)
        // Beyond the bound all of it is read.
        try put(700..<2_000, by: writer)
        #expect(try pagesRead(by: reader, of: 0..<2_000) > 100)
        #expect(try values(by: reader, of: 1_990..<1_991).first?.count == Self.rowBytes)
    }

    @Test
    func `two connections share it, and it lasts as long as they do`() throws {
        try put(0..<100, by: writer(pages()))
        var pages: SharedPages? = try pages()
        let readers = try (0..<2).map { _ in try reader(#require(pages)) }
        weak let held = pages?.map
        pages = nil
        #expect(held != nil)
        for reader in readers {
            #expect(try pagesRead(by: reader, of: 0..<100) <= 3)
            #expect(try values(by: reader, of: 0..<100).allSatisfy { $0.count == Self.rowBytes })
        }
    }

    private func pages() throws -> SharedPages {
        try SharedPages(
            path: path,
            bounds: StoreBounds(mappedBytesMax: Self.bytesMax, innerPagesBytesMax: 0)
        )
    }

    private func writer(_ pages: SharedPages) throws -> Connection {
        let writer = try Connection(path, lock: lock, cacheKibibytes: 256, pages: pages)
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try writer.execute("PRAGMA journal_mode=WAL")
        try writer.execute(Keyspaces.creation(.tombstones)[0])
        return writer
    }

    private func reader(_ pages: SharedPages) throws -> Connection {
        try Connection(path, lock: lock, cacheKibibytes: 64, pages: pages, handsOut: true)
    }

    private func put(_ keys: Range<Int>, by writer: Connection) throws {
        try writer.run(.beginImmediate)
        for key in keys {
            let put = try writer.take(.put(.tombstones))
            defer { writer.giveBack(put, as: .put(.tombstones)) }
            try Self.key(key).withUnsafeBytes { key in
                try Array(repeating: UInt8(1), count: Self.rowBytes).withUnsafeBytes { value in
                    try put.run { put.bind(1, key) | put.bind(2, value) }
                }
            }
        }
        try writer.run(.commit)
        _ = try writer.checkpoint()
    }

    private func values(by reader: Connection, of keys: Range<Int>) throws -> [[UInt8]] {
        try keys.compactMap { key in
            try ConnectionView(connection: reader, files: [:]).get(.tombstones, Self.key(key))
        }
    }

    /// How many pages SQLite read for itself: page 1 and the file's last one are always read.
    private func pagesRead(by reader: Connection, of keys: Range<Int>) throws -> Int {
        var pages: Int32 = 0
        var most: Int32 = 0
        sqlite3_db_status(reader.handle, SQLITE_DBSTATUS_CACHE_MISS, &pages, &most, 1)
        // One snapshot, for which they are read once.
        try reader.run(.begin)
        #expect(try values(by: reader, of: keys).count == keys.count)
        try reader.run(.commit)
        sqlite3_db_status(reader.handle, SQLITE_DBSTATUS_CACHE_MISS, &pages, &most, 0)
        return Int(pages)
    }

    private static func key(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) }
    }
}
