import Engine
import Foundation
import HTTPServer
import Logging
import SQLiteStore

/// What a region does by the clock: heartbeats with chores, and checkpoints of the store.
final class Heart: Sendable {
    /// How often the store is asked whether pages should go back to the file.
    private static let checkpointSeconds = 0.1

    private let writer: RegionWriter
    private let store: SQLiteStore
    private let signal: CommitSignal
    private let intervalSeconds: TimeInterval
    private let log: Logger
    private let isStopping = Guarded(false)

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
        intervalSeconds = Double(intervalMilliseconds) / 1_000
        self.log = log
    }

    func start() {
        startThread("heart") { self.beat() }
        startThread("checkpoint") { self.checkpoint() }
    }

    func stop() {
        isStopping.change { $0 = true }
    }

    private func beat() {
        while !waits(intervalSeconds) {
            let beat = RegionWriter.Job(reply: nil, afterCommit: signal.heartbeat) { group in
                group.heartbeat()
                return HTTPResponse(status: 204)
            }
            _ = writer.submitPeer(beat)
            chore()
        }
    }

    /// One round of chores, and another while there is more to do.
    private func chore() {
        _ = writer.submitPeer(
            RegionWriter.Job(reply: nil) { [weak self] group in
                if try group.doChores() { self?.chore() }
                return HTTPResponse(status: 204)
            }
        )
    }

    private func checkpoint() {
        while !waits(Heart.checkpointSeconds) {
            do {
                try store.checkpoint()
            } catch {
                log.warning("checkpoint failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// - Returns: whether the region is stopping.
    private func waits(_ seconds: TimeInterval) -> Bool {
        isStopping.wait(until: Date(timeIntervalSinceNow: seconds)) { $0 ? true : nil } ?? false
    }
}
