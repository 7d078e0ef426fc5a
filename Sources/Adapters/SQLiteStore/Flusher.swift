import CSQLite
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
/// the overlay without them. Parts go to SQLite's WAL (`PageLog`), and are sent to the disk and not waited for but for the
/// last, which is synced with all before. From there they go to the file many at a time
/// (`WriteBack`): when the WAL has so many pages, and at the end.
///
/// It goes about as fast as the next overlay fills (`FlushPace`): between two parts it rests, unless it is
/// behind, so that the disk has time for the log's syncs.
///
/// A failed flush loses nothing, since the log is there, but the store is broken: it takes no more
/// commits, and a new start replays the log. So it is when pages cannot be written back, other than for want
/// of space: nobody knows what a disk has kept that failed to sync.
///
/// `@unchecked Sendable`: what changes is the thread's own while it runs.
final class Flusher: @unchecked Sendable {
    /// The shares of the overlay's bound that a part has.
    ///
    /// After each, readers take another snapshot, and the pages that all parts change go to the page log anew: with parts of
    /// 64 KiB in place of 256 a put to 5,000,000 items took 3 µs more.
    private static func partsPerOverlay(_ pace: FlushPace) -> Int {
        switch pace {
        case .awaited: 8
        case .behind, .steady, .ahead: 256
        }
    }
    /// The flush is to be done when the next overlay has this share of its bound: over more time it
    /// holds up less, and the rest is for what comes in the way.
    private static let fillWhenDone = 0.8
    /// It is ahead when the next overlay has so much less.
    private static let lead = 0.1

    /// How long it rests after a part, or a piece of what is written back.
    private static func restMilliseconds(_ pace: FlushPace) -> Int {
        switch pace {
        case .awaited, .behind: 0
        case .steady: 5
        case .ahead: 20
        }
    }

    /// Where readers were in the way of pages that were to be written back, it is tried again so often at
    /// once, after such a rest, and later when nothing else is to do.
    private static let writeBacksMax = 3
    private static let readersMilliseconds = 2
    /// How often it looks whether something was left, when nothing is to do.
    private static let idleMilliseconds = 250
    /// Pages that cannot be written back are tried again after one such time, two, four and so on.
    private static let wakesBetweenMax = 32

    private let bounds: StoreBounds
    private let state: StoreState
    private let file: FileWriter
    private let left: LeftFiles
    private let beforePart: (@Sendable () throws(StoreError) -> Void)?
    private var thread: pthread_t?
    private let hurry = HurryThread()
    /// How many pages were in the WAL when some could not be written back last; 0 where all were.
    private var pagesLeft = 0
    /// In how many idle times they are tried again, and how many there were before.
    private var wakesToNext = 0
    private var wakesBetween = 1

    init(
        bounds: StoreBounds,
        state: StoreState,
        file: FileWriter,
        left: LeftFiles,
        beforePart: (@Sendable () throws(StoreError) -> Void)?,
    ) {
        self.bounds = bounds
        self.state = state
        self.file = file
        self.left = left
        self.beforePart = beforePart
    }

    func start() throws(StoreError) {
        try hurry.start()
        thread = try StoreThread.start("the flusher") { self.run() }
    }

    /// Finishes the flush that is under way, if any, and ends the thread.
    func stop() {
        // A start may have come no further than that.
        defer { hurry.stop() }
        guard let thread else { return }
        state.stop()
        pthread_join(thread, nil)
        self.thread = nil
    }

    private func run() {
        while doNext() { state.rested() }
    }

    /// - Returns: false when the store is closed.
    private func doNext() -> Bool {
        do throws(StoreError) {
            guard let stretch = try flushNext() else { return false }
            // Logs among them that were let go of with what was flushed.
            left.takeAway()
            if !stretch.isEmpty || isWriteBackDue { try writeBack(stretch) }
        } catch {
            state.flushFailed(error)
        }
        return true
    }

    /// Flushes what is frozen, or finds after a while that nothing is.
    /// - Returns: of which stretch the pages are to be written back; nil when the store is closed.
    private func flushNext() throws(StoreError) -> Range<Double>? {
        switch state.nextToFlush(within: Self.idleMilliseconds) {
        case .flush(let frozen): try flush(frozen)..<1
        case .nothing: 1..<1
        case .end: nil
        }
    }

    /// - Returns: of which share the pages were written back.
    private func flush(_ frozen: StoreState.Frozen) throws(StoreError) -> Double {
        let layers = frozen.layers.flattened()
        state.replaceFrozen(layers)
        var parts = FlushParts(layers, apartBytesMin: bounds.valueBytesMin)
        let written = try write(&parts, through: frozen.logs)
        for log in frozen.logs { log.retire() }
        state.flushed(file.values)
        return written
    }

    private func write(
        _ parts: inout FlushParts,
        through logs: [LogFile],
    ) throws(StoreError) -> Double {
        // What is old is to be in the file, however little comes.
        var restsLeft = bounds.overlayMilliseconds / 2
        var written = 0.0
        while true {
            if let beforePart { try beforePart() }
            let pace = pace(written..<parts.fraction, written: 0)
            let cost = max(1, bounds.overlayBytesMax / Self.partsPerOverlay(pace))
            let part = parts.next(cost: cost)
            let number = parts.isAtEnd ? logs.last?.number : nil
            try run(at: pace) { () throws(StoreError) in try file.write(part, completing: number) }
            guard !parts.isAtEnd else { return written }
            state.flushedPart(file.values)
            if file.pagesToWriteBack >= pagesLeft + file.writeBackPages {
                try writeBack(written..<parts.fraction)
                written = parts.fraction
            }
            // Spread over all that is left, or its last part would come in one go.
            let share = Int(Double(restsLeft) / parts.left(cost: cost))
            let rest = min(Self.restMilliseconds(pace), share)
            guard rest > 0 else { continue }
            restsLeft -= rest
            state.rest(milliseconds: rest)
        }
    }

    /// Writes pages back from the WAL, to which such a stretch of the flush has gone.
    ///
    /// Then readers are made to read from the file, and the WAL starts over with the next part.
    private func writeBack(_ stretch: Range<Double>) throws(StoreError) {
        for attempt in 1...Self.writeBacksMax {
            if try writeBackOnce(stretch) {
                (pagesLeft, wakesToNext, wakesBetween) = (0, 0, 1)
                return state.checkpointed()
            }
            if attempt < Self.writeBacksMax { state.rest(milliseconds: Self.readersMilliseconds) }
        }
        // To look at them again, SQLite puts all that are in the WAL in order.
        pagesLeft = file.pagesToWriteBack
        wakesBetween = min(2 * wakesBetween, Self.wakesBetweenMax)
        wakesToNext = wakesBetween
    }

    /// - Returns: whether all pages are in the file.
    private func writeBackOnce(_ stretch: Range<Double>) throws(StoreError) -> Bool {
        let pages = max(1, file.pagesToWriteBack)
        let pieces = 1 + pages / WriteBack.pagesPerPiece
        let restMax = bounds.overlayMilliseconds / 4 / pieces
        do throws(StoreError) {
            return try run(at: pace(stretch, written: 0)) { () throws(StoreError) in
                try file.writeBack { [self] written in
                    let share = min(1, Double(written) / Double(pages))
                    let rest = Self.restMilliseconds(pace(stretch, written: share))
                    if rest > 0, restMax > 0 { state.rest(milliseconds: min(rest, restMax)) }
                }
            }
        } catch  where error.code & 0xFF == Int(SQLITE_FULL) {
            // The WAL has them still, and as long as it has room the store goes on.
            return false
        }
    }

    /// Does something on this thread, which has stepped back, or on one that has not where it is urgent.
    ///
    /// That is asked once: what is written back stays to its end on the thread where it began.
    private func run<Result>(
        at pace: FlushPace,
        _ body: () throws(StoreError) -> Result,
    ) throws(StoreError) -> Result {
        switch pace {
        case .awaited, .behind: try hurry.run(body)
        case .steady, .ahead: try body()
        }
    }

    /// Whether pages that were left in the WAL are to be tried again, now that nothing else is to do.
    private var isWriteBackDue: Bool {
        guard file.pagesToWriteBack > 0 || pagesLeft > 0 else { return false }
        wakesToNext -= 1
        return wakesToNext <= 0
    }

    /// How fast to go on when all of the flush before a stretch is done, and the stretch is in the WAL, with
    /// such a share of it written back.
    private func pace(_ stretch: Range<Double>, written: Double) -> FlushPace {
        let width = stretch.upperBound - stretch.lowerBound
        let done = stretch.lowerBound + width * (1 + written) / 2
        return state.pace(done * Self.fillWhenDone, lead: Self.lead)
    }
}
