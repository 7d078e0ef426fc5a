import Engine
import Synchronization

/// What the writer, the flusher and the readers share: which overlay is current, and which state
/// SQLite's file is in.
///
/// Problem: a reader looks at two things, the overlay and a snapshot of the file, which change at
/// different moments. Together they must be one state of the store.
///
/// Idea: an overlay may hold more than the file lacks (what was just flushed is then looked up
/// twice, with the same answer), never less. So a reader pins the file first and takes the overlay
/// then; the *file state*, a number that is raised with each publication of a flush, tells whether
/// one came between, and the reader tries again.
///
/// Invariant: an overlay of file state `s` and a snapshot pinned while the state was `s` are
/// together everything committed when the overlay was taken. The overlay's value files include all
/// that rows of the snapshot refer to: a file is shown before rows that refer to it are committed, and
/// left out with a new state after a commit without them.
///
/// The number is raised for parts of a flush and for finished checkpoints too, although nothing is
/// missing then: a reader that pins anew does not keep the WAL from being written back, reads from
/// the file instead of the WAL, and lets the WAL start over.
///
/// `@unchecked Sendable`: everything but the atomic is touched under `monitor`.
final class StoreState: @unchecked Sendable {
    /// Frozen layers on their way into the file.
    struct Frozen {
        var layers: Layers
        let items: NewestEntries
        /// The files of the log that hold their commits, in order.
        let logs: [LogFile]
    }

    let monitor = Monitor()
    private let state = Atomic<UInt64>(1)
    private var overlay = Overlay(active: Layers(), frozen: nil, files: [:], fileState: 1)
    private var active = Layers()
    /// What the writer sees: a commit more than the readers do, while one is in the log and not durable.
    private var appended: (layers: Layers, overlay: Overlay)?
    /// How much of its bound the active overlay takes, from 0 to 1 and beyond.
    private var activeFill = 0.0
    private var frozen: Frozen?
    /// All files that a row may refer to.
    private var files: ValueFileSet = [:]
    /// Whether the flusher holds frozen layers, in the file or not.
    private var isBusy = false
    private var failure: StoreError?
    /// Why nobody knows what is on the disk.
    private var logFailure: StoreError?
    private var isStopping = false
    /// Whether somebody waits for the flush.
    private var isAwaited = false
    /// Whether the writer waits for `show`.
    private var isShowAwaited = false
    private var readers: [WeakReader] = []

    private struct WeakReader {
        weak var reader: SQLiteReader?
    }

    /// Readable without the lock: whether a pinned snapshot is still the one to use.
    var fileState: UInt64 { state.load(ordering: .acquiring) }

    /// All that is durable.
    var current: Overlay { monitor.locked { overlay } }

    /// All that is in the log.
    var appendedToo: Overlay { monitor.locked { appended?.overlay ?? overlay } }

    /// Why nothing is written any more: to the log, or into the file.
    var writeFailure: StoreError? { monitor.locked { logFailure ?? failure } }

    // MARK: The writer's side

    /// Shows the writer a commit that is not durable yet, with which the active overlay has so much of
    /// its bound.
    func append(_ layers: Layers, fill: Double) {
        monitor.locked {
            precondition(appended == nil, "One commit is on its way to the disk at a time.")
            appended = (layers, makeOverlay(layers))
            activeFill = fill
        }
    }

    /// Shows everybody the commit that was appended: it is durable.
    func show() {
        monitor.locked {
            guard let shown = appended else { return }
            active = shown.layers
            overlay = shown.overlay
            appended = nil
            if isShowAwaited { monitor.wakeAll() }
        }
    }

    /// Waits until everything in the log is durable.
    func waitUntilShown() throws(StoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        isShowAwaited = true
        defer { isShowAwaited = false }
        while appended != nil, logFailure == nil { monitor.wait() }
        if let logFailure { throw logFailure }
    }

    /// Nobody knows what is on the disk.
    func logFailed(_ error: StoreError) {
        monitor.locked {
            logFailure = logFailure ?? error
            monitor.wakeAll()
        }
    }

    var isFlushing: Bool { monitor.locked { isBusy || frozen != nil } }

    /// Waits until nothing is on its way into the file.
    func waitForFlush() throws(StoreError) {
        monitor.lock()
        defer { monitor.unlock() }
        isAwaited = true
        defer { isAwaited = false }
        monitor.wakeAll()
        while isBusy || frozen != nil, failure == nil { monitor.wait() }
        if let failure { throw failure }
    }

    /// Hands what is active to the flusher, which is at rest.
    func freeze(_ generation: Frozen) {
        monitor.locked {
            precondition(frozen == nil, "One generation is flushed at a time.")
            precondition(appended == nil, "What is flushed is durable.")
            frozen = generation
            active = Layers()
            activeFill = 0
            renew()
            monitor.wakeAll()
        }
    }

    // MARK: The flusher's side

    /// What the flusher is to do next.
    enum FlusherTask {
        case flush(Frozen)
        /// Nothing has come.
        case nothing
        /// The store is closed.
        case end
    }

    /// Waits for frozen layers for so long; without end once the store is broken.
    func nextToFlush(within milliseconds: Int) -> FlusherTask {
        monitor.lock()
        defer { monitor.unlock() }
        if frozen == nil, failure == nil, !isStopping { monitor.wait(milliseconds: milliseconds) }
        while failure != nil, !isStopping { monitor.wait() }
        if isStopping { return .end }
        guard let frozen else { return .nothing }
        isBusy = true
        return .flush(frozen)
    }

    /// Shows the frozen layers with fewer runs.
    func replaceFrozen(_ layers: Layers) {
        monitor.locked {
            frozen?.layers = layers
            renew()
        }
    }

    /// How fast a flush is to go on that should have come this far when the active overlay is at `fill`,
    /// and is ahead where that is less by `lead`.
    func pace(_ fill: Double, lead: Double) -> FlushPace {
        monitor.locked {
            if isAwaited || isStopping { return .awaited }
            // Another flush waits for what is done between two.
            if frozen != nil, !isBusy { return .behind }
            if activeFill > fill { return .behind }
            return activeFill > fill - lead ? .steady : .ahead
        }
    }

    /// Lets the disk do other things, unless somebody waits for the flush.
    func rest(milliseconds: Int) {
        monitor.locked {
            if !isAwaited, !isStopping { monitor.wait(milliseconds: milliseconds) }
        }
    }

    /// Shows the files that rows refer to, before the rows are there.
    func show(_ files: ValueFileSet) {
        monitor.locked {
            self.files = files
            renew()
        }
    }

    /// Part of what is frozen is in the file, whose rows refer to these files only: readers that pin it anew let the WAL be written back.
    func flushedPart(_ files: ValueFileSet) {
        monitor.locked {
            self.files = files
            raise()
        }
        releaseIdleReaders()
    }

    /// Everything frozen is in the file.
    func flushed(_ files: ValueFileSet) {
        monitor.locked {
            frozen = nil
            self.files = files
            raise()
        }
        releaseIdleReaders()
    }

    /// The flusher has let go of what it flushed: its log can be used again.
    func rested() {
        monitor.locked {
            isBusy = false
            monitor.wakeAll()
        }
    }

    func flushFailed(_ error: StoreError) {
        monitor.locked {
            failure = error
            monitor.wakeAll()
        }
    }

    func stop() {
        monitor.locked {
            isStopping = true
            monitor.wakeAll()
        }
    }

    /// All of the WAL is in the file.
    func checkpointed() {
        monitor.locked { raise() }
        releaseIdleReaders()
    }

    // MARK: Readers

    func register(_ reader: SQLiteReader) {
        monitor.locked {
            readers.removeAll { $0.reader == nil }
            readers.append(WeakReader(reader: reader))
        }
    }

    /// Ends the snapshots of readers that are at rest; the others see to it themselves.
    private func releaseIdleReaders() {
        let readers = monitor.locked { self.readers.compactMap(\.reader) }
        for reader in readers { reader.releaseIfIdle() }
    }

    private func raise() {
        state.store(state.load(ordering: .relaxed) + 1, ordering: .releasing)
        renew()
    }

    private func renew() {
        overlay = makeOverlay(active)
        if let layers = appended?.layers { appended = (layers, makeOverlay(layers)) }
    }

    private func makeOverlay(_ active: Layers) -> Overlay {
        Overlay(
            active: active,
            frozen: frozen,
            files: files,
            fileState: state.load(ordering: .relaxed),
        )
    }
}
