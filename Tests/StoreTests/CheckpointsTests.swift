import CSQLite
import Engine
import Synchronization
import Testing

@testable import SQLiteStore

/// Pages that are written back beside commits.
struct CheckpointsTests {
    private let directory: TemporaryDirectory
    private let lock: DirectoryLock
    private let path: String
    private let pages: SharedPages

    init() throws {
        directory = try TemporaryDirectory()
        lock = try DirectoryLock(directory: directory.path)
        path = directory.path + "/store.sqlite"
        pages = try SharedPages(path: path, bounds: StoreBounds())
    }

    @Test
    func `a WAL that starts over beside a checkpoint loses nothing`() throws {
        let writer = try connection()
        try writer.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try Migrations.run(on: writer, path: path)
        try writer.execute("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0")
        let checkpoints = try Checkpoints(path: path, lock: lock, pages: pages)
        for key in 0..<20 { try writer.execute(Self.insertion(key)) }
        _ = try checkpoints.run()
        for key in 20..<40 { try writer.execute(Self.insertion(key)) }
        #expect(try writer.checkpoint().isWhole)

        let hook = try UnfetchHook(on: checkpoints.connection) {
            Command(sql: Self.insertion(40), on: writer)
        }
        _ = try checkpoints.run()
        #expect(hook.calls == 1)
        hook.remove()

        try writer.execute(Self.insertion(41))
        try expectWhole(writer, rows: 42)
        #expect(try checkpoints.run().isWhole)
        try writer.execute(Self.insertion(42))
        try expectWhole(writer, rows: 43)
        try expectWhole(connection(), rows: 43)
    }

    @Test
    func `a checkpoint that did not come to look is none`() {
        #expect(!CheckpointCounts(frames: -1, written: -1).isWhole)
        #expect(!CheckpointCounts(frames: 3, written: 2).isWhole)
        #expect(CheckpointCounts(frames: 3, written: 3).isWhole)
        #expect(CheckpointCounts(frames: 0, written: 0).isWhole)
    }

    private func connection() throws -> Connection {
        try Connection(path, lock: lock, cacheKibibytes: 256, pages: pages)
    }

    /// Some pages of the tree.
    private static func insertion(_ key: Int) -> String {
        "INSERT INTO items VALUES (CAST(printf('%03d', \(key)) AS BLOB), zeroblob(3000))"
    }

    private func expectWhole(_ connection: Connection, rows: Int) throws {
        #expect(try connection.text("PRAGMA integrity_check") == "ok")
        #expect(try connection.number("SELECT count(*) FROM items") == rows)
    }
}

/// What a connection is to run.
private struct Command {
    let sql: String
    let connection: Connection

    init(sql: String, on connection: Connection) {
        self.sql = sql
        self.connection = connection
    }
}

/// Runs a command in the midst of another connection's checkpoint: between its look at the WAL's length and
/// the one at how far it was written back, SQLite gives up all pages that were handed out.
private final class UnfetchHook {
    private struct Installed {
        let handle: UInt
        let sql: String
        var calls = 0
    }

    private static let installed = Mutex<Installed?>(nil)

    private let command: Command
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let before: UnsafePointer<sqlite3_io_methods>
    private let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)

    init(on connection: Connection, _ command: () -> Command) throws {
        self.command = command()
        file = try Self.file(of: connection.handle)
        before = try #require(file.pointee.pMethods)
        var plain: OpaquePointer?
        let name = sqlite3_db_filename(connection.handle, "main")
        try #require(sqlite3_open(name, &plain) == SQLITE_OK)
        defer { sqlite3_close(plain) }
        let opened = try #require(plain)
        // Those of the file itself: what is kept of it is not in question here.
        var methods = try #require(Self.file(of: opened).pointee.pMethods).pointee
        methods.xUnfetch = { _, _, page in
            if page == nil { UnfetchHook.run() }
            return SQLITE_OK
        }
        table.initialize(to: methods)
        Self.installed.withLock {
            $0 = Installed(
                handle: UInt(bitPattern: self.command.connection.handle),
                sql: self.command.sql
            )
        }
        file.pointee.pMethods = UnsafePointer(table)
    }

    deinit {
        table.deallocate()
    }

    var calls: Int { Self.installed.withLock { $0?.calls ?? 0 } }

    func remove() {
        file.pointee.pMethods = before
        Self.installed.withLock { $0 = nil }
    }

    private static func run() {
        installed.withLock { installed in
            guard let found = installed, found.calls == 0 else { return }
            sqlite3_exec(OpaquePointer(bitPattern: found.handle), found.sql, nil, nil, nil)
            installed?.calls += 1
        }
    }

    private static func file(of handle: OpaquePointer) throws -> UnsafeMutablePointer<sqlite3_file>
    {
        var found: UnsafeMutablePointer<sqlite3_file>?
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
        return try #require(found)
    }
}
