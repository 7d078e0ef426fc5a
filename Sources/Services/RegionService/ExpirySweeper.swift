import Engine
import HTTPServer
import SQLiteStore

/// Has expired items deleted: a sweep every so often, in pieces that are jobs of the writer and take
/// turns with applications as peers' jobs do.
final class ExpirySweeper: Sendable {
    private let writer: RegionWriter
    private let intervalMilliseconds: UInt64
    private let isStopping = Guarded(false)
    /// Whether a sweep is under way: the next one waits for its end.
    private let isSweeping = Guarded(false)

    init(writer: RegionWriter, intervalMilliseconds: Int64) {
        self.writer = writer
        self.intervalMilliseconds = UInt64(max(1, intervalMilliseconds))
    }

    func start() {
        startThread("expiry") { self.run() }
    }

    func stop() {
        isStopping.change { $0 = true }
    }

    private func run() {
        while !waits() {
            let isFree = isSweeping.with { isSweeping in
                defer { isSweeping = true }
                return !isSweeping
            }
            if isFree { sweep(after: nil) }
        }
    }

    private func sweep(after place: ExpiryPlace?) {
        let isTaken = writer.submitPeer(
            RegionWriter.Job(reply: nil) { [self] group in
                // Where it fails, the next sweep begins anew.
                var next: ExpiryPlace?
                defer { if next == nil { isSweeping.with { $0 = false } } }
                next = try group.sweepExpired(after: place)
                if isStopping.with({ $0 }) { next = nil }
                if let next { sweep(after: next) }
                return HTTPResponse(status: 204)
            }
        )
        if !isTaken { isSweeping.with { $0 = false } }
    }

    /// - Returns: whether the region is stopping.
    private func waits() -> Bool {
        let deadline = MonotonicClock.milliseconds() + intervalMilliseconds
        return isStopping.wait(untilMilliseconds: deadline) { $0 ? true : nil } ?? false
    }
}
