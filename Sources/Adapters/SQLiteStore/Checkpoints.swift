import CSQLite
import Engine

/// How far a checkpoint came.
struct CheckpointCounts {
    /// Pages in the WAL, and how many of them are in the file.
    let frames: Int
    let written: Int
}

/// The connection that writes pages back.
struct Checkpoints: ~Copyable {
    private let connection: Connection

    init(path: String, lock: DirectoryLock) throws(StoreError) {
        connection = try Connection(path, lock: lock, cacheKibibytes: 256, mmapBytes: 0)
    }

    /// Writes back what no reader stands in the way of.
    func run() throws(StoreError) -> CheckpointCounts {
        var frames: Int32 = 0
        var written: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            connection.handle,
            nil,
            SQLITE_CHECKPOINT_PASSIVE,
            &frames,
            &written,
        )
        // Busy: the writer is at its own. The next call finds what is left.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            throw connection.failure(code, attempt: "checkpoint")
        }
        return CheckpointCounts(frames: Int(frames), written: Int(written))
    }
}
