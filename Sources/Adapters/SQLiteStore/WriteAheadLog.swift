import Synchronization

/// How many pages of SQLite's WAL are not in its file, as the flusher hears of it.
final class WriteAheadLog: Sendable {
    private let length = Atomic<Int>(0)
    private let written = Atomic<Int>(0)

    /// Pages that are to be written back.
    var pagesToWriteBack: Int {
        max(0, length.load(ordering: .relaxed) - written.load(ordering: .relaxed))
    }

    /// After a commit, the WAL has so many pages.
    func committed(pages: Int) {
        // It started over.
        if pages < length.load(ordering: .relaxed) { written.store(0, ordering: .relaxed) }
        length.store(pages, ordering: .relaxed)
    }

    func checked(_ counts: CheckpointCounts) {
        guard counts.written >= 0 else { return }
        length.store(counts.frames, ordering: .relaxed)
        written.store(counts.written, ordering: .relaxed)
    }
}
