package import Engine
import Synchronization

/// A region's store: a log of commits, and a SQLite file that is brought up to it, in a directory
/// of its own.
///
/// A commit is durable with its record in the log (`CommitLog` says why, and what must hold). What
/// the file lacks is in memory (`Overlay`), and goes into it by the ten megabytes in key order
/// (`Flusher`), large values of some keyspaces into files beside it (`ValueFiles`). Readers look at both at once (`StoreState`) and never wait for the writer. Pages go
/// back from SQLite's WAL to its file on a connection of their own (`checkpoint`).
///
/// `@unchecked Sendable`: the writer is used by the thread that calls `write` or `close`, of which
/// there is one at a time; all others have locks.
package final class SQLiteStore: Store, @unchecked Sendable {
    /// The file in the data directory; SQLite puts `-wal` and `-shm` beside it.
    private static let fileName = "store.sqlite"
    /// Pages in the WAL below which a checkpoint is not worth its syncs; with many more at a time, the
    /// log's syncs wait behind them.
    private static let checkpointFramesMin = 100

    private let lock: DirectoryLock
    private let path: String
    private let state = StoreState()
    /// All connections'; the tests look into them.
    let pages: SharedPages
    private let writer: Writer
    private let flusher: Flusher
    private let readers: ReaderPool
    private let log = WriteAheadLog()
    private let left = LeftFiles()
    private let checkpoints: Mutex<Checkpoints>

    /// Takes the directory for this process and opens its store; both are made if missing.
    ///
    /// `beforePart` is called before each part of a flush, which fails with what it throws.
    package static func open(
        directory: String,
        bounds: StoreBounds = StoreBounds(),
        beforePart: (@Sendable () throws(StoreError) -> Void)? = nil,
    ) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(directory: directory, bounds: bounds, beforePart: beforePart)
    }

    private init(
        directory: String,
        bounds: StoreBounds,
        beforePart: (@Sendable () throws(StoreError) -> Void)?,
    ) throws(StoreError) {
        lock = try DirectoryLock(directory: directory)
        path = directory + "/" + Self.fileName
        pages = try SharedPages(path: path, bounds: bounds)
        let file = try FileWriter(
            directory: directory,
            path: path,
            lock: lock,
            pages: pages,
            bounds: bounds,
            log: log,
            state: state,
            left: left,
        )
        try DirectoryLock.sync(directory)
        let logs = LogDirectory(directory: directory, left: left)
        writer = try Writer(
            bounds: bounds,
            state: state,
            reader: SQLiteReader(
                path: path,
                lock: lock,
                state: state,
                pages: pages,
                handsOut: true,
            ),
            directory: logs,
            flushed: file.flushedLog(),
        )
        readers = ReaderPool(path: path, lock: lock, state: state, pages: pages)
        checkpoints = Mutex(try Checkpoints(path: path, lock: lock, pages: pages))
        flusher = Flusher(
            bounds: bounds,
            state: state,
            file: file,
            log: log,
            beforePart: beforePart,
        )
        try flusher.start()
    }

    deinit {
        flusher.stop()
        writer.stop()
        left.takeAway()
    }

    package func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
        try readers.read(body)
    }

    /// Runs one transaction.
    ///
    /// To be called by one thread at a time.
    ///
    /// After a failed commit, other than for want of space, nobody knows what is durable: the store
    /// refuses all further writes with the same error, and the process is to stop. So it does when
    /// commits cannot be brought into the file.
    package func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        try writer.write(body)
    }

    /// Brings all commits into the file, so that the next start has nothing to replay.
    ///
    /// For an orderly end; without it the log has them. Takes turns with `write`.
    package func close() throws(StoreError) {
        try writer.flush()
        left.takeAway()
    }

    /// A reading connection for one event loop.
    package func makeReader() throws(StoreError) -> SQLiteReader {
        try SQLiteReader(path: path, lock: lock, state: state, pages: pages, handsOut: true)
    }

    /// A reading connection that holds the state as committed now until it is closed.
    package func openSnapshot() throws(StoreError) -> SQLiteSnapshot {
        try SQLiteSnapshot(path: path, lock: lock, state: state, pages: pages)
    }

    /// Writes pages back from the WAL to the file, if there are enough of them, and takes files away that
    /// are not needed any more.
    ///
    /// To be called some tens of times a second from a background thread. It waits for nobody and holds
    /// nobody up. When all are written back, readers are made to read from the file, so that the
    /// WAL can start over with the next flush.
    package func checkpoint() throws(StoreError) {
        left.takeAway()
        guard log.frames >= Self.checkpointFramesMin else { return }
        let result: Result<Bool, StoreError> = checkpoints.withLock { checkpoints in
            let flushes = log.commits
            guard flushes != checkpoints.flushesDone else { return .success(false) }
            do throws(StoreError) {
                let isWhole = try checkpoints.run().isWhole
                if isWhole { checkpoints.flushesDone = flushes }
                return .success(isWhole)
            } catch {
                return .failure(error)
            }
        }
        if try result.get() { state.checkpointed() }
    }
}
