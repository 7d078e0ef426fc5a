import CSQLite
import Engine

/// How far a checkpoint came.
struct CheckpointCounts {
    /// Pages in the WAL, and how many of them are in the file; -1 where nobody could look.
    let frames: Int
    let written: Int

    var isWhole: Bool { written >= 0 && frames == written }
}

/// The connections with which pages are written back beside the flusher.
///
/// Problem: SQLite up to 3.51.2 looks at the WAL's length first and at how far it was written back later
/// (https://www.sqlite.org/wal.html#walresetbug). If the WAL was written back as a whole, and a commit starts
/// it over between the two, the checkpoint takes the new frames for written back: they never come into the
/// file.
///
/// Idea: a snapshot is held meanwhile (`guardian`). One that reads from the WAL keeps it from starting over;
/// one that reads from the file alone keeps the checkpoint from writing, and from noting that it did.
/// The flusher's own checkpoints need none: no other connection commits.
struct Checkpoints: ~Copyable {
    let connection: Connection
    private let guardian: Connection
    /// The count of flushes (`WriteAheadLog`) whose pages are all in the file.
    var flushesDone = 0

    private static let cacheKibibytes = 256
    /// It reads one row.
    private static let guardianCacheKibibytes = 64

    init(path: String, lock: DirectoryLock, pages: SharedPages) throws(StoreError) {
        let connection = try Connection(
            path,
            lock: lock,
            cacheKibibytes: Self.cacheKibibytes,
            pages: pages,
        )
        guardian = try Connection(
            path,
            lock: lock,
            cacheKibibytes: Self.guardianCacheKibibytes,
            pages: pages,
        )
        self.connection = connection
    }

    /// Writes back what no reader stands in the way of.
    func run() throws(StoreError) -> CheckpointCounts {
        try guardian.run(.begin)
        // A snapshot changed nothing: there is nothing to lose in ending it.
        defer { try? guardian.run(.commit) }
        // It is taken with the first read.
        _ = try ConnectionView(connection: guardian, files: [:]).get(.meta, [])
        return try connection.checkpoint()
    }
}

extension Connection {
    /// Writes pages back from the WAL to the file, as far as nobody is in the way.
    func checkpoint() throws(StoreError) -> CheckpointCounts {
        var frames: Int32 = 0
        var written: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            handle,
            nil,
            SQLITE_CHECKPOINT_PASSIVE,
            &frames,
            &written,
        )
        // Busy: somebody else is at it. The next call finds what is left.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            throw failure(code, attempt: "checkpoint")
        }
        let isBusy = code != SQLITE_OK
        return CheckpointCounts(frames: Int(frames), written: isBusy ? -1 : Int(written))
    }
}
