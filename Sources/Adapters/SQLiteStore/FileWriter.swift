import CSQLite
import Engine

/// The one connection that writes to SQLite's file, used by the flusher alone once it is open.
final class FileWriter {
    /// Pages come in key order: few are needed twice.
    private static let cacheKibibytes = 16 * 1_024
    /// The WAL file is cut to this when it starts over; 20,000 pages.
    private static let walBytesKept = 20_000 * Keyspaces.pageBytes

    private let connection: Connection
    private let log: WriteAheadLog

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

    /// The last log whose commits are all in the file.
    func flushedLog() throws(StoreError) -> UInt64 {
        UInt64(try connection.number("SELECT number FROM flushed"))
    }

    /// Brings a part of what is frozen into the file: all of it, durable, or nothing.
    ///
    /// With the last part goes the number of the log whose commits are all in the file then.
    func write(_ part: [FlushParts.Piece], completing log: UInt64?) throws(StoreError) {
        try connection.run(.beginImmediate)
        do throws(StoreError) {
            for piece in part { try write(piece) }
            if let log { try connection.execute("UPDATE flushed SET number = \(log)") }
            try connection.run(.commit)
        } catch {
            // Whether or not it can be ended in order: nothing more is written through it.
            if sqlite3_get_autocommit(connection.handle) == 0 { try? connection.run(.rollback) }
            throw error
        }
    }

    /// Writes pages back from the WAL.
    func checkpoint() throws(StoreError) -> CheckpointCounts {
        try connection.checkpoint()
    }

    /// The spans first: the entries of a run are newer than they are.
    private func write(_ piece: FlushParts.Piece) throws(StoreError) {
        let keyspace = piece.keyspace
        for span in piece.spans {
            let kind = StatementKind.deleteRange(keyspace, bounded: span.to != nil)
            let statement = try connection.take(kind)
            defer { connection.giveBack(statement, as: kind) }
            try statement.bindCopy(1, span.from)
            if let to = span.to { try statement.bindCopy(2, to) }
            _ = try statement.step()
        }
        let put = try connection.take(.put(keyspace))
        defer { connection.giveBack(put, as: .put(keyspace)) }
        let delete = try connection.take(.delete(keyspace))
        defer { connection.giveBack(delete, as: .delete(keyspace)) }
        for entry in piece.entries {
            let statement = entry.isDelete ? delete : put
            var code = statement.bind(1, entry.keyBytes)
            if code == SQLITE_OK, !entry.isDelete { code = statement.bind(2, entry.valueBytes) }
            if code == SQLITE_OK { code = sqlite3_step(statement.handle) }
            guard code == SQLITE_DONE else { throw statement.failure(code) }
            statement.reset()
        }
    }

    /// Hears after each commit how long the WAL has become.
    ///
    /// The hook takes the place of SQLite's own automatic checkpoint.
    private func watchLog() {
        let context = Unmanaged.passUnretained(log).toOpaque()
        let hook:
            @convention(c) (
                UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32,
            ) -> Int32 = { context, _, _, frames in
                guard let context else { return SQLITE_OK }
                Unmanaged<WriteAheadLog>.fromOpaque(context).takeUnretainedValue()
                    .committed(frames: Int(frames))
                return SQLITE_OK
            }
        _ = sqlite3_wal_hook(connection.handle, hook, context)
    }
}
