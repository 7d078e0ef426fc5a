package import Engine

/// A region's store: a log of commits, and a SQLite file that is brought up to it, in a directory
/// of its own.
///
/// A commit is durable with its record in the log (`CommitLog` says why, and what must hold). What
/// the file lacks is in memory (`Overlay`), and goes into it by the ten megabytes in key order
/// (`Flusher`), large values of some keyspaces into files beside it (`ValueFiles`). Readers look at both at once
/// (`StoreState`) and never wait for the writer.
///
/// `@unchecked Sendable`: the writer is used by the thread that calls `write`, `begin`, `append` or `close`, of
/// which there is one at a time, and what `sync` does may go on beside it; all others have locks.
package final class SQLiteStore: Store, @unchecked Sendable {
    /// The file in the data directory; beside it are the page log, `-pages`, and SQLite's `-shm` and an empty `-wal`.
    private static let fileName = "store.sqlite"

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

    /// Takes the directory for this process and opens its store; both are made if missing.
    ///
    /// `converting` is told how many pairs of an older store were brought to the present format so far, now and then and at
    /// the end. `beforePart` is called before each part of a flush, `beforeSync` before each sync of a commit in the
    /// log; these fail with what they throw.
    package static func open(
        directory: String,
        bounds: StoreBounds = StoreBounds(),
        converting: (_ pairs: Int) -> Void = { _ in },
        beforePart: (@Sendable () throws(StoreError) -> Void)? = nil,
        beforeSync: (@Sendable () throws(StoreError) -> Void)? = nil,
    ) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(
            directory: directory,
            bounds: bounds,
            converting: converting,
            beforePart: beforePart,
            beforeSync: beforeSync,
        )
    }

    private init(
        directory: String,
        bounds: StoreBounds,
        converting: (_ pairs: Int) -> Void,
        beforePart: (@Sendable () throws(StoreError) -> Void)?,
        beforeSync: (@Sendable () throws(StoreError) -> Void)?,
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
            converting: converting,
        )
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
                isWriters: true,
            ),
            map: pages.map,
            directory: logs,
            flushed: file.flushedLog(),
            beforeSync: beforeSync,
        )
        readers = ReaderPool(path: path, lock: lock, state: state, pages: pages)
        flusher = Flusher(
            bounds: bounds,
            state: state,
            file: file,
            left: left,
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
        let transaction = try begin()
        let result: Result
        do {
            result = try body(transaction.operations)
        } catch {
            abandon(transaction)
            throw error
        }
        try sync(try append(transaction))
        return result
    }

    /// A transaction under way.
    package struct OpenTransaction {
        fileprivate let transaction: SQLiteTransaction
        package var operations: any StoreTransaction { transaction }
    }

    /// What is in the log, and not durable yet.
    package struct AppendedCommit: Sendable {
        fileprivate let file: LogFile?
    }

    /// Begins a transaction, which sees everything that was appended.
    ///
    /// This, `append` and `sync` are `write` in steps: the next transaction may be made while the disk has this
    /// one. There is one at a time, used by one thread at a time and ended by `append` or `abandon`.
    package func begin() throws(StoreError) -> OpenTransaction {
        OpenTransaction(transaction: try writer.begin())
    }

    /// Forgets a transaction.
    package func abandon(_ transaction: OpenTransaction) {
        writer.abandon(transaction.transaction)
    }

    /// Puts a transaction at the log's end, once what was appended before is durable.
    ///
    /// Readers do not see it before it is synced.
    package func append(_ transaction: OpenTransaction) throws(StoreError) -> AppendedCommit {
        AppendedCommit(file: try writer.append(transaction.transaction))
    }

    /// Makes it durable and shows it, perhaps while the next transaction is made.
    package func sync(_ commit: AppendedCommit) throws(StoreError) {
        if let file = commit.file { try writer.sync(file) }
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

    /// How many pages wait in SQLite's WAL; for tests.
    var pagesToWriteBack: Int { log.pagesToWriteBack }
}
