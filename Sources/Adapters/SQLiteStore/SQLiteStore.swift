package import Engine
import Synchronization

/// A region's store: one SQLite file in WAL mode in a directory of its own.
///
/// One connection writes and makes each commit durable (`synchronous=FULL`), others read snapshots
/// beside it without waiting for it. Pages go back from the WAL to the file on a connection of
/// their own (`checkpoint`), off the writer's path.
///
/// `@unchecked Sendable`: the writer's connection is used by the thread that calls `write`, of
/// which there is one at a time; the readers' pool and the checkpoint's connection have locks.
package final class SQLiteStore: Store, @unchecked Sendable {
    /// The file in the data directory; SQLite puts `-wal` and `-shm` beside it.
    private static let fileName = "store.sqlite"
    /// Pages in the WAL below which a checkpoint is not worth its syncs.
    private static let checkpointFramesMin = 1_000
    /// Pages in the WAL from which the writer is asked to finish the checkpoint.
    private static let restartFramesMin = 8_000
    /// How much of the file a dedicated reader maps: it makes gets 1.3–1.5 times as fast, and may
    /// stand once per reader in the process's resident size.
    private static let readerMmapBytes = 64 << 20

    private let lock: DirectoryLock
    private let path: String
    private let writer: Writer
    private let readers: ReaderPool
    private let log = WriteAheadLog()
    private let checkpoints: Mutex<Checkpoints>

    /// Takes the directory for this process and opens its store; both are made if missing.
    package static func open(directory: String) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(directory: directory)
    }

    private init(directory: String) throws(StoreError) {
        lock = try DirectoryLock(directory: directory)
        path = directory + "/" + Self.fileName
        writer = try Writer(path: path, lock: lock, log: log)
        try DirectoryLock.sync(directory)
        readers = ReaderPool(path: path, lock: lock)
        checkpoints = Mutex(try Checkpoints(path: path, lock: lock))
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try readers.read(body)
    }

    /// Runs one transaction.
    ///
    /// To be called by one thread at a time.
    ///
    /// After a failed commit, other than for want of space, nobody knows what is durable: the store
    /// refuses all further writes with the same error, and the process is to stop.
    package func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        try writer.write(body)
    }

    /// A reading connection for one event loop.
    package func makeReader() throws(StoreError) -> SQLiteReader {
        try SQLiteReader(path: path, lock: lock, mmapBytes: Self.readerMmapBytes)
    }

    /// A reading connection that holds the state as committed now until it is closed.
    package func openSnapshot() throws(StoreError) -> SQLiteSnapshot {
        try SQLiteSnapshot(path: path, lock: lock)
    }

    /// Writes pages back from the WAL to the file, if there are enough of them.
    ///
    /// To be called a few times a second from a background thread. It waits for nobody and holds
    /// nobody up. Under steady writing it never sees the end of the WAL, which therefore could
    /// never start over; so past a length the writer is asked to write back the last pages, those
    /// written during this call, between two of its commits.
    package func checkpoint() throws(StoreError) {
        guard log.frames >= Self.checkpointFramesMin else { return }
        let result: Result<CheckpointCounts, StoreError> = checkpoints.withLock { checkpoints in
            do throws(StoreError) {
                return .success(try checkpoints.run())
            } catch {
                return .failure(error)
            }
        }
        let counts = try result.get()
        if counts.frames >= Self.restartFramesMin {
            log.askToFinish()
        }
    }
}
