import CSQLite
import Engine
import Glibc

/// Carries out transactions, one at a time: a view of everything in the log, a record for the log.
///
/// A transaction may be made while the one before is on its way to the disk. It sees that one, as readers
/// do not yet, and goes into the log after it: there is one record at most of which nobody knows whether
/// it is durable.
final class Writer {
    /// The next file of the log is made when the overlay has this share of its bound and the last flush left a
    /// file to be used again, and the later one at the latest: a store in which little happens needs none.
    private static let fillWhenNextIsMade = (spared: 0.5, anyway: 0.85)

    /// The share of its bound at which the overlay waits for the one before it to be in the file.
    private static let fillMax = 1.5

    private let bounds: StoreBounds
    private let state: StoreState
    private let reader: SQLiteReader
    private let map: FileMap
    private let log: CommitLog
    private let pending: PendingCommit
    private let pool: SlabPool
    private let beforeSync: (@Sendable () throws(StoreError) -> Void)?
    private var arena: Arena
    private var active = Layers()
    /// The items of what is active.
    private var newest: NewestEntries
    private var activeBytes = 0
    /// When the first commit of what is active was made, by the monotonic clock.
    private var activeSince = 0

    /// Opens the log, and shows what the file lacks.
    init(
        bounds: StoreBounds,
        state: StoreState,
        reader: SQLiteReader,
        map: FileMap,
        directory: LogDirectory,
        flushed: UInt64,
        beforeSync: (@Sendable () throws(StoreError) -> Void)?,
    ) throws(StoreError) {
        self.beforeSync = beforeSync
        self.bounds = bounds
        self.state = state
        self.reader = reader
        self.map = map
        let pool = SlabPool()
        self.pool = pool
        pending = PendingCommit()
        let arena = Arena(pool)
        self.arena = arena
        var replayed = ReplayedCommits(in: arena, besideLarge: !map.isHandedOut)
        let replay = LogReplay(directory: directory, flushed: flushed)
        let position = try replay.run(into: &replayed)
        replayed.finish()
        log = try CommitLog(
            directory: directory,
            replayed: position,
            bytesKept: bounds.logBytesMax,
        )
        active = replayed.layers
        newest = NewestEntries(in: arena)
        // The oldest first.
        for run in active.runs[Keyspace.items.ordinal].reversed() { newest.add(run) }
        activeBytes = replayed.bytes
        activeSince = Self.milliseconds()
        state.append(active, fill: fill)
        state.show()
    }

    /// Begins a transaction, over all that was appended.
    func begin() throws(StoreError) -> SQLiteTransaction {
        if let failure = state.writeFailure { throw failure }
        try makeRoom()
        log.begin()
        let view = try reader.lend()
        let items = NewestItems(active: newest, frozen: view.overlay.frozenItems)
        return SQLiteTransaction(pending, over: view, items, log: log)
    }

    /// Forgets a transaction.
    func abandon(_ transaction: SQLiteTransaction) {
        transaction.isOver = true
        pending.clear()
        reader.giveBack()
    }

    /// Writes a transaction's record to the log, once the one before is durable; the next one may begin.
    /// - Returns: what to sync; nil where nothing was changed.
    func append(_ transaction: SQLiteTransaction) throws(StoreError) -> LogFile? {
        defer { abandon(transaction) }
        if let failure = transaction.failure { throw failure }
        try state.waitUntilShown()
        guard !pending.isEmpty else { return nil }
        prepareNext(fill)
        let place: Int
        do throws(CommitLog.Failure) {
            place = try log.append(pending)
        } catch {
            // A full disk refuses bytes before the sync. After any other failure nobody knows what is
            // on the disk: only a new start can find out.
            if !error.isUndone { state.logFailed(error.error) }
            throw error.error
        }
        do throws(StoreError) {
            if activeBytes == 0 { activeSince = Self.milliseconds() }
            activeBytes += try pending.keep(
                in: arena,
                from: log.file,
                at: place,
                besideLarge: !map.isHandedOut,
            ) { run, ordinal in
                active.add(run, ordinal: ordinal)
                if ordinal == Keyspace.items.ordinal { newest.add(run) }
            }
        } catch {
            // It is in the log, but cannot be shown.
            state.logFailed(error)
            throw error
        }
        state.append(active, fill: fill)
        return log.file
    }

    /// Makes durable what was appended, and shows it; beside the next transaction.
    func sync(_ file: LogFile) throws(StoreError) {
        do throws(StoreError) {
            if let beforeSync { try beforeSync() }
            try file.sync()
        } catch {
            // The kernel may have dropped the pages: nobody knows what is on the disk.
            state.logFailed(error)
            throw error
        }
        state.show()
    }

    /// Brings all commits into the file.
    func flush() throws(StoreError) {
        if let failure = state.writeFailure { throw failure }
        try state.waitForFlush()
        guard activeBytes > 0 else { return }
        try freeze()
        try state.waitForFlush()
    }

    /// Waits for what is made beside it.
    func stop() {
        log.stop()
    }

    private func prepareNext(_ fill: Double) {
        guard fill >= Self.fillWhenNextIsMade.spared, !log.isNextWanted,
            fill >= Self.fillWhenNextIsMade.anyway || !state.isFlushing
        else { return }
        log.prepareNext(fill: fill)
    }

    private var fill: Double {
        let bytesMax =
            map.isHandedOut ? bounds.overlayBytesMax : bounds.overlayBytesMaxBesideLarge
        return max(
            Double(activeBytes + (activeBytes > 0 ? newest.bytes : 0)) / Double(bytesMax),
            Double(log.file.end - LogFile.headBytes) / Double(bounds.logBytesMax),
        )
    }

    /// Hands the overlay to the flusher when it is time, and waits for it when it is high time.
    private func makeRoom() throws(StoreError) {
        guard activeBytes > 0 else { return }
        let isOld = Self.milliseconds() - activeSince >= bounds.overlayMilliseconds
        guard fill >= 1 || isOld else { return }
        if state.isFlushing {
            guard fill >= Self.fillMax else { return }
            try state.waitForFlush()
        }
        // What is flushed is durable, and so is all before another file of the log.
        try state.waitUntilShown()
        try freeze()
    }

    private func freeze() throws(StoreError) {
        let frozenFill = fill
        // A start may have found it empty, after others.
        arena.hold(log.file)
        let frozen = StoreState.Frozen(layers: active, items: newest, logs: arena.logs)
        try log.rotate()
        state.freeze(frozen)
        arena = Arena(pool)
        newest = NewestEntries(in: arena)
        active = Layers()
        // A store at rest keeps no memory for the next rush.
        if frozenFill < 1 {
            pending.drain()
            pool.drain()
        }
        activeBytes = 0
    }

    private static func milliseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }
}
