import Engine
import Glibc

/// How fast a flush has to go.
enum FlushPace {
    /// Somebody waits for its end.
    case awaited
    /// The next overlay may be full before it is done.
    case behind
    case steady
    /// There is time.
    case ahead
}

/// The thread that brings SQLite's file up to the log.
///
/// The writer freezes the overlay's layers when they are large or old enough and goes on in a new
/// log; this thread writes the frozen ones to the file in key order, part by part (`FlushParts`),
/// the last in one transaction with the old log's number, and only then retires the log and shows
/// the overlay without them.
///
/// It goes about as fast as the next overlay fills (`FlushPace`): between two parts it rests, unless it is
/// behind, so that the disk has time for the log's syncs.
///
/// A failed flush loses nothing, since the log is there, but the store is broken: it takes no more
/// commits, and a new start replays the log.
///
/// `@unchecked Sendable`: `file` is the thread's own while it runs.
final class Flusher: @unchecked Sendable {
    /// Pages in the WAL from which the flusher writes them back itself: the checkpoint thread
    /// never sees the end of a WAL that is always being written.
    private static let framesMax = 16_000

    /// The shares of the overlay's bound that a part has.
    ///
    /// The log's own syncs wait for a part's: with 64 KiB of items on some hundred pages that takes 1 to
    /// 4 ms, with eight times as much it took 14 to 40.
    private static func partsPerOverlay(_ pace: FlushPace) -> Int {
        switch pace {
        case .awaited: 8
        case .behind: 64
        case .steady, .ahead: 1_024
        }
    }
    /// The flush is to be done when the next overlay has this share of its bound.
    private static let fillWhenDone = 0.5
    /// It is ahead when the next overlay has so much less.
    private static let lead = 0.1

    /// How long it rests after a part.
    private static func restMilliseconds(_ pace: FlushPace) -> Int {
        switch pace {
        case .awaited, .behind: 0
        case .steady: 5
        case .ahead: 20
        }
    }

    private let bounds: StoreBounds
    private let state: StoreState
    private let file: FileWriter
    private let log: WriteAheadLog
    private let beforePart: (@Sendable () throws(StoreError) -> Void)?
    private var thread: pthread_t?

    init(
        bounds: StoreBounds,
        state: StoreState,
        file: FileWriter,
        log: WriteAheadLog,
        beforePart: (@Sendable () throws(StoreError) -> Void)?,
    ) {
        self.bounds = bounds
        self.state = state
        self.file = file
        self.log = log
        self.beforePart = beforePart
    }

    func start() throws(StoreError) {
        thread = try StoreThread.start("the flusher") { self.run() }
    }

    /// Finishes the flush that is under way, if any, and ends the thread.
    func stop() {
        guard let thread else { return }
        state.stop()
        pthread_join(thread, nil)
        self.thread = nil
    }

    private func run() {
        while flushNext() { state.rested() }
    }

    /// - Returns: false when the store is closed.
    private func flushNext() -> Bool {
        guard let frozen = state.nextToFlush() else { return false }
        do throws(StoreError) {
            try flush(frozen)
        } catch {
            state.flushFailed(error)
        }
        return true
    }

    private func flush(_ frozen: StoreState.Frozen) throws(StoreError) {
        let layers = frozen.layers.flattened()
        state.replaceFrozen(layers)
        try write(FlushParts(layers, apartBytesMin: bounds.valueBytesMin), through: frozen.logs)
        for log in frozen.logs { log.retire() }
        state.flushed(file.values)
        guard log.frames >= Self.framesMax else { return }
        if try file.checkpoint().isWhole { state.checkpointed() }
    }

    private func write(_ parts: FlushParts, through logs: [LogFile]) throws(StoreError) {
        var parts = parts
        // What is old is to be in the file, however little comes.
        var restsLeft = bounds.overlayMilliseconds / 2
        while true {
            if let beforePart { try beforePart() }
            let pace = state.pace(parts.fraction * Self.fillWhenDone, lead: Self.lead)
            let cost = max(1, bounds.overlayBytesMax / Self.partsPerOverlay(pace))
            let part = parts.next(cost: cost)
            try file.write(part, completing: parts.isAtEnd ? logs.last?.number : nil)
            for log in logs { log.forgetPages() }
            guard !parts.isAtEnd else { return }
            state.flushedPart(file.values)
            // Spread over all that is left, or its last part would come in one go.
            let share = Int(Double(restsLeft) / parts.left(cost: cost))
            let rest = min(Self.restMilliseconds(pace), share)
            guard rest > 0 else { continue }
            restsLeft -= rest
            state.rest(milliseconds: rest)
        }
    }
}
