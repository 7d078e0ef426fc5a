import CSQLite
import Engine

/// How far a checkpoint came.
struct CheckpointCounts {
    /// Pages in the WAL, and how many of them are in the file.
    let frames: Int
    let written: Int

    var isWhole: Bool { frames == written }
}

/// The connection that writes pages back.
struct Checkpoints: ~Copyable {
    private let connection: Connection
    /// The count of flushes (`WriteAheadLog`) whose pages are all in the file.
    var flushesDone = 0

    init(path: String, lock: DirectoryLock, pages: SharedPages) throws(StoreError) {
        connection = try Connection(path, lock: lock, cacheKibibytes: 256, pages: pages)
    }

    /// Writes back what no reader stands in the way of.
    func run() throws(StoreError) -> CheckpointCounts {
        try connection.checkpoint()
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
