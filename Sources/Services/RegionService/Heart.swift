import Engine
import Foundation
import HTTPServer

/// What a region does by the clock: heartbeats with chores.
final class Heart: Sendable {
    private let writer: RegionWriter
    private let signal: CommitSignal
    private let intervalMilliseconds: UInt64
    private let isStopping = Guarded(false)
    /// Whether a round of chores is queued: however long they take, they are one job at a time
    /// among those of the peers.
    private let isChoring = Guarded(false)

    init(
        writer: RegionWriter,
        signal: CommitSignal,
        intervalMilliseconds: Int64,
    ) {
        self.writer = writer
        self.signal = signal
        self.intervalMilliseconds = UInt64(max(1, intervalMilliseconds))
    }

    func start() {
        writer.whenChores { [weak self] in self?.beginChores() }
        startThread("heart") { self.beat() }
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
                // Where a round fails, the next one begins with a heartbeat.
                var goesOn = false
                defer { if !goesOn { isChoring.with { $0 = false } } }
                goesOn = try group.doChores() && !isStopping.with { $0 }
                if goesOn { chore() }
                return HTTPResponse(status: 204)
            }
        )
        if !isTaken { isChoring.with { $0 = false } }
    }

    /// - Returns: whether the region is stopping.
    private func waits(_ milliseconds: UInt64) -> Bool {
        let deadline = MonotonicClock.milliseconds() + milliseconds
        return isStopping.wait(untilMilliseconds: deadline) { $0 ? true : nil } ?? false
    }
}
