import CSQLite
import Engine

/// Pages on their way back from SQLite's WAL to its file, in the order in which they lie there.
///
/// Problem: the pages that a flush of random keys changes lie all over the file. What a disk can do of
/// such writes depends on how near they are to each other: of a file of 4 GB it took 9,000 pages a second
/// where each thousand was in order, 22,000 where each twenty thousand was, even if it was made to finish each
/// fifty (Benchmarks, "pages in order"). And what is on its way there holds up the syncs of the log.
///
/// Idea: many pages are written back at a time (`StoreBounds.writeBackPages`), which SQLite puts in order; but
/// each small piece of them is sent to the disk by itself, and two are on their way at most. Between two
/// pieces there may be a rest.
///
/// Nothing depends on when a piece is with the disk: SQLite syncs the file before it takes the whole WAL for
/// written back, and starts it over only then.
///
/// To be used by one thread at a time.
final class WriteBack {
    /// What a sync of the log may find on its way to the disk, twice: one or two milliseconds.
    private static let pieceBytes = 96 << 10
    private static let kernelPageBytes = 4_096
    static let pagesPerPiece = pieceBytes / Keyspaces.pageBytes

    private let map: FileMap
    private let log: PageLog
    /// Where the pages lie that were written since the last piece; nil for none.
    private var piece: Range<Int>?
    private var pieceBytes = 0
    /// The last page of the kernel's of which something was written.
    private var pageLast = -1
    /// The piece that is on its way.
    private var sent: Range<Int>?
    private var pages = 0
    private var rest: ((_ pages: Int) -> Void)?

    init(_ map: FileMap, _ log: PageLog) {
        self.map = map
        self.log = log
    }

    /// Writes back what no reader stands in the way of, over a connection that has this in its methods.
    ///
    /// `rest` is called between two pieces, with how many pages were written so far.
    func run(
        on connection: Connection,
        rest: @escaping (_ pages: Int) -> Void,
    ) throws(StoreError) -> CheckpointCounts {
        self.rest = rest
        let file = MethodTable<Int>.file(SQLITE_FCNTL_JOURNAL_POINTER, of: connection.handle)
        log.beginWritingBack(over: file.map { UnsafeMutableRawPointer($0) })
        defer {
            log.endWritingBack()
            self.rest = nil
            (piece, pieceBytes, pageLast, sent, pages) = (nil, 0, -1, nil, 0)
        }
        return try connection.checkpoint()
    }

    /// Takes note of bytes that were written to the file.
    func wrote(_ bytes: Range<Int>) {
        guard rest != nil else { return }
        // The disk gets whole pages of the kernel's, each once: what is written comes in order.
        let last = (bytes.upperBound - 1) / Self.kernelPageBytes
        let first = max(bytes.lowerBound / Self.kernelPageBytes, pageLast + 1)
        pieceBytes += max(0, last - first + 1) * Self.kernelPageBytes
        pageLast = last
        let bounds = piece ?? bytes
        piece = min(bounds.lowerBound, bytes.lowerBound)..<max(bounds.upperBound, bytes.upperBound)
    }

    /// Takes note that all of a page was written that is to be.
    func wrotePage() {
        guard let rest else { return }
        pages += 1
        guard pieceBytes >= Self.pieceBytes, let piece else { return }
        map.beginWriting(piece)
        if let sent { map.awaitWritten(sent) }
        (self.piece, pieceBytes, sent) = (nil, 0, piece)
        rest(pages)
    }
}

/// How far a checkpoint came.
struct CheckpointCounts {
    /// Pages in the WAL, and how many of them are in the file; -1 where nobody could look.
    let frames: Int
    let written: Int

    var isWhole: Bool { written >= 0 && frames == written }
}

extension Connection {
    /// Writes pages back from the WAL to the file, as far as nobody is in the way.
    ///
    /// SQLite up to 3.51.2 loses pages where a commit of another connection starts the WAL over meanwhile
    /// (https://www.sqlite.org/wal.html#walresetbug): it is for the connection that commits, which is one.
    func checkpoint() throws(StoreError) -> CheckpointCounts {
        var frames: Int32 = 0
        var written: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(
            handle,
            nil,
            SQLITE_CHECKPOINT_PASSIVE,
            &frames,
            &written,
        )
        // Busy: a reader begins or ends. The next call finds what is left.
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else {
            throw failure(code, attempt: "checkpoint")
        }
        let isBusy = code != SQLITE_OK
        return CheckpointCounts(frames: Int(frames), written: isBusy ? -1 : Int(written))
    }
}
