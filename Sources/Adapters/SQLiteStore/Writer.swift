import CSQLite
import Engine
import Glibc

/// How much may be newer than SQLite's file.
package struct StoreBounds: Sendable {
    /// Memory of the overlay from which it goes into the file.
    ///
    /// While that takes place, as much
    /// again and once more may come: then the writer waits. The more of it there is, the more of what
    /// lies in one page goes there at once. With half of it, a catch-up of 100,000 items of 500 bytes
    /// cost flushes and checkpoints 8 µs a change of the kernel's time in place of 4.5.
    package var overlayBytesMax: Int
    /// How long a commit stays in the log alone, if others follow.
    package var overlayMilliseconds: Int

    package init(overlayBytesMax: Int = 64 << 20, overlayMilliseconds: Int = 30_000) {
        self.overlayBytesMax = overlayBytesMax
        self.overlayMilliseconds = overlayMilliseconds
    }
}

/// Carries out transactions, one at a time: a view of everything committed, a record for the log.
final class Writer {
    private let bounds: StoreBounds
    private let state: StoreState
    private let reader: SQLiteReader
    private let log: CommitLog
    private let pending: PendingCommit
    private let pool: SlabPool
    private var arena: Arena
    private var active = Layers()
    private var activeBytes = 0
    /// When the first commit of what is active was made, by the monotonic clock.
    private var activeSince = 0
    /// Set once nobody knows what is on the disk, or nothing goes into the file any more.
    private var broken: StoreError?

    /// Opens the log, and shows what the file lacks.
    init(
        bounds: StoreBounds,
        state: StoreState,
        reader: SQLiteReader,
        directory: LogDirectory,
        flushed: UInt64,
    ) throws(StoreError) {
        self.bounds = bounds
        self.state = state
        self.reader = reader
        var active = Layers()
        var bytes = 0
        let pool = SlabPool()
        self.pool = pool
        pending = PendingCommit(pool)
        let arena = Arena(pool)
        self.arena = arena
        let replay = LogReplay(directory: directory, flushed: flushed)
        let position = try replay.run { commit throws(StoreError) in
            bytes += try commit.keep(in: arena) { run, ordinal in
                active.add(run, ordinal: ordinal)
            }
        }
        log = try CommitLog(
            directory: directory,
            replayed: position,
            bytesKept: 2 * bounds.overlayBytesMax,
        )
        self.active = active
        activeBytes = bytes
        activeSince = Self.milliseconds()
        state.publish(active, fill: fill)
    }

    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        if let failure = broken ?? state.flushFailure { throw failure }
        try makeRoom()
        log.begin()
        defer { pending.clear() }
        return try reader.withView { view in
            let transaction = SQLiteTransaction(pending, over: view, log: log)
            defer { transaction.isOver = true }
            let result = try body(transaction)
            if let failure = transaction.failure { throw failure }
            try commit()
            return result
        }
    }

    /// Brings all commits into the file.
    func flush() throws(StoreError) {
        if let broken { throw broken }
        try state.waitForFlush()
        guard activeBytes > 0 else { return }
        try freeze()
        try state.waitForFlush()
    }

    private func commit() throws(StoreError) {
        guard !pending.isEmpty else { return }
        do throws(CommitLog.Failure) {
            try log.append(pending)
        } catch {
            // A full disk refuses bytes before the sync. After any other failure, a failed sync
            // above all, nobody knows what is durable: only a new start can find out.
            if !error.isUndone { broken = error.error }
            throw error.error
        }
        do throws(StoreError) {
            if activeBytes == 0 { activeSince = Self.milliseconds() }
            activeBytes += try pending.keep(in: arena) { run, ordinal in
                active.add(run, ordinal: ordinal)
            }
        } catch {
            // It is durable, but cannot be shown.
            broken = error
            throw error
        }
        state.publish(active, fill: fill)
    }

    private var fill: Double { Double(activeBytes) / Double(bounds.overlayBytesMax) }

    /// Hands the overlay to the flusher when it is time, and waits for it when it is high time.
    private func makeRoom() throws(StoreError) {
        guard activeBytes > 0 else { return }
        let isOld = Self.milliseconds() - activeSince >= bounds.overlayMilliseconds
        guard activeBytes >= bounds.overlayBytesMax || isOld else { return }
        if state.isFlushing {
            guard activeBytes >= 2 * bounds.overlayBytesMax else { return }
            try state.waitForFlush()
        }
        try freeze()
    }

    private func freeze() throws(StoreError) {
        let number = log.number
        try log.rotate()
        state.freeze(log: number)
        arena = Arena(pool)
        active = Layers()
        // A store at rest keeps no memory for the next rush.
        if activeBytes < bounds.overlayBytesMax {
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
