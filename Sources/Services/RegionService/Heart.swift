import Engine
import Foundation
import HTTPServer
import Logging
import SQLiteStore

/// What a region does by the clock: heartbeats with chores, and checkpoints of the store.
final class Heart: Sendable {
    /// How often the store is asked whether pages should go back to the file.
    private static let checkpointMilliseconds: UInt64 = 25
    /// How long it is left alone after it could not.
    private static let failedCheckpointMilliseconds: UInt64 = 1_000

    private let writer: RegionWriter
    private let store: SQLiteStore
    private let signal: CommitSignal
    private let intervalMilliseconds: UInt64
    private let log: Logger
    private let isStopping = Guarded(false)
    /// Whether a round of chores is queued: however long they take, they are one job at a time
    /// among those of the peers.
    private let isChoring = Guarded(false)

    init(
        writer: RegionWriter,
        store: SQLiteStore,
        signal: CommitSignal,
        intervalMilliseconds: Int64,
        log: Logger,
    ) {
        self.writer = writer
        self.store = store
        self.signal = signal
        self.intervalMilliseconds = UInt64(max(1, intervalMilliseconds))
        self.log = log
    }

    func start() {
        writer.whenChores { [weak self] in self?.beginChores() }
        startThread("heart") { self.beat() }
        startThread("checkpoint") { self.checkpoint() }
    }

    func stop() {
        isStopping.change { $0 = true }
    }

    private func beat() {
        while !waits(intervalMilliseconds) {
            let beat = RegionWriter.Job(reply: nil, afterCommit: signal.heartbeat) { group in
                group.heartbeat()
                return HTTPResponse(status: 204)
            }
            _ = writer.submitPeer(beat)
            beginChores()
        }
    }

    private func beginChores() {
        let isFree = isChoring.with { isChoring in
            defer { isChoring = true }
            return !isChoring
        }
        if isFree { chore() }
    }

    /// One round of chores, and another while there is more to do and the region is not stopping:
    /// the next start goes on where it ended.
    private func chore() {
        let isTaken = writer.submitPeer(
            RegionWriter.Job(reply: nil) { [self] group in
                let hasMore = try group.doChores()
                if hasMore, !isStopping.with({ $0 }) {
                    chore()
                } else {
                    isChoring.with { $0 = false }
                }
                return HTTPResponse(status: 204)
            }
        )
        if !isTaken { isChoring.with { $0 = false } }
    }

    private func checkpoint() {
        StoreThread.stepBack()
        while !waits(Heart.checkpointMilliseconds) {
            do {
                try store.checkpoint()
            } catch {
                log.warning("checkpoint failed", metadata: ["error": "\(error)"])
                if waits(Heart.failedCheckpointMilliseconds) { return }
            }
        }
    }

    /// - Returns: whether the region is stopping.
    private func waits(_ milliseconds: UInt64) -> Bool {
        let deadline = MonotonicClock.milliseconds() + milliseconds
        return isStopping.wait(untilMilliseconds: deadline) { $0 ? true : nil } ?? false
    }
}
