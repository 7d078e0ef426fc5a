import CSQLite
import Engine

/// The one writing connection, used by the writer thread alone.
final class Writer {
    /// Keeps the upper part of the trees in memory: no other connection's commit ever empties it.
    private static let cacheKibibytes = 32 * 1_024
    /// The WAL file is cut to this when it starts over; 20,000 pages.
    private static let walBytesKept = 20_000 * Keyspaces.pageBytes

    let connection: Connection
    private let log: WriteAheadLog
    /// Set once a commit failed in a way that leaves open what is on the disk.
    private var broken: StoreError?

    init(path: String, lock: DirectoryLock, log: WriteAheadLog) throws(StoreError) {
        self.log = log
        connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: Self.cacheKibibytes,
            mmapBytes: 0,
        )
        // The page size holds from the first write on; afterwards the file's own stands.
        try connection.execute("PRAGMA page_size=\(Keyspaces.pageBytes)")
        try Migrations.run(on: connection, path: path)
        let mode = try connection.text("PRAGMA journal_mode=WAL")
        guard mode == "wal" else {
            throw StoreError(
                attempt: "PRAGMA journal_mode=WAL",
                code: Int(SQLITE_CANTOPEN),
                message: "the file system of \(path) does not carry a WAL (mode \(mode))",
            )
        }
        try connection.execute("PRAGMA journal_size_limit=\(Self.walBytesKept)")
        watchLog()
    }

    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        if let broken { throw broken }
        try run(.beginImmediate)
        let transaction = SQLiteTransaction(connection: connection)
        do {
            let result = try body(transaction)
            transaction.isOver = true
            if let failure = transaction.failure { throw failure }
            try commit()
            return result
        } catch {
            transaction.isOver = true
            rollBack()
            throw error
        }
    }

    private func commit() throws(StoreError) {
        do throws(StoreError) {
            try run(.commit)
        } catch {
            // A full disk refuses bytes before the sync. After any other failure, a failed sync
            // above all, nobody knows what is durable: only a new start can find out.
            if error.code & 0xFF != Int(SQLITE_FULL) { broken = error }
            throw error
        }
    }

    private func rollBack() {
        // SQLite has ended the transaction itself after some errors.
        guard sqlite3_get_autocommit(connection.handle) == 0 else { return }
        do throws(StoreError) {
            try run(.rollback)
        } catch {
            broken = broken ?? error
        }
    }

    private func run(_ kind: StatementKind) throws(StoreError) {
        let statement = try connection.take(kind)
        defer { connection.giveBack(statement, as: kind) }
        _ = try statement.step()
    }

    /// Hears after each commit how long the WAL has become, and writes pages back where it must.
    ///
    /// The hook takes the place of SQLite's own automatic checkpoint.
    private func watchLog() {
        let context = Unmanaged.passUnretained(log).toOpaque()
        let hook:
            @convention(c) (
                UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32,
            ) -> Int32 = { context, handle, _, frames in
                guard let context else { return SQLITE_OK }
                let log = Unmanaged<WriteAheadLog>.fromOpaque(context).takeUnretainedValue()
                if log.committed(frames: Int(frames)) {
                    // Its failure loses nothing: the pages stay in the WAL, the next one tries again.
                    sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                }
                return SQLITE_OK
            }
        _ = sqlite3_wal_hook(connection.handle, hook, context)
    }
}
