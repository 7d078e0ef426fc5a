import Synchronization

/// What the flusher tells the checkpoint thread about SQLite's WAL.
final class WriteAheadLog: Sendable {
    private let length = Atomic<Int>(0)
    private let flushes = Atomic<Int>(0)

    /// Pages in the WAL after the last flush.
    var frames: Int { length.load(ordering: .relaxed) }

    /// Raised with each flush.
    var commits: Int { flushes.load(ordering: .acquiring) }

    func committed(frames: Int) {
        length.store(frames, ordering: .relaxed)
        flushes.add(1, ordering: .releasing)
    }
}
