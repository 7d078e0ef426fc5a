import CSQLite
import Engine
import Glibc

/// How all connections of a store come by the pages of its file.
final class SharedPages: Sendable {
    /// Of a file that is small enough, all pages.
    let map: FileMap
    /// Of a larger one, those that are asked for most.
    let inner: InnerPages
    /// What is newer than the file.
    let log: PageLog
    /// By which connections find the log.
    let vfs: StoreVFS

    /// How much longer than what is written back at a time the log's file may stay: the last part brings more.
    private static let logPagesSpare = 2_000

    /// Makes the file if it is missing, and brings into it what a crash left in the log.
    init(path: String, bounds: StoreBounds) throws(StoreError) {
        let logPath = path + "-pages"
        try PageLogReplay.run(log: logPath, store: path)
        try PlainWAL.bringIn(of: path)
        map = try FileMap(path: path, bytesMax: bounds.mappedBytesMax)
        inner = InnerPages(bytesMax: bounds.innerPagesBytesMax)
        let pagesKept = bounds.writeBackPages + Self.logPagesSpare
        log = try PageLog(path: logPath, map: map, bytesKept: pagesKept * Keyspaces.pageBytes)
        vfs = try StoreVFS(log)
        // Without the log's name there would be no log after a crash.
        try DirectoryLock.syncParent(of: path)
    }
}

/// What a program before format 6, or one that is not ours, left in a WAL of SQLite's own.
enum PlainWAL {
    /// Brings it into the store's file, as SQLite does it, before anything else may open that.
    static func bringIn(of path: String) throws(StoreError) {
        var status = stat()
        guard stat(path + "-wal", &status) == 0, status.st_size > 0 else { return }
        var handle: OpaquePointer?
        var code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil)
        defer { sqlite3_close_v2(handle) }
        if code == SQLITE_OK {
            code = sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE)", nil, nil, nil)
        }
        guard code == SQLITE_OK else {
            let message = String(cString: sqlite3_errstr(code))
            throw StoreError(attempt: "open \(path)-wal", code: Int(code), message: message)
        }
    }
}
